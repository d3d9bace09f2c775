//! Who asked: a person, or the service itself because of an earlier request.

use serde::{Deserialize, Serialize};

use super::{
    RequestId, Risk,
    person::{Party, Person},
};

/// Who asked for a request. The service asks and never decides: decisions take a [`Person`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Actor {
    Person(Party),
    Service(Service),
}

/// The service as whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The request that scheduled this one.
    pub because: RequestId,
    /// Its number for people.
    pub number: i64,
    /// The Slack account that asked for that one, which hears of this one's outcome.
    pub told: String,
}

/// The name of the service where a Slack account would stand.
pub const SERVICE: &str = "countersign";

impl Service {
    /// Whether the service may ask for an operation of this risk. What needs an approval, it may not.
    #[must_use]
    pub fn may_ask(risk: Risk) -> bool {
        !risk.is_gated()
    }
}

impl Actor {
    /// The person; `None` for the service.
    #[must_use]
    pub fn person(&self) -> Option<&Party> {
        match self {
            Self::Person(party) => Some(party),
            Self::Service(_) => None,
        }
    }

    /// The Slack account of the person, or the name of the service.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(party) => &party.slack_id,
            Self::Service(_) => SERVICE,
        }
    }

    /// The Slack account that hears of the outcome.
    #[must_use]
    pub fn told(&self) -> &str {
        match self {
            Self::Person(party) => &party.slack_id,
            Self::Service(service) => &service.told,
        }
    }

    /// Whether it is this human under any name.
    #[must_use]
    pub fn is(&self, person: &Person) -> bool {
        self.person()
            .is_some_and(|party| person.is_same_human(party))
    }

    /// Whether this person may act in its place.
    #[must_use]
    pub fn lets_act(&self, person: &Person) -> bool {
        self.person().is_some_and(|party| person.may_act_as(party))
    }

    /// Whether any of these identities is one of it.
    #[must_use]
    pub fn has_any(&self, identities: &std::collections::BTreeSet<String>) -> bool {
        self.person()
            .is_some_and(|party| !party.identities.is_disjoint(identities))
    }
}

impl From<Party> for Actor {
    fn from(party: Party) -> Self {
        Self::Person(party)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_person_is_written_as_before_there_was_the_service() {
        let party = Party {
            slack_id: "U0ADA".to_owned(),
            identities: BTreeSet::from(["slack:U0ADA".to_owned()]),
        };
        let written = serde_json::to_value(Actor::from(party.clone())).unwrap();
        assert_eq!(written, serde_json::to_value(&party).unwrap());
        assert_eq!(
            serde_json::from_value::<Actor>(written).unwrap(),
            Actor::Person(party)
        );
    }

    #[test]
    fn the_service_is_read_back_and_is_nobody() {
        let service = Actor::Service(Service {
            because: RequestId(Uuid::from_u128(7)),
            number: 1042,
            told: "U0ADA".to_owned(),
        });
        let written = serde_json::to_value(&service).unwrap();
        assert_eq!(serde_json::from_value::<Actor>(written).unwrap(), service);
        assert_eq!(service.person(), None);
        assert!(!service.has_any(&BTreeSet::from(["slack:U0ADA".to_owned()])));
    }

    #[test]
    fn the_service_asks_for_nothing_that_needs_an_approval() {
        assert!(Service::may_ask(Risk::Read) && Service::may_ask(Risk::Change));
        assert!(!Service::may_ask(Risk::Sensitive) && !Service::may_ask(Risk::Destructive));
    }
}

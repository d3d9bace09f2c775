//! What `ip ban`, `ip unban` and `ip list` share: the network, how plans name it, and how a rule of ours is recognised.
//!
//! An address may be a person's. It stands in the private arguments and terms, in the answer to whoever asked and in Vercel's
//! firewall; the journal holds a salted commitment to it.

use std::collections::BTreeMap;

use ipnet::IpNet;
use uuid::Uuid;

use super::{Argument, PlanContext, PlanError, Proposal, StepContext, StepError, Takes};
use crate::{
    domain::{
        Instant,
        plan::{Impact, Plan},
        request,
    },
    network,
    systems::vercel::IpRule,
};

/// The step of a ban that makes the rule.
pub(super) const DENY: &str = "deny";
/// What lifts a ban, as people type it.
pub(super) const UNBAN: &str = "ip unban";
/// The argument.
pub(super) const NETWORK: &str = "network";
/// How our notes begin.
const MARK: &str = "Countersign";
/// What stands in a note for a ban that a person has to lift.
const NO_END: &str = "lifted";

/// The argument of both commands.
pub(super) const ARGUMENT: Argument = Argument::required(
    NETWORK,
    "Address or network",
    "An IPv4 or IPv6 address, or a network of at most /24 (IPv6: /48).",
    Takes::Network,
)
.shown_as("address or network");

/// The network that is asked about.
pub(super) fn asked(context: &PlanContext<'_>) -> Result<IpNet, PlanError> {
    let typed = context.argument(NETWORK);
    network::parse(typed)
        .ok_or_else(|| PlanError::Refused(vec!["the address is not on record any more".to_owned()]))
}

/// The network that the approved plan is about.
pub(super) fn approved(context: &StepContext<'_>) -> Result<IpNet, StepError> {
    let network = network::parse(context.private_term(NETWORK)?);
    network.ok_or_else(|| StepError::Failed("the approved address cannot be read".to_owned()))
}

/// The plan about a network, which stands beside the chain.
pub(super) fn proposal(plan: Plan, network: &IpNet) -> Proposal {
    Proposal {
        private_terms: BTreeMap::from([(NETWORK.to_owned(), network::written(network))]),
        ..plan.into()
    }
}

/// What a plan about a network says first.
pub(super) fn describe(plan: &mut Plan, network: &IpNet, now: &str, then: &str) {
    plan.impact = vec![
        Impact::fact("size", &network::size(network)),
        Impact::Value {
            name: "requests from it".to_owned(),
            before: now.to_owned(),
            after: then.to_owned(),
        },
    ];
}

/// What the note of a rule of ours says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The request that made it.
    pub(super) request: Uuid,
    /// Its number for people.
    pub(super) number: i64,
    /// Until when it holds; `None`: until somebody lifts it.
    pub(super) until: Option<Instant>,
}

impl Mark {
    pub(super) fn note(&self) -> String {
        let until = self.until.map_or_else(
            || NO_END.to_owned(),
            |until| until.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
        let label = request::label(self.number);
        format!("{MARK} {label} until {until} request {}", self.request)
    }

    /// Of a rule; `None` for one that Countersign did not make.
    pub(super) fn of(rule: &IpRule) -> Option<Self> {
        let words: Vec<&str> = rule.notes.split(' ').collect();
        let [MARK, label, "until", until, "request", request] = words[..] else {
            return None;
        };
        let until = match until {
            NO_END => None,
            time => Some(chrono::DateTime::parse_from_rfc3339(time).ok()?.to_utc()),
        };
        Some(Self {
            request: request.parse().ok()?,
            number: label.strip_prefix("OPS-")?.parse().ok()?,
            until,
        })
    }

    /// The request's label.
    pub(super) fn label(&self) -> String {
        request::label(self.number)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::systems::vercel::RuleAction;

    fn rule(notes: &str) -> IpRule {
        IpRule {
            id: "ip_1".to_owned(),
            ip: "8.8.4.4".to_owned(),
            hostname: "*".to_owned(),
            action: RuleAction::Deny,
            notes: notes.to_owned(),
        }
    }

    #[test]
    fn a_note_says_who_made_the_rule_and_until_when() {
        for until in [None, Utc.with_ymd_and_hms(2026, 12, 2, 6, 14, 0).single()] {
            let mark = Mark {
                request: Uuid::from_u128(7),
                number: 1042,
                until,
            };
            assert_eq!(Mark::of(&rule(&mark.note())), Some(mark));
        }
    }

    #[test]
    fn notes_of_others_are_not_ours() {
        for notes in [
            "",
            "blocked by Maria",
            "Countersign",
            "Countersign OPS-1 until lifted request none",
        ] {
            assert_eq!(Mark::of(&rule(notes)), None, "{notes}");
        }
    }
}

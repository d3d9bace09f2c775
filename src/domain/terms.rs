//! What a plan's steps are carried out from: typed facts, under the plan's digest. Nothing is read back from texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::digest::Commitment;

/// The terms of one plan. Each operation has a type of its own for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The facts that may stand in the journal: ids, amounts, choices.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    public: Map<String, Value>,
    /// Salted commitments to those that name people (an IP address, a name). The texts live beside the chain.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    private: BTreeMap<String, Commitment>,
}

impl Terms {
    /// The public terms of an operation. A type that is not written as a JSON object gives none, and then no step finds its
    /// terms.
    #[must_use]
    pub fn of<T: Serialize>(terms: &T) -> Self {
        let public = match serde_json::to_value(terms) {
            Ok(Value::Object(public)) => public,
            _ => Map::new(),
        };
        Self {
            public,
            private: BTreeMap::new(),
        }
    }

    /// The public terms as the operation's type; `None` when they are not of that type.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_value(Value::Object(self.public.clone())).ok()
    }

    /// A public term that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.public.get(name)?.as_str()
    }

    /// Whether a plan has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.public.is_empty() && self.private.is_empty()
    }

    /// Adds what commits to a private term.
    pub fn commit(&mut self, name: String, commitment: Commitment) {
        self.private.insert(name, commitment);
    }

    /// The commitment to a private term.
    #[must_use]
    pub fn private(&self, name: &str) -> Option<&Commitment> {
        self.private.get(name)
    }

    /// All commitments to private terms.
    pub fn commitments(&self) -> impl Iterator<Item = &Commitment> {
        self.private.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Switch {
        on: bool,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Amount {
        minor: i64,
    }

    #[test]
    fn terms_are_read_back_as_the_type_that_wrote_them_and_as_no_other() {
        let terms = Terms::of(&Switch { on: true });
        let stored = serde_json::to_string(&terms).unwrap();
        let read: Terms = serde_json::from_str(&stored).unwrap();
        assert_eq!(read.read(), Some(Switch { on: true }));
        assert_eq!(read.read::<Amount>(), None);
        assert_eq!(Terms::default().read::<Switch>(), None);
    }
}

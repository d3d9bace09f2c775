//! How an operation declares itself. Parser, help, modal and card follow from this.

use super::argument::Argument;
use crate::{
    audit_key::AuditKey,
    domain::{
        Actor, Event, Risk,
        digest::canonical_json,
        event::{Asked, Asking},
        private_data::{Kind, PrivateText},
    },
    journal::private_data,
    systems::Requirement,
};

/// What an operation is called, what it takes, and how much it can hurt.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// As people type it: `user delete`.
    pub name: &'static str,
    /// The heading of its cards: `Delete a user`.
    pub title: &'static str,
    /// One sentence for the help.
    pub summary: &'static str,
    /// How much it can hurt.
    pub risk: Risk,
    /// What it takes, in the order in which it is typed.
    pub arguments: &'static [Argument],
    /// What it needs: systems, and tables and columns of the app. Checked before every plan; help and doctor follow.
    pub requires: &'static [Requirement],
    /// True for what must work while everything is frozen.
    pub runs_when_frozen: bool,
    /// The headings of the runbook that it replaces, parted by `; `, or `The service itself`.
    pub runbook: &'static str,
    /// A line that works, for the help.
    pub example: &'static str,
    /// What it changes, in a sentence for the page of commands.
    pub changes: &'static str,
    /// How to undo it, in a sentence for the page of commands.
    pub undo: &'static str,
}

/// The name under which the reason is read from a modal and shown in the usage line.
pub const REASON: &str = "reason";

impl Declaration {
    /// [`Self::changes`] of what only reads.
    pub const NOTHING: &'static str = "Nothing.";
    /// [`Self::undo`] of what only reads.
    pub const NOTHING_TO_UNDO: &'static str = "There is nothing to undo.";

    /// True when a reason is required: for everything that changes something.
    #[must_use]
    pub fn needs_reason(&self) -> bool {
        self.risk != Risk::Read
    }

    /// True for what a freeze holds: whatever changes something, but for what must work all the same.
    #[must_use]
    pub fn waits_when_frozen(&self) -> bool {
        self.risk != Risk::Read && !self.runs_when_frozen
    }

    /// `/ops user delete <user> <reason>`; what may be left out stands in brackets.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut usage = format!("/ops {}", self.name);
        for argument in self.arguments {
            usage.push(' ');
            usage.push_str(&argument.usage());
        }
        if self.needs_reason() {
            usage.push_str(" <reason>");
        }
        usage
    }

    /// The keyed hash by which the same question is known while it is open. The reason does not make it another one. What only
    /// reads answers each `person` who asks.
    #[must_use]
    pub fn fingerprint(&self, key: &AuditKey, asking: &Asking, person: Option<&str>) -> String {
        let who = person.filter(|_| self.risk == Risk::Read);
        key.fingerprint(&(self.name, &asking.arguments, who))
    }

    /// The event that opens a request, and the text beside the chain that it commits to.
    #[must_use]
    pub fn asked(
        &self,
        number: i64,
        by: Actor,
        asking: &Asking,
        fingerprint: String,
    ) -> (Event, PrivateText) {
        let text = private_data::new(Kind::Asking, canonical_json(asking));
        let asked = Event::Asked(Asked {
            number,
            operation: self.name.to_owned(),
            risk: self.risk,
            by,
            arguments: text.commitment(),
            fingerprint,
        });
        (asked, text)
    }
}

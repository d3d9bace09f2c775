//! What a plan would change, counted.

use serde::{Deserialize, Serialize};

/// One thing that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Impact {
    /// Rows of one table.
    Rows {
        /// `"schema"."table"` as people write it.
        table: String,
        /// What happens to them.
        action: RowAction,
        /// How many, exactly.
        rows: u64,
        /// How they were found and why they go.
        because: String,
    },
    /// Objects of one bucket.
    Objects {
        /// Where they were found: the prefix and the columns. Two plans are compared by it.
        place: String,
        /// Keys.
        objects: u64,
        /// Versions of these keys, current ones included.
        versions: u64,
        delete_markers: u64,
        /// Bytes of all versions.
        bytes: u64,
    },
    /// Money that moves, or that is left after it has moved.
    Money {
        /// What it is: `refunded of pi_1`.
        what: String,
        /// How much, in the currency's smallest unit.
        minor: i64,
        /// The ISO 4217 code in lower case.
        currency: String,
        /// How much it was before, when it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<i64>,
    },
    /// The credits of an account of the app. They move while the account is used, so plans are not compared by them.
    Credits {
        /// What people read before the number.
        name: String,
        /// How many there are now.
        before: i64,
        /// How many there are afterwards.
        after: i64,
    },
    /// People whom it affects.
    People {
        /// In which way: `signed out`.
        what: String,
        count: u64,
    },
    /// A change of one value, for people: what is set stands in the plan's terms. Where before and after are the same it
    /// is a fact that the approver should know.
    Value {
        /// What changes: `role`.
        name: String,
        /// The value now.
        before: String,
        /// The value afterwards.
        after: String,
    },
}

/// What happens to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowAction {
    /// They go.
    Deleted,
    /// They stay, without what tells whose they were.
    Anonymised,
    /// They stay, with the link to the account cut.
    Unlinked,
    /// They are handed out and stay as they are.
    Exported,
}

impl RowAction {
    /// The word that people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Anonymised => "anonymised",
            Self::Unlinked => "unlinked",
            Self::Exported => "exported",
        }
    }
}

impl Impact {
    /// What does not change and belongs to the decision: `mode`, `live`.
    #[must_use]
    pub fn fact(name: &str, value: &str) -> Self {
        Self::Value {
            name: name.to_owned(),
            before: value.to_owned(),
            after: value.to_owned(),
        }
    }

    /// Whether it is handed out.
    #[must_use]
    pub fn is_handed_out(&self) -> bool {
        matches!(
            self,
            Self::Rows {
                action: RowAction::Exported,
                ..
            }
        )
    }

    /// Whether it changes something, as far as that can be told without what stands beside it: files are deleted or handed
    /// out with the rows.
    #[must_use]
    pub fn is_change(&self) -> bool {
        match self {
            Self::Rows { action, .. } => *action != RowAction::Exported,
            Self::Objects { .. } => false,
            Self::Money { .. }
            | Self::Credits { .. }
            | Self::People { .. }
            | Self::Value { .. } => true,
        }
    }
}

//! What an operation would do, worked out before anybody approves it.
//!
//! A plan holds no personal data: subjects are named by the application's user id and a keyed hash of the
//! e-mail. What people read beside it (a masked e-mail) lives outside the chain, see the journal's private data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{digest::PlanDigest, policy::Risk};

/// What one request would do. Its digest is what an approval names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whom it concerns, when it concerns one person of the application.
    pub subject: Option<Subject>,
    /// The steps in the order in which they are carried out.
    pub steps: Vec<PlannedStep>,
    /// What would change, counted exactly.
    pub impact: Vec<Impact>,
    /// What stays, and why: kept by law, kept because another person needs it, out of reach.
    pub kept: Vec<Kept>,
    /// What the approver should know first.
    pub warnings: Vec<String>,
    /// What forbids the operation. A plan with blockers is refused.
    pub blockers: Vec<String>,
    /// What the approver has to type; `None` when a click is enough.
    pub confirm: Option<String>,
    /// True when the effects cannot be undone: the run waits for the cooling-off time.
    pub irreversible: bool,
    /// The risk of this very plan where it is higher than its operation's, as for a grant over the limit. It raises
    /// the request's risk and never lowers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// How a warning, or a refusal, begins that is about test payments alone: no real money moves. Cards put it first.
pub const TEST_MODE: &str = "Stripe TEST MODE";

/// The value of a plan that is an account's number of credits.
pub const CREDITS: &str = "credits";

/// The same in a plan that has a number of credits to take as well.
pub const BALANCE: &str = "credits of the account";

/// The action of rows that are handed out and stay as they are.
pub const EXPORTED: &str = "exported";

impl Plan {
    /// A plan of these steps that changes nothing yet: what it does is added.
    #[must_use]
    pub fn of_steps(steps: Vec<PlannedStep>) -> Self {
        Self {
            subject: None,
            steps,
            impact: vec![],
            kept: vec![],
            warnings: vec![],
            blockers: vec![],
            confirm: None,
            irreversible: false,
            risk: None,
        }
    }

    /// The digest of this plan.
    #[must_use]
    pub fn digest(&self) -> PlanDigest {
        PlanDigest::of(self)
    }

    /// Whether it hands something out and changes nothing.
    #[must_use]
    pub fn hands_out(&self) -> bool {
        let is_export =
            |impact: &Impact| matches!(impact, Impact::Rows { action, .. } if action == EXPORTED);
        let is_change = |impact: &Impact| match impact {
            Impact::Rows { action, .. } => action != EXPORTED,
            Impact::Objects { .. } => false,
            Impact::Value { .. } => true,
        };
        self.impact.iter().any(is_export) && !self.impact.iter().any(is_change)
    }

    /// Whether what it does at Stripe is done in test mode.
    #[must_use]
    pub fn is_test_mode(&self) -> bool {
        self.warnings.iter().any(|text| text.starts_with(TEST_MODE))
    }

    /// Whether it changes the number of credits of an account of the app.
    #[must_use]
    pub fn changes_credits(&self) -> bool {
        self.impact.iter().any(|impact| match impact {
            Impact::Value { name, .. } => matches!(name.as_str(), CREDITS | BALANCE),
            Impact::Rows { .. } | Impact::Objects { .. } => false,
        })
    }

    /// The ids of the steps of one phase, in order.
    pub fn steps_of(&self, phase: Phase) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(move |step| step.phase == phase)
    }
}

/// The person of the application whom a request concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The application's user id.
    pub user_id: String,
    /// The keyed e-mail identity, see [`super::person::email_identity`].
    pub email_identity: Option<String>,
}

/// When a step is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// At once after approval, undone when the request is stopped in its cooling-off time.
    Hold,
    /// After the cooling-off time.
    Main,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// The step's name within its operation: `rows`.
    pub id: String,
    /// What it does, for people.
    pub title: String,
    /// When it is carried out.
    pub phase: Phase,
    /// True when nothing takes it back: before it a run can still be called off, after it only finished.
    #[serde(default)]
    pub irreversible: bool,
}

impl PlannedStep {
    /// A step of the run that can be taken back by a person.
    #[must_use]
    pub fn new(id: &str, title: impl Into<String>) -> Self {
        Self {
            id: id.to_owned(),
            title: title.into(),
            phase: Phase::Main,
            irreversible: false,
        }
    }

    /// A step that nothing takes back.
    #[must_use]
    pub fn irreversible(id: &str, title: impl Into<String>) -> Self {
        Self {
            irreversible: true,
            ..Self::new(id, title)
        }
    }
}

/// One thing that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Impact {
    /// Rows of one table.
    Rows {
        /// `"schema"."table"` as people write it.
        table: String,
        /// What happens to them: `deleted`, `anonymised`, `unlinked`.
        action: String,
        /// How many, exactly.
        rows: u64,
        /// How they were found and why they go.
        because: String,
    },
    /// Objects of one bucket.
    Objects {
        /// Where they were found: the prefix or the column.
        place: String,
        /// Keys.
        objects: u64,
        /// Versions of these keys, current ones included.
        versions: u64,
        /// Delete markers.
        delete_markers: u64,
        /// Bytes of all versions.
        bytes: u64,
    },
    /// A change of one value: before and after. Where both are the same it is a fact that the approver should know.
    Value {
        /// What changes: `credits`, `role`.
        name: String,
        /// The value now.
        before: String,
        /// The value afterwards.
        after: String,
    },
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
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What stays, without a number: two plans are compared by it.
    pub what: String,
    /// How many of these, where it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Why, and until when if that is known.
    pub why: String,
}

impl fmt::Display for Kept {
    /// `3 rows of Payment`, `1 row of Payment`: what is counted is written `row(s) of Payment`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, ending) = (&self.what, if self.count == Some(1) { "" } else { "s" });
        match self.count {
            Some(count) => write!(f, "{count} {}", what.replacen("(s)", ending, 1)),
            None => f.write_str(what),
        }
    }
}

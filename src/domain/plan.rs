//! What an operation would do, worked out before anybody approves it.
//!
//! A plan holds no personal data: subjects are named by the application's user id and a keyed hash of the
//! e-mail. What people read beside it (a masked e-mail) lives outside the chain, see the journal's private data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{digest::PlanDigest, policy::Risk};
pub use super::{
    impact::{Impact, RowAction},
    terms::Terms,
};

/// What one request would do. Its digest is what an approval names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Whom it concerns, when it concerns one person of the application.
    pub subject: Option<Subject>,
    /// The facts from which the steps are carried out.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub terms: Terms,
    /// The steps in the order in which they are carried out.
    pub steps: Vec<PlannedStep>,
    /// What would change, counted exactly.
    pub impact: Vec<Impact>,
    /// What stays, and why: kept by law, kept because another person needs it, out of reach.
    pub kept: Vec<Kept>,
    /// What the approver should know first.
    pub warnings: Vec<Warning>,
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

/// What people read first of whatever is about test payments alone: no real money moves.
pub const TEST_MODE: &str = "Stripe TEST MODE";

/// The code of the warning that Stripe is used in test mode.
const IN_TEST_MODE: &str = "stripe_test_mode";

impl Plan {
    /// A plan of these steps that changes nothing yet: what it does is added.
    #[must_use]
    pub fn of_steps(steps: Vec<PlannedStep>) -> Self {
        Self {
            subject: None,
            terms: Terms::default(),
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

    #[must_use]
    pub fn digest(&self) -> PlanDigest {
        PlanDigest::of(self)
    }

    /// Whether it hands something out and changes nothing.
    #[must_use]
    pub fn hands_out(&self) -> bool {
        self.impact.iter().any(Impact::is_handed_out) && !self.impact.iter().any(Impact::is_change)
    }

    /// Whether what it does at Stripe is done in test mode.
    #[must_use]
    pub fn is_test_mode(&self) -> bool {
        self.warnings.iter().any(Warning::is_test_mode)
    }

    /// Whether it changes the number of credits of an account of the app.
    #[must_use]
    pub fn changes_credits(&self) -> bool {
        let is_credits = |impact: &Impact| matches!(impact, Impact::Credits { .. });
        self.impact.iter().any(is_credits)
    }

    /// Whether whoever asks has to see it before it is done: it warns, or it is about money or credits.
    #[must_use]
    pub fn calls_for_confirmation(&self) -> bool {
        let is_money = |impact: &Impact| matches!(impact, Impact::Money { .. });
        self.warnings.iter().any(|warning| !warning.told_only)
            || self.impact.iter().any(is_money)
            || self.changes_credits()
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
    /// The step's name within its request: `rows`, or `rows:usr_1` where several steps are of one kind.
    pub id: String,
    /// What is done, by the operation's own name for it: `rows`.
    pub kind: String,
    /// To what it is done, where a plan has several steps of one kind: a user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What it does, for people. Two plans are never compared by it.
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
    pub fn new(kind: &str, title: impl Into<String>) -> Self {
        Self {
            id: kind.to_owned(),
            kind: kind.to_owned(),
            target: None,
            title: title.into(),
            phase: Phase::Main,
            irreversible: false,
        }
    }

    /// The same for one of several targets: the step's id is `kind:target`.
    #[must_use]
    pub fn on(kind: &str, target: &str, title: impl Into<String>) -> Self {
        Self {
            id: format!("{kind}:{target}"),
            target: Some(target.to_owned()),
            ..Self::new(kind, title)
        }
    }

    /// A step that nothing takes back.
    #[must_use]
    pub fn irreversible(kind: &str, title: impl Into<String>) -> Self {
        Self {
            irreversible: true,
            ..Self::new(kind, title)
        }
    }

    /// Whether both do the same, in whatever words.
    #[must_use]
    pub fn is_same_work(&self, other: &Self) -> bool {
        let work = |step: &Self| {
            let Self {
                id,
                kind,
                target,
                title: _,
                phase,
                irreversible,
            } = step.clone();
            (id, kind, target, phase, irreversible)
        };
        work(self) == work(other)
    }
}

/// What the approver should know first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Which warning it is: a stable name of ours in `snake_case`.
    pub code: String,
    /// What it is about, where the same warning can be given about several things: a table, a column, an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The warning for people. Two plans are never compared by it.
    pub text: String,
    /// True when it is no reason to ask for a new approval that it is there now and was not before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_only: bool,
}

impl Warning {
    /// A warning that stands once in a plan.
    #[must_use]
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            about: None,
            text: text.into(),
            told_only: false,
        }
    }

    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }

    /// Without weight in the comparison of two plans.
    #[must_use]
    pub fn told_only(mut self) -> Self {
        self.told_only = true;
        self
    }

    /// The warning of an account's own plan within a plan for several accounts.
    #[must_use]
    pub fn of_account(self, user: &str) -> Self {
        Self {
            about: Some(of_account(user, self.about.as_deref())),
            text: format!("{user}: {}", self.text),
            ..self
        }
    }

    /// That Stripe is used in test mode. `more` ends the sentence.
    #[must_use]
    pub fn test_mode(more: &str) -> Self {
        Self::new(IN_TEST_MODE, format!("{TEST_MODE}: {more}"))
    }

    /// Whether it says that Stripe is used in test mode.
    #[must_use]
    pub fn is_test_mode(&self) -> bool {
        self.code == IN_TEST_MODE
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn of_account(user: &str, about: Option<&str>) -> String {
    match about {
        Some(about) => format!("{user}: {about}"),
        None => user.to_owned(),
    }
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What kind of thing it is: a stable name of ours in `snake_case`.
    pub kind: String,
    /// Of what, where a plan can have several of the kind: a table, a column, an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What stays, for people, without a number.
    pub what: String,
    /// How many of these, where it was counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Why, and until when if that is known. Two plans are never compared by it.
    pub why: String,
    /// True when the approval does not depend on it: nothing touches it, and the app makes and removes such all the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_only: bool,
}

impl Kept {
    /// Something that stays and was not counted.
    #[must_use]
    pub fn new(kind: &str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            about: None,
            what: what.into(),
            count: None,
            why: why.into(),
            told_only: false,
        }
    }

    /// Of what it is.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }

    /// How many of these stay.
    #[must_use]
    pub fn counted(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// What an account's own plan keeps, within a plan for several accounts.
    #[must_use]
    pub fn of_account(self, user: &str) -> Self {
        Self {
            about: Some(of_account(user, self.about.as_deref())),
            what: format!("{} of {user}", self.what),
            ..self
        }
    }
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

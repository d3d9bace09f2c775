//! One section of the review: a verdict of its own, and what it rests on.

use serde_json::Value;

use crate::{
    domain::answer::{Answer, Part},
    operations::StepError,
    systems::stripe::StripeError,
};

/// The HTTP status with which Stripe says that the key lacks a right.
const FORBIDDEN: u16 = 403;

/// What a section comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing to do.
    InOrder,
    /// Somebody should.
    LookAtIt,
    /// It could not be seen.
    NotKnown,
}

impl Verdict {
    /// As people read it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InOrder => "in order",
            Self::LookAtIt => "look at it",
            Self::NotKnown => "not known",
        }
    }
}

/// A section.
pub(super) struct Section {
    /// Its name in the journal.
    pub(super) key: &'static str,
    /// Its name for people.
    pub(super) title: &'static str,
    pub(super) verdict: Verdict,
    /// How many things there are to look at; a number for the journal.
    pub(super) count: usize,
    says: String,
    parts: Vec<Part>,
}

impl Section {
    /// A section in which `count` things want to be looked at.
    pub(super) fn new(
        key: &'static str,
        title: &'static str,
        count: usize,
        says: impl Into<String>,
    ) -> Self {
        Self {
            key,
            title,
            verdict: match count {
                0 => Verdict::InOrder,
                _ => Verdict::LookAtIt,
            },
            count,
            says: says.into(),
            parts: vec![],
        }
    }

    /// What a failed look means: a right that is missing hides this section alone, everything else is the step's.
    pub(super) fn hidden(
        key: &'static str,
        title: &'static str,
        error: StripeError,
    ) -> Result<Self, StepError> {
        let refusal = error.refusal().filter(|it| it.status == FORBIDDEN);
        let Some(refusal) = refusal else {
            return Err(error.into());
        };
        let right = refusal.missing_permission().map_or_else(
            || "a right that Stripe does not name".to_owned(),
            |name| format!("the right {name}"),
        );
        let says = format!(
            "The key in STRIPE_SECRET_KEY lacks {right}. Give it to the key in Stripe's dashboard, under API keys."
        );
        Ok(Self {
            verdict: Verdict::NotKnown,
            ..Self::new(key, title, 0, says)
        })
    }

    /// The same where not everything was looked at: without a finding it is not known what the rest holds.
    pub(super) fn looked_at_all(mut self, all: bool) -> Self {
        if !all && self.verdict == Verdict::InOrder {
            self.verdict = Verdict::NotKnown;
        }
        self
    }

    /// The same with one more part, unless the part is an empty table.
    pub(super) fn with(mut self, part: Part) -> Self {
        let empty = matches!(&part, Part::Table { rows, .. } if rows.is_empty());
        if !empty {
            self.parts.push(part);
        }
        self
    }

    /// The same with one more paragraph.
    pub(super) fn and(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(Part::Text { text })
    }

    /// For the journal: how much there is to look at.
    pub(super) fn journalled(&self) -> Value {
        match self.verdict {
            Verdict::NotKnown => "not known".into(),
            Verdict::InOrder | Verdict::LookAtIt => self.count.into(),
        }
    }

    /// For the requester.
    pub(super) fn told(&self, answer: Answer) -> Answer {
        let heading = format!("{}: {}", self.title, self.verdict.word());
        let answer = answer.heading(heading);
        let answer = match self.verdict {
            Verdict::InOrder => answer.text(&self.says),
            Verdict::LookAtIt | Verdict::NotKnown => answer.warning(&self.says),
        };
        self.parts.iter().cloned().fold(answer, Answer::with)
    }
}

/// A table as a part.
pub(super) fn table(columns: &[&str], rows: Vec<Vec<String>>, more: u64) -> Part {
    Part::Table {
        columns: columns.iter().map(|&name| name.to_owned()).collect(),
        rows,
        more,
    }
}

//! One section of a review: a verdict of its own, and what it rests on.

use serde_json::Value;

use crate::domain::answer::{Answer, Part};

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

    /// A section that could not be seen.
    pub(super) fn not_known(
        key: &'static str,
        title: &'static str,
        says: impl Into<String>,
    ) -> Self {
        Self {
            verdict: Verdict::NotKnown,
            ..Self::new(key, title, 0, says)
        }
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

pub(super) fn table(columns: &[&str], rows: Vec<Vec<String>>, more: u64) -> Part {
    Part::Table {
        columns: columns.iter().map(|&name| name.to_owned()).collect(),
        rows,
        more,
    }
}

/// All sections of a review of `system`, with a sum and an overview first.
pub(super) fn answer(system: &str, sections: &[Section]) -> Answer {
    let count = |verdict| sections.iter().filter(|it| it.verdict == verdict).count();
    let (look, unknown) = (count(Verdict::LookAtIt), count(Verdict::NotKnown));
    let sum = match (look, unknown) {
        (0, 0) => format!("{system}: nothing to look at"),
        (look, 0) => format!("{system}: {look} of {} to look at", sections.len()),
        (look, unknown) => format!(
            "{system}: {look} of {} to look at, {unknown} not known",
            sections.len()
        ),
    };
    let rows = sections
        .iter()
        .map(|section| vec![section.title.to_owned(), section.verdict.word().to_owned()]);
    let overview = Answer::default()
        .heading(sum)
        .table(&["What", "Verdict"], rows.collect(), 0);
    sections
        .iter()
        .fold(overview, |answer, section| section.told(answer))
}

//! What a request found out, for the person who asked: neutral of Slack, drawn by the cards.
//!
//! An answer may name people and hold what nobody else should read. It lives beside the chain, which holds a salted
//! commitment to it, goes to the requester's direct message alone, and is erased with the person whom it is about.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use super::event::{Asking, StepResult};

/// Parts in the order in which they are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub parts: Vec<Part>,
}

/// One part of an answer. All texts are plain: nothing in them counts as markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    Heading {
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Text {
        /// Its words; line breaks stay.
        text: String,
    },
    /// Something that the reader must not miss.
    Warning {
        /// Its words.
        text: String,
    },
    /// Lines in which mentions of Slack accounts, written `<@U…>`, are shown as such.
    Lines {
        /// In order.
        lines: Vec<String>,
    },
    /// Names and values, side by side.
    Facts {
        /// In order.
        facts: Vec<(String, String)>,
    },
    /// Rows under named columns. What does not fit is counted, never dropped unseen.
    Table {
        /// The columns' names.
        columns: Vec<String>,
        /// The rows; each has a cell per column.
        rows: Vec<Vec<String>>,
        /// Rows that exist beyond these.
        more: u64,
    },
    Link {
        /// What it is called.
        label: String,
        /// Where it leads: `http` or `https`.
        url: String,
    },
    Picture {
        /// What it shows, also for those who cannot see it.
        alt: String,
        /// The PNG file in base64.
        png: String,
    },
    /// Something with buttons that ask for further operations. Asking is all they do: who clicks is the requester.
    Offer {
        text: String,
        /// The buttons, at most five.
        buttons: Vec<OfferButton>,
    },
}

/// A button that asks for an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferButton {
    /// Its words: `Demote`.
    pub label: String,
    /// The operation: `user demote`.
    pub operation: String,
    /// With which arguments and why.
    pub asking: Asking,
    /// Whether it is shown as something that can hurt.
    pub danger: bool,
}

impl Answer {
    /// An answer of one part.
    #[must_use]
    pub fn of(part: Part) -> Self {
        Self { parts: vec![part] }
    }

    /// Adds a heading.
    #[must_use]
    pub fn heading(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(Part::Heading { text })
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(Part::Text { text })
    }

    /// Adds a warning.
    #[must_use]
    pub fn warning(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.with(Part::Warning { text })
    }

    /// Adds lines that may mention Slack accounts.
    #[must_use]
    pub fn lines(self, lines: Vec<String>) -> Self {
        self.with(Part::Lines { lines })
    }

    /// Adds names and values.
    #[must_use]
    pub fn facts<N: Into<String>, V: Into<String>>(
        self,
        facts: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let facts = facts.into_iter().map(|(n, v)| (n.into(), v.into()));
        let facts = facts.collect();
        self.with(Part::Facts { facts })
    }

    /// Adds a table.
    #[must_use]
    pub fn table(self, columns: &[&str], rows: Vec<Vec<String>>, more: u64) -> Self {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        self.with(Part::Table {
            columns,
            rows,
            more,
        })
    }

    /// Adds a picture; `alt` says what it shows.
    #[must_use]
    pub fn picture(self, alt: impl Into<String>, png: &[u8]) -> Self {
        let (alt, png) = (alt.into(), STANDARD.encode(png));
        self.with(Part::Picture { alt, png })
    }

    /// Adds a part.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}

/// What a step did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// For the journal: counts and short facts, no personal data.
    pub result: StepResult,
    /// For the requester alone.
    pub answer: Option<Answer>,
}

impl From<StepResult> for Done {
    fn from(result: StepResult) -> Self {
        Self {
            result,
            answer: None,
        }
    }
}

impl Done {
    /// A step that found out something for the requester.
    #[must_use]
    pub fn answered(result: StepResult, answer: Answer) -> Self {
        Self {
            result,
            answer: Some(answer),
        }
    }
}

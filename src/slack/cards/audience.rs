//! For whom a headline or a result is written.

use std::borrow::Cow;

use serde_json::Value;

use super::text;
use crate::{addresses, domain::event::StepResult, network};

/// Who reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Whoever asked, and whoever may decide.
    Involved,
    /// Everybody who reads the audit channel: people are named by ids alone.
    Audit,
}

impl Audience {
    /// A text from outside, escaped and bounded, without what this audience must not read.
    pub(super) fn text(self, words: &str, most: usize) -> String {
        text::safe(&self.says(words), most)
    }

    /// The same as inline code.
    pub(super) fn code(self, words: &str, most: usize) -> String {
        text::code(&self.says(words), most)
    }

    /// The words without addresses, which an id may hold, when this audience must not read them.
    pub(super) fn says(self, words: &str) -> Cow<'_, str> {
        match self {
            Self::Involved => words.into(),
            Self::Audit => network::masked(&addresses::masked(words)).into(),
        }
    }

    /// A result without what this audience must not read.
    pub(super) fn result(self, result: &StepResult) -> Cow<'_, StepResult> {
        match self {
            Self::Involved => Cow::Borrowed(result),
            Self::Audit => {
                let facts = result.iter();
                let facts =
                    facts.map(|(key, value)| (self.says(key).into_owned(), self.value(value)));
                Cow::Owned(facts.collect())
            }
        }
    }

    /// The same for anything in JSON.
    pub(super) fn value(self, value: &Value) -> Value {
        match value {
            Value::String(words) => self.says(words).into_owned().into(),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                let fields =
                    fields.map(|(key, value)| (self.says(key).into_owned(), self.value(value)));
                Value::Object(fields.collect())
            }
            other => other.clone(),
        }
    }
}

//! What is wrong with the configuration: all of it, at once.

use std::fmt;

/// One thing that is wrong. Its texts never hold the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The setting, key or file that it is about.
    pub name: String,
    /// What is wrong.
    pub says: String,
    /// What to do about it, when that can be said.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault without a hint.
    pub fn new(name: impl Into<String>, says: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            says: says.into(),
            hint: None,
        }
    }

    /// The same fault with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name, self.says)?;
        match &self.hint {
            Some(hint) => write!(out, " -> {hint}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with the configuration, never empty when it is returned as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        write!(out, "the configuration has {count} {noun}:")?;
        for fault in &self.0 {
            write!(out, "\n  - {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

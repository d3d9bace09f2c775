//! The configuration that is in force, with the place each value came from and without any secret.

use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Environment,
    File,
    /// The built-in default.
    Default,
    /// Nowhere: it is unset.
    Unset,
}

impl Origin {
    fn word(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::File => "file",
            Self::Default => "default",
            Self::Unset => "unset",
        }
    }
}

/// One setting as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The name in the environment, or the table in the file.
    pub name: String,
    /// The value, or a word in the place of a secret.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// The configuration in force. Its display is a table of names, values and origins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effective(pub Vec<Line>);

impl fmt::Display for Effective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.iter().map(|line| line.name.len()).max().unwrap_or(0);
        for Line {
            name,
            value,
            origin,
        } in &self.0
        {
            match origin {
                Origin::Unset => writeln!(out, "{name:width$}  ({})", origin.word())?,
                _ => writeln!(out, "{name:width$}  {value}  ({})", origin.word())?,
            }
        }
        Ok(())
    }
}

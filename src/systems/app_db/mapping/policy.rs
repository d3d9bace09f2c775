//! What an erasure does with the rows of one table.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One entry of `[app.schema.tables]`.
///
/// Rows that stay are cut from the account: the columns of their key become NULL, or what `set` says for them.
///
/// A policy also decides about rows that are left alone without one: rows whose key would only be set to NULL, and rows
/// that hold the person's address and belong to another account by their keys. It never decides about rows that hold an
/// address which another account has too.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "policy", rename_all = "lowercase", deny_unknown_fields)]
pub enum Policy {
    /// Delete the rows, also where the key would only cut the link.
    Delete,
    /// Keep the rows without what tells whose they were.
    Anonymise {
        /// Columns that become NULL.
        #[serde(default)]
        clear: Vec<String>,
        /// Columns that get a fixed value, as text.
        #[serde(default)]
        set: BTreeMap<String, String>,
    },
    /// Keep the rows, because something outweighs the erasure (a tax law, say).
    Keep {
        /// Why, for the plan and the certificate.
        reason: String,
        /// Columns that become NULL all the same.
        #[serde(default)]
        clear: Vec<String>,
        /// Columns that get a fixed value all the same, as text.
        #[serde(default)]
        set: BTreeMap<String, String>,
    },
}

impl Policy {
    /// Whether the rows stay.
    #[must_use]
    pub fn keeps_rows(&self) -> bool {
        !matches!(self, Self::Delete)
    }

    /// The columns that get a new value, and which: `None` is NULL.
    #[must_use]
    pub fn assignments(&self) -> Vec<(&str, Option<&str>)> {
        let (Self::Anonymise { clear, set } | Self::Keep { clear, set, .. }) = self else {
            return Vec::new();
        };
        let cleared = clear.iter().map(|column| (column.as_str(), None));
        let replaced = set
            .iter()
            .map(|(column, value)| (column.as_str(), Some(value.as_str())));
        cleared.chain(replaced).collect()
    }
}

//! What an export of a person's data holds back.

use serde::Deserialize;

use super::ColumnRef;

/// The `[app.schema.export]` section. Without it what looks like a secret or names somebody else is held back, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExportPolicy {
    /// Columns that never leave: `Table.column`.
    pub withhold: Vec<ColumnRef>,
    /// Tables that never leave.
    pub withhold_tables: Vec<String>,
    /// Tables whose rows leave also when they name another account than the person's, carry another address, belong to
    /// another account and hold the person's address, or only refer to rows of the person (`ON DELETE SET NULL`).
    pub include_tables: Vec<String>,
    /// Columns that leave although their name looks like a secret's: `Table.column`.
    pub include: Vec<ColumnRef>,
}

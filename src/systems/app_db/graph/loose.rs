//! Rows that hold a person's e-mail address without a key to the account.

use super::{Graph, Link, Node, ROOT};
use crate::systems::app_db::{Kind, Snapshot, sql::ident};

/// A column that may hold e-mail addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::systems::app_db) struct LooseColumn {
    /// Its table: an index into the schema.
    pub(in crate::systems::app_db) table: usize,
    pub(in crate::systems::app_db) column: String,
    /// Whether the configuration names it. Otherwise it was found by its name.
    pub(in crate::systems::app_db) configured: bool,
    /// Whether its rows belong to an erasure without anybody being asked: it or its table is configured, or nothing
    /// else depends on the table's rows.
    pub(in crate::systems::app_db) collects: bool,
}

impl LooseColumn {
    pub(in crate::systems::app_db) fn label(&self, at: &Snapshot) -> String {
        format!("{}.{}", at.label_at(self.table), self.column)
    }

    /// How its rows are found, for people.
    pub(in crate::systems::app_db) fn via(&self, at: &Snapshot) -> String {
        format!("e-mail in {}", self.label(at))
    }
}

/// Every column outside the accounts' table that may hold e-mail addresses: the configured ones, and text columns that
/// are named like one.
pub(super) fn columns(at: &Snapshot, links: &[Link]) -> Vec<LooseColumn> {
    let root = at.position(&at.mapping.user.table);
    let mut found = Vec::new();
    for (index, table) in at.schema.tables.iter().enumerate() {
        if Some(index) == root {
            continue;
        }
        let decided = at
            .mapping
            .tables
            .keys()
            .any(|name| at.position(name) == Some(index));
        let is_leaf = !links.iter().any(|link| link.parent == index);
        for column in &table.columns {
            let configured = at.mapping.email_columns.iter().any(|wanted| {
                wanted.column == column.name && at.position_of(wanted) == Some(index)
            });
            if configured || (column.is_text && is_named_like_email(&column.name)) {
                found.push(LooseColumn {
                    table: index,
                    column: column.name.clone(),
                    configured,
                    collects: table.kind != Kind::MaterialisedView
                        && (configured || decided || is_leaf),
                });
            }
        }
    }
    found
}

/// `email`, `e_mail`, `billingEmail`, `identifier` (NextAuth's name for it), `mail`.
pub(in crate::systems::app_db) fn is_named_like_email(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let about_it = [
        "verified", "count", "sent", "subject", "body", "template", "status", "type",
    ];
    name == "identifier"
        || name == "mail"
        || (name.contains("email") && !about_it.iter().any(|end| name.ends_with(end)))
}

/// Whether a text can be somebody's address at all. An empty one, or a placeholder, stands in rows of many people.
pub(in crate::systems::app_db) fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

/// The condition that a row holds the address `$1`, in any letter case.
pub(in crate::systems::app_db) fn holds_email(column: &str, alias: &str) -> String {
    format!("lower({alias}.{}::text) = lower($1::text)", ident(column))
}

/// The condition that a row of the table names no other account by a key: a key outweighs an address.
pub(super) fn names_nobody_else(graph: &Graph<'_>, table: usize, alias: &str) -> String {
    let root = Node::slot(ROOT);
    let mut conditions = vec!["true".to_owned()];
    for edge in graph.account_edges(table) {
        let empty = edge
            .link
            .columns
            .iter()
            .map(|name| format!("{alias}.{} IS NULL", ident(name)));
        let empty: Vec<String> = empty.collect();
        conditions.push(format!(
            "({} OR EXISTS (SELECT 1 FROM {root} owner WHERE {}))",
            empty.join(" OR "),
            graph.points_to(edge, alias, "owner")
        ));
    }
    conditions.join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_recognised_by_their_name() {
        for name in [
            "email",
            "Email",
            "e_mail",
            "user-email",
            "billingEmail",
            "emailAddress",
            "identifier",
        ] {
            assert!(is_named_like_email(name), "{name}");
        }
        for name in [
            "emailVerified",
            "name",
            "email_count",
            "identifiers",
            "emailTemplate",
        ] {
            assert!(!is_named_like_email(name), "{name}");
        }
    }
}

//! Whose a row is that a key leads to from the person's rows: other people's rows stay out.

use super::{Edge, Graph, Node, ROOT, Scope, loose::names_nobody_else};
use crate::systems::app_db::{Table, sql::ident};

impl Graph<'_> {
    /// The condition that a row to which a key leads from a row of the person is the person's as well; `None` when it
    /// always is.
    ///
    /// A row that names accounts is theirs whom it names, and nobody's alone when it names several: whether the one who
    /// asked or the one who answers, no key says. One that names none, but stand-ins of accounts (a profile, a membership),
    /// is theirs whose stand-ins it names. What names nobody, and carries nobody else's address, belongs to what it hangs
    /// on. The configuration may let rows of a table leave that several have a share in.
    pub(in crate::systems::app_db) fn is_own(&self, edge: &Edge, alias: &str) -> Option<String> {
        if self.scope == Scope::Erasure {
            return self.keeps_no_stranger(edge, alias);
        }
        let direct: Vec<&Edge> = self.account_edges(edge.child).collect();
        let shares = self.is_decided(edge.child);
        let alone = match shares || direct.is_empty() {
            true => "true".to_owned(),
            false => format!("({})", names_nobody_else(self, edge.child, alias)),
        };
        if edge.parent == ROOT {
            return (direct.len() > 1 && !shares).then_some(alone);
        }
        let stranger = match shares {
            true => None,
            false => self.carries_a_strangers_address(edge.child, alias),
        };
        let through: Vec<&Edge> = self
            .edges
            .iter()
            .filter(|other| other.child == edge.child && self.is_stand_in(other))
            .collect();
        if direct.is_empty() && through.is_empty() && stranger.is_none() {
            return None;
        }
        Some(format!(
            "({alone} AND ({} OR ({} AND ({} OR ({} AND NOT {})))))",
            self.names_mine(&direct, alias),
            names_none(&direct, alias),
            self.names_mine(&through, alias),
            names_none(&through, alias),
            stranger.as_deref().unwrap_or("false"),
        ))
    }

    /// Of an erasure: the key to the account would only be set to NULL, and the row goes because it would keep the person's
    /// address. One that holds somebody else's address or none (a customer whom the person entered) stays, unless the
    /// configuration names the column: then the team decided that such rows go.
    fn keeps_no_stranger(&self, edge: &Edge, alias: &str) -> Option<String> {
        let mut columns = self.loose.iter();
        let is_named = columns.any(|column| column.table == edge.child && column.configured);
        if edge.parent != ROOT
            || !edge.link.only_refers()
            || is_named
            || self.is_decided(edge.child)
        {
            return None;
        }
        let stranger = self.carries_a_strangers_address(edge.child, alias)?;
        let columns = self
            .loose
            .iter()
            .filter(|column| column.table == edge.child);
        let any: Vec<String> = columns
            .map(|column| format!("{alias}.{}::text LIKE '%_@_%'", ident(&column.column)))
            .collect();
        Some(format!("(({}) AND NOT {stranger})", any.join(" OR ")))
    }

    /// The condition that an address in a row is not the account's; `None` when the table has no column for one. Letter
    /// case decides only where another account's address is spelled just so.
    pub(in crate::systems::app_db) fn carries_a_strangers_address(
        &self,
        table: usize,
        alias: &str,
    ) -> Option<String> {
        let accounts = self.table(ROOT);
        let email = ident(&accounts.column(&self.at.mapping.user.email)?.name);
        let (source, root) = (accounts.source(), Node::slot(ROOT));
        let is_account = self.nodes[ROOT].is_row("u", "own");
        let columns = self.loose.iter().filter(|column| column.table == table);
        let each: Vec<String> = columns
            .map(|column| {
                let address = format!("{alias}.{}::text", ident(&column.column));
                format!(
                    "({address} LIKE '%_@_%' AND NOT EXISTS (
                        SELECT 1 FROM {root} own JOIN {source} u ON {is_account}
                        WHERE u.{email}::text = {address}
                           OR (lower(u.{email}::text) = lower({address})
                               AND NOT EXISTS (SELECT 1 FROM {source} v WHERE v.{email}::text = {address}))))"
                )
            })
            .collect();
        (!each.is_empty()).then(|| format!("coalesce({}, false)", each.join(" OR ")))
    }

    /// Whether the key leads from another table whose rows stand for one account each: its key to the account is
    /// unique, or part of what makes its rows unique.
    fn is_stand_in(&self, edge: &Edge) -> bool {
        let parent = self.nodes[edge.parent].table;
        let table = &self.at.schema.tables[parent];
        edge.parent != ROOT
            && parent != edge.child
            && self
                .account_edges(parent)
                .any(|to_account| identifies(table, &to_account.link.columns))
    }

    fn names_mine(&self, edges: &[&Edge], alias: &str) -> String {
        let each = edges.iter().map(|edge| {
            format!(
                "EXISTS (SELECT 1 FROM {} own WHERE {})",
                Node::slot(edge.parent),
                self.points_to(edge, alias, "own")
            )
        });
        let each: Vec<String> = each.chain(["false".to_owned()]).collect();
        format!("({})", each.join(" OR "))
    }
}

fn names_none(edges: &[&Edge], alias: &str) -> String {
    let each = edges.iter().map(|edge| {
        let columns = edge.link.columns.iter();
        let empty: Vec<String> = columns
            .map(|name| format!("{alias}.{} IS NULL", ident(name)))
            .collect();
        format!("({})", empty.join(" OR "))
    });
    let each: Vec<String> = each.chain(["true".to_owned()]).collect();
    each.join(" AND ")
}

/// Whether the columns are part of what makes the table's rows unique.
pub(in crate::systems::app_db) fn identifies(table: &Table, columns: &[String]) -> bool {
    let mut keys = table.uniques.iter().chain([&table.primary_key]);
    keys.any(|key| columns.iter().all(|name| key.contains(name)))
}

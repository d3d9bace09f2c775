//! Whose a row is that hangs on a row of the person: in an export, other people's rows stay out.

use super::{Edge, Graph, Node, ROOT, Scope};
use crate::systems::app_db::{Table, sql::ident};

impl Graph<'_> {
    /// The condition that a row to which a key leads from a row of the person is the person's as well; `None` when it
    /// always is.
    ///
    /// A row that names accounts is theirs whom it names. One that names none, but stand-ins of accounts (a profile,
    /// a membership), is theirs whose stand-ins it names. What names nobody belongs to what it hangs on.
    pub(in crate::systems::app_db) fn is_own(&self, edge: &Edge, alias: &str) -> Option<String> {
        if self.scope == Scope::Erasure || edge.parent == ROOT {
            return None;
        }
        let direct: Vec<&Edge> = self.account_edges(edge.child).collect();
        let through: Vec<&Edge> = self
            .edges
            .iter()
            .filter(|other| other.child == edge.child && self.is_stand_in(other))
            .collect();
        if direct.is_empty() && through.is_empty() {
            return None;
        }
        Some(format!(
            "({} OR ({} AND ({} OR {})))",
            self.names_mine(&direct, alias),
            names_none(&direct, alias),
            self.names_mine(&through, alias),
            names_none(&through, alias)
        ))
    }

    /// Whether the key leads from another table whose rows stand for one account each: its key to the account is
    /// unique, or part of what makes its rows unique.
    fn is_stand_in(&self, edge: &Edge) -> bool {
        let parent = self.nodes[edge.parent].table;
        let table = &self.schema.tables[parent];
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

fn identifies(table: &Table, columns: &[String]) -> bool {
    let in_primary = columns.iter().all(|name| table.primary_key.contains(name));
    let is_unique = |unique: &Vec<String>| {
        unique.len() == columns.len() && unique.iter().all(|name| columns.contains(name))
    };
    in_primary || table.uniques.iter().any(is_unique)
}

//! Columns that are named like a reference and have no key. They do not show that a row is the person's, but they can
//! show that it is somebody else's.

use crate::systems::app_db::{
    Column, Kind,
    graph::{Graph, Link, ROOT},
    traces::{Names, is_named_after},
};

use super::ADDRESSED;

const NUMBERS: [&str; 4] = [
    "pg_catalog.int2",
    "pg_catalog.int4",
    "pg_catalog.int8",
    "pg_catalog.numeric",
];

/// What the names of columns say about references without a key.
pub(super) struct Unlinked<'c, 'a> {
    graph: &'c Graph<'a>,
    names: Names,
}

impl<'c, 'a> Unlinked<'c, 'a> {
    pub(super) fn of(graph: &'c Graph<'a>) -> Self {
        let names = Names::of(graph);
        Self { graph, names }
    }

    /// The columns of a table that may hold an account's id.
    pub(super) fn to_accounts(&self, table: usize) -> Vec<&'a Column> {
        let schema = &self.graph.at.schema;
        let accounts = &schema.tables[self.graph.nodes[ROOT].table];
        let id = accounts.column(&self.graph.at.mapping.user.id);
        let are_numbers = id.is_some_and(is_number);
        let can_hold = |column: &Column| match is_number(column) {
            true => are_numbers,
            false => column.is_text || column.type_name == "pg_catalog.uuid",
        };
        self.columns(table)
            .filter(|column| can_hold(column) && self.names.refer(&column.name))
            .collect()
    }

    /// The columns of a table that are named after another table, as links to it.
    pub(super) fn to_others(&self, table: usize) -> Vec<Link> {
        let schema = &self.graph.at.schema;
        let mut found = Vec::new();
        for (index, parent) in schema.tables.iter().enumerate() {
            let [key] = parent.primary_key.as_slice() else {
                continue;
            };
            let Some(key) = parent.column(key) else {
                continue;
            };
            if index == self.graph.nodes[ROOT].table || index == table || !parent.may_select {
                continue;
            }
            let columns = self.columns(table);
            let columns = columns.filter(|column| is_named_after(parent, key, column));
            found.extend(
                columns.map(|column| Link::undeclared(schema, (table, column), (index, key))),
            );
        }
        found
    }

    /// The condition that the configuration names no column that holds the address in the row in question `a`. Of a
    /// configured column the team has said that its rows are the person's.
    pub(super) fn and_found_by_name(&self) -> String {
        let columns = self.graph.loose.iter().enumerate();
        let configured = columns.filter(|(_, column)| column.configured);
        let configured: Vec<String> = configured.map(|(index, _)| index.to_string()).collect();
        if configured.is_empty() {
            return String::new();
        }
        format!(
            " AND NOT EXISTS (SELECT 1 FROM {ADDRESSED} d WHERE d.part = a.part AND d.place = a.place AND d.loose IN ({}))",
            configured.join(", ")
        )
    }

    /// The columns of which neither a key nor the configuration says what they hold. A materialised view has copies only.
    fn columns(&self, table: usize) -> impl Iterator<Item = &'a Column> {
        let found = &self.graph.at.schema.tables[table];
        let columns = found
            .columns
            .iter()
            .filter(|_| found.kind != Kind::MaterialisedView);
        columns.filter(move |column| {
            let mut links = self.graph.links.iter();
            let mut loose = self.graph.loose.iter();
            !links.any(|link| link.child == table && link.columns.contains(&column.name))
                && !loose.any(|one| one.table == table && one.column == column.name)
        })
    }
}

fn is_number(column: &Column) -> bool {
    NUMBERS.contains(&column.type_name.as_str())
}

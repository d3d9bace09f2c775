//! Columns that are named like a reference to rows that go, without a key: `Visit.websiteId` in a schema without foreign keys.
//! Whether they are one, their values tell.

use sqlx::postgres::PgRow;

use super::{
    Unlinked,
    names::{words, words_of},
    numbers,
    statement::is_linked,
};
use crate::systems::app_db::{
    Column, Kind, Table,
    graph::{Graph, Node, ROOT},
    sql::ident,
};

/// A column that may refer to a node's rows.
pub(super) struct Candidate {
    text: String,
    pub(super) table: String,
    label: String,
    parent: String,
    reference: String,
}

/// Types of ids of which one is never another one's by accident.
const TELLING: [&str; 3] = ["pg_catalog.uuid", "pg_catalog.text", "pg_catalog.varchar"];
const NUMBERS: [&str; 3] = ["pg_catalog.int2", "pg_catalog.int4", "pg_catalog.int8"];

/// The candidates below every table whose rows are collected, the account's aside, which is searched for everywhere.
pub(super) fn candidates(graph: &Graph<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if index == ROOT || node.stays() {
            continue;
        }
        let parent = graph.table(index);
        let [key] = parent.primary_key.as_slice() else {
            continue;
        };
        let Some(key) = parent.column(key) else {
            continue;
        };
        for (child, table) in graph.at.schema.tables.iter().enumerate() {
            if table.kind == Kind::MaterialisedView || !table.may_select {
                continue;
            }
            let columns = table.columns.iter();
            let columns = columns.filter(|column| {
                is_named_after(parent, key, column) && !is_followed(graph, child, &column.name)
            });
            found.extend(columns.map(|column| candidate(graph, index, key, child, column)));
        }
    }
    found
}

/// Whether a column is named like a reference to the table with this key. A number needs the whole name of the table; a
/// longer id also shows by its last word whose it is.
pub(in crate::systems::app_db) fn is_named_after(
    parent: &Table,
    key: &Column,
    column: &Column,
) -> bool {
    let of = |types: &[&str], column: &Column| types.contains(&column.type_name.as_str());
    let are_numbers = of(&NUMBERS, key) && of(&NUMBERS, column);
    let are_telling = of(&TELLING, key) && of(&TELLING, column);
    let mut name = words(&column.name);
    let ends_with_id = name
        .pop()
        .is_some_and(|last| ["id", "uid", "uuid", "guid"].contains(&last.as_str()));
    let table = words_of(parent);
    let last = table.last().map(std::slice::from_ref).unwrap_or_default();
    let is_named = |words: &[String]| !words.is_empty() && name.ends_with(words);
    ends_with_id && (are_numbers && is_named(&table) || are_telling && is_named(last))
}

/// Whether a key, the configuration or an inherited key says what the column refers to.
fn is_followed(graph: &Graph<'_>, table: usize, column: &String) -> bool {
    let mut edges = graph.edges.iter();
    is_linked(graph, table, column)
        || edges.any(|edge| edge.child == table && edge.link.columns.contains(column))
}

fn candidate(
    graph: &Graph<'_>,
    parent: usize,
    key: &Column,
    child: usize,
    column: &Column,
) -> Candidate {
    let table = &graph.at.schema.tables[child];
    let (name, slot) = (ident(&column.name), Node::slot(parent));
    let cast = if key.type_name == column.type_name {
        ""
    } else {
        "::text"
    };
    // The primary key is the first that is remembered of a row.
    let mine = graph.node_of(child).map_or_else(String::new, |node| {
        format!(
            " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        )
    });
    Candidate {
        text: format!(
            "SELECT count(*) FROM {} t WHERE EXISTS (SELECT 1 FROM {slot} g WHERE g.c0{cast} = t.{name}{cast}){mine}",
            table.source()
        ),
        table: graph.at.label(table),
        label: format!("{}.{}", graph.at.label(table), column.name),
        parent: graph.label(parent),
        reference: key.name.clone(),
    }
}

impl Candidate {
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// What it is when rows were counted.
    pub(super) fn read(&self, row: &PgRow) -> Result<Option<Unlinked>, sqlx::Error> {
        let [rows] = numbers(row, 0)?;
        Ok((rows > 0).then(|| Unlinked {
            label: self.label.clone(),
            parent: self.parent.clone(),
            reference: self.reference.clone(),
            rows,
        }))
    }
}

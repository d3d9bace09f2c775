//! Which columns of a table leave, and why the others do not.

use super::secret::{Value, in_table, looks_like};
use crate::systems::app_db::{Column, ColumnRef, Table, graph::Graph, sql::plain};

/// What is decided about a table's columns.
pub(super) struct Chosen {
    pub(super) leave: Vec<String>,
    /// The column and why it does not leave.
    pub(super) withheld: Vec<(String, String)>,
    pub(super) holds_json: bool,
    by_configuration: bool,
}

/// Columns that belong to a grant at another provider, in tables that hold such grants.
const OF_A_GRANT: [&str; 2] = ["scope", "expiresat"];

impl Chosen {
    /// Why none leaves.
    pub(super) fn nothing_leaves(&self) -> String {
        if self.by_configuration {
            "[app.schema.export] withholds the table".to_owned()
        } else {
            "every column of the table is withheld".to_owned()
        }
    }
}

/// Decides about the columns of a node's table.
pub(super) fn choose(graph: &Graph<'_>, node: usize) -> Chosen {
    let policy = &graph.at.mapping.export;
    let index = graph.nodes[node].table;
    let table = graph.table(node);
    let mut chosen = Chosen {
        leave: Vec::new(),
        withheld: Vec::new(),
        holds_json: false,
        by_configuration: policy
            .withhold_tables
            .iter()
            .any(|name| graph.at.position(name) == Some(index)),
    };
    if chosen.by_configuration {
        return chosen;
    }
    let named = |list: &[ColumnRef], column: &Column| {
        list.iter()
            .any(|one| one.column == column.name && graph.at.position_of(one) == Some(index))
    };
    for column in &table.columns {
        let why = if named(&policy.withhold, column) {
            Some("[app.schema.export] withholds it".to_owned())
        } else if named(&policy.include, column) {
            None
        } else {
            suspicion(table, column, is_key(graph, index, column))
        };
        match why {
            Some(why) => chosen.withheld.push((column.name.clone(), why)),
            None => {
                chosen.holds_json |= may_hold_json(column);
                chosen.leave.push(column.name.clone());
            }
        }
    }
    chosen
}

/// In a table of secrets a foreign key says whose they are.
fn is_key(graph: &Graph<'_>, table: usize, column: &Column) -> bool {
    let mut keys = graph.at.schema.foreign_keys.iter();
    keys.any(|key| key.child == table && key.columns.contains(&column.name))
}

/// Whether an export holds the column back because it looks like a secret.
pub(in crate::systems::app_db) fn looks_secret(table: &Table, column: &Column) -> bool {
    suspicion(table, column, false).is_some()
}

fn suspicion(table: &Table, column: &Column, is_key: bool) -> Option<String> {
    let plain = plain(&column.name);
    if OF_A_GRANT.contains(&plain.as_str()) && holds_grants(table) {
        return Some("it describes an OAuth grant".to_owned());
    }
    let value = value(column);
    if let Some(part) = looks_like(&column.name, value) {
        return Some(format!("its name looks like a secret's ({part})"));
    }
    let part = in_table(&table.name, &column.name, value).filter(|_| !is_key)?;
    Some(format!(
        "with its table's name it looks like a secret ({part})"
    ))
}

/// A table like NextAuth's accounts at Google and others.
fn holds_grants(table: &Table) -> bool {
    table
        .columns
        .iter()
        .any(|column| ["accesstoken", "refreshtoken"].contains(&plain(&column.name).as_str()))
}

fn value(column: &Column) -> Value {
    if !column.enum_labels.is_empty() {
        return Value::FlagOrTime;
    }
    match column.type_name.strip_prefix("pg_catalog.") {
        Some("bool" | "date" | "time" | "timetz" | "timestamp" | "timestamptz" | "interval") => {
            Value::FlagOrTime
        }
        Some("int2" | "int4" | "int8" | "float4" | "float8" | "numeric") => Value::Number,
        _ => Value::Other,
    }
}

/// Types of the app's own may be made of others, JSON among them.
fn may_hold_json(column: &Column) -> bool {
    let own = column.type_name.strip_prefix("pg_catalog.");
    match own {
        Some(name) => name.contains("json"),
        None => column.enum_labels.is_empty() && !column.is_text,
    }
}

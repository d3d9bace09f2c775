//! Hands out a person's rows: everything that the keys lead to from the account, at one moment, row by row.
//!
//! All tables are read in one transaction (REPEATABLE READ READ ONLY), through a cursor that a transaction-mode pooler
//! allows, so memory holds one row at a time and no statement runs for longer than one portion takes.

mod address;
mod columns;
mod json;
mod secret;
mod stream;

use std::collections::BTreeSet;

use super::{
    AppDbError, FileRows, Left, Purpose, Snapshot, Tx,
    files::FileStatements,
    graph::{Fate, Graph, Node, ROOT},
    rows::Verdict,
    survey::{Survey, survey_export},
};
use crate::domain::plan::Warning;

use address::OwnAddress;

pub(super) use columns::looks_secret;

pub use stream::{Copied, LineSink, MAX_ROW_BYTES};

/// A person's rows, ready to be read at the moment at which this was made.
pub struct ExportRows {
    tx: Tx,
    tables: Vec<ExportTable>,
    withheld: Vec<Withheld>,
    warnings: Vec<Warning>,
    files: FileStatements,
    own: OwnAddress,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportTable {
    /// The table, with its schema when that is not the app's main one.
    pub table: String,
    /// How it is reached: `User ← TestSession.userId`.
    pub via: String,
    /// The person's rows.
    pub rows: u64,
    /// The columns that leave.
    pub columns: Vec<String>,
    /// Reads the rows as JSON.
    select: String,
    /// Whether values may hold JSON, whose inner names are looked at.
    holds_json: bool,
}

/// Something that is held back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// What kind of thing: a stable name of ours.
    pub kind: &'static str,
    /// Of which table, column or key.
    pub about: String,
    /// What: `User.password`, `row(s) of Message that Message.threadId leads to`.
    pub what: String,
    /// How many, where these are rows.
    pub rows: Option<u64>,
    pub why: String,
    /// True for what was only found: the app makes and removes such rows all the time.
    pub told_only: bool,
}

impl From<Left> for Withheld {
    fn from(left: Left) -> Self {
        Self {
            kind: left.kind(),
            about: left.place,
            what: left.what,
            rows: left.rows,
            why: left.why,
            told_only: true,
        }
    }
}

impl Snapshot {
    /// Finds everything that belongs to the account, and holds its moment until the result is dropped. Nothing is changed.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when there is no such account, [`AppDbError::Blocked`] when `[app.schema.export]` names what is
    /// not there.
    pub async fn export(&self, user_id: &str) -> Result<ExportRows, AppDbError> {
        let mut tx = self.db.begin(Purpose::Export).await?;
        stream::settle(&mut tx).await?;
        let misnamed = self.export_faults();
        if !misnamed.is_empty() {
            return Err(AppDbError::Blocked(misnamed.join("; ")));
        }
        let survey = survey_export(&mut tx, self, user_id).await?;
        let traces = survey.search(&mut tx, self.db.limits).await?;
        let mut withheld = Vec::new();
        let tables = tables(&survey, &mut withheld);
        withheld.extend(inside_json(&tables));
        withheld.extend(of_others(&survey));
        withheld.extend(with_the_address(&survey));
        let scope = survey.graph.scope;
        withheld.extend(traces.left(scope).into_iter().map(Withheld::from));
        let mut warnings = survey.warnings;
        warnings.extend(shared(&survey.graph, &survey.left_behind));
        warnings.extend(traces.warnings(scope));
        Ok(ExportRows {
            tables,
            withheld,
            files: FileStatements::of(&survey.graph),
            own: OwnAddress::new(survey.email.as_deref(), survey.collected.has_namesake),
            warnings,
            tx,
        })
    }
}

impl ExportRows {
    /// The tables with rows, in the order in which keys lead to them, the account first.
    #[must_use]
    pub fn tables(&self) -> &[ExportTable] {
        &self.tables
    }

    /// What is held back of tables that have rows.
    #[must_use]
    pub fn withheld(&self) -> &[Withheld] {
        &self.withheld
    }

    /// What people should know.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// How many different files the person's rows name.
    pub async fn count_file_values(&mut self) -> Result<u64, AppDbError> {
        self.files.count(&mut self.tx).await
    }

    /// The configured file columns around the account, at the moment of the rows.
    pub fn file_rows(&mut self) -> FileRows<'_> {
        self.files.rows(&mut self.tx)
    }

    /// Reads a table's rows into `sink`, each as a line of JSON.
    ///
    /// # Errors
    /// The database's and the sink's.
    pub async fn copy<S: LineSink>(
        &mut self,
        table: &ExportTable,
        sink: &mut S,
    ) -> Result<Copied, S::Error> {
        let json_of = table.holds_json.then_some(&self.own);
        stream::copy(&mut self.tx, &table.select, json_of, sink).await
    }

    /// Ends the transaction.
    pub async fn close(self) -> Result<(), AppDbError> {
        Ok(self.tx.rollback().await?)
    }
}

fn tables(survey: &Survey<'_>, withheld: &mut Vec<Withheld>) -> Vec<ExportTable> {
    let graph = &survey.graph;
    let mut tables = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let rows = survey.collected.rows[index].unsigned_abs();
        if rows == 0 {
            continue;
        }
        let (table, label) = (graph.table(index), graph.label(index));
        let chosen = columns::choose(graph, index);
        if chosen.leave.is_empty() {
            withheld.push(Withheld {
                kind: "rows_withheld",
                about: label.clone(),
                what: format!("row(s) of {label}"),
                rows: Some(rows),
                why: chosen.nothing_leaves(),
                told_only: false,
            });
            continue;
        }
        withheld.extend(chosen.withheld.into_iter().map(|(column, why)| Withheld {
            kind: "column_withheld",
            about: format!("{label}.{column}"),
            what: format!("{label}.{column}"),
            rows: None,
            why,
            told_only: false,
        }));
        let select = format!(
            "SELECT {} FROM {} t JOIN {} mine ON {}",
            super::sql::columns("t", &chosen.leave).join(", "),
            table.source(),
            Node::slot(index),
            node.is_row("t", "mine")
        );
        tables.push(ExportTable {
            table: label,
            via: survey.collected.via(graph, index),
            rows,
            columns: chosen.leave,
            select,
            holds_json: chosen.holds_json,
        });
    }
    tables
}

/// What is looked at value by value. How many are held back is known once the rows are read.
fn inside_json(tables: &[ExportTable]) -> Option<Withheld> {
    let holding = tables.iter().filter(|table| table.holds_json);
    let holding: Vec<&str> = holding.map(|table| table.table.as_str()).collect();
    (!holding.is_empty()).then(|| Withheld {
        kind: "json_values_withheld",
        about: holding.join(", "),
        what: format!("some values inside JSON ({})", holding.join(", ")),
        rows: None,
        why: "they look like secrets by their names, or name somebody else".to_owned(),
        told_only: false,
    })
}

/// How rows that name somebody else too are let out, where there are any.
fn shared(graph: &Graph<'_>, left_behind: &[(usize, i64)]) -> Option<Warning> {
    let is_shared = |&&(index, rows): &&(usize, i64)| {
        let edge = &graph.edges[index];
        rows > 0 && edge.parent == ROOT && edge.fate == Fate::Collect
    };
    let tables: BTreeSet<String> = left_behind
        .iter()
        .filter(is_shared)
        .map(|&(index, _)| graph.at.label_at(graph.edges[index].child))
        .collect();
    let tables: Vec<String> = tables.into_iter().collect();
    (!tables.is_empty()).then(|| {
        let tables = tables.join(", ");
        let says = format!(
            "rows of {tables} that name another account too are not exported: include_tables in [app.schema.export] lets them leave"
        );
        Warning::new("rows_of_others_not_exported", says).about(tables)
    })
}

/// Rows that belong to the person's rows and are other people's.
fn of_others(survey: &Survey<'_>) -> Vec<Withheld> {
    let graph = &survey.graph;
    let left = survey.left_behind.iter().filter(|(_, rows)| *rows > 0);
    left.map(|&(index, rows)| {
        let edge = &graph.edges[index];
        let by = edge.link.label(graph.at);
        Withheld {
            kind: "rows_of_others",
            about: by.clone(),
            what: format!("row(s) that {by} leads to"),
            rows: Some(rows.unsigned_abs()),
            why: match (edge.fate, edge.parent) {
                (Fate::Collect, ROOT) => "they name another account too",
                (Fate::Collect, _) => "they name other people, by account or by address",
                _ if edge.child == graph.nodes[ROOT].table => "they are other people's accounts",
                _ => {
                    "they only refer to rows of the account and outlive them, so neither they nor their related rows are \
                     exported; include_tables in [app.schema.export] lets them leave"
                }
            }
            .to_owned(),
            told_only: false,
        }
    })
    .collect()
}

/// Rows that hold the person's address and are, or may be, another account's.
fn with_the_address(survey: &Survey<'_>) -> Vec<Withheld> {
    let graph = &survey.graph;
    let mut withheld: Vec<Withheld> = Vec::new();
    for one in survey.collected.addressed.iter().filter(|one| one.rows > 0) {
        let why = match (one.verdict, &one.path) {
            (Verdict::OfOthers, Some(path)) => format!("they belong to another account ({path})"),
            (Verdict::Shared, _) => "another account has the same address".to_owned(),
            (Verdict::ThirdSpelling, _) => {
                "another account's address differs in letter case only, and they are spelled like neither".to_owned()
            }
            _ => continue,
        };
        let Some(column) = graph.loose.get(one.loose) else {
            continue;
        };
        let label = column.label(graph.at);
        withheld.push(Withheld {
            kind: "rows_with_address",
            what: format!("row(s) with the address in {label}"),
            about: label,
            rows: Some(one.rows.unsigned_abs()),
            why,
            told_only: false,
        });
    }
    withheld
}

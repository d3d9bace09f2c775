//! What an erasure would do, exactly, before anybody approves it.

mod explain;

use serde::{Deserialize, Serialize};

use super::{
    AppDbError, Left, OnDelete, Purpose, Snapshot,
    graph::{Graph, Node},
    sql::ident,
    survey::{Intent, Survey, survey},
    writes,
};
use crate::domain::plan::Warning;

/// The plan of an erasure, as far as the app's database goes. It holds no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasurePlan {
    /// The account.
    pub user_id: String,
    /// Every table that is reached, in the order in which it is reached, the account first. A table is there twice when
    /// some of its rows go and others only lose their link.
    pub tables: Vec<TableImpact>,
    /// Rows that hold the e-mail address without a key: they are part of `tables` too where the table is also reached
    /// by a key, and are counted once.
    pub loose: Vec<LooseImpact>,
    /// What names the account and stays although nothing says so: rows without a key, by column, and tables that could not
    /// be searched for them.
    pub left: Vec<Left>,
    /// What makes the erasure impossible. Nothing is changed while there is one.
    pub blockers: Vec<String>,
    /// What the approver should know.
    pub warnings: Vec<Warning>,
    /// The columns that name the person's files.
    pub files: Vec<FileColumn>,
}

impl ErasurePlan {
    /// Rows that would be deleted, over all tables.
    #[must_use]
    pub fn rows_deleted(&self) -> i64 {
        self.tables
            .iter()
            .filter(|impact| matches!(impact.action, Action::Delete | Action::CascadedBy(_)))
            .map(|impact| impact.rows)
            .sum()
    }
}

/// What happens to the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableImpact {
    /// The table, with its schema when that is not the app's main one.
    pub table: String,
    /// How it is reached: `User ← TestSession.userId ← Response.sessionId`.
    pub via: String,
    /// What happens.
    pub action: Action,
    /// The rule of the key that reaches it first; `None` for the account and for rows found by e-mail address.
    pub on_delete: Option<OnDelete>,
    /// Rows, each counted once.
    pub rows: i64,
    /// The same for people.
    pub explanation: String,
}

/// What happens to rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// They are deleted; without us the key would refuse, or there is none.
    Delete,
    /// They are deleted; the key would do it by itself when the rows of this table go.
    CascadedBy(String),
    /// They stay, without what tells whose they were.
    Anonymise,
    /// They stay, for a reason that the configuration gives.
    Keep,
    /// They stay, with the link cut (or pointing to the column's default).
    SetNull,
}

/// Rows that hold the e-mail address in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LooseImpact {
    pub table: String,
    pub column: String,
    /// Rows that no key led to.
    pub rows: i64,
    /// Whether the configuration names the column; otherwise it was found by its name.
    pub configured: bool,
}

/// A column that names files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileColumn {
    pub table: String,
    pub column: String,
    /// The person's rows that name a file in it.
    pub rows: i64,
}

impl Snapshot {
    /// Works out what erasing the account would do. Nothing is changed.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when there is no such account; what only stands in the way is a blocker in the plan.
    pub async fn plan_erasure(&self, user_id: &str) -> Result<ErasurePlan, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let impossible = match writes::possible(&mut tx).await {
            Ok(()) => None,
            Err(AppDbError::Blocked(why)) => Some(why),
            Err(error) => return Err(error),
        };
        let mut survey = survey(&mut tx, self, user_id, Intent::Look).await?;
        survey.blockers.extend(impossible);
        let files = files(&mut tx, &mut survey).await?;
        let traces = survey.search(&mut tx, self.db.limits).await?;
        tx.rollback().await?;
        let scope = survey.graph.scope;
        Ok(ErasurePlan {
            user_id: survey.user_id.clone(),
            tables: explain::impacts(&survey),
            loose: loose(&survey),
            left: traces.left(scope),
            blockers: survey.blockers,
            warnings: [survey.warnings, traces.warnings(scope)].concat(),
            files,
        })
    }
}

fn loose(survey: &Survey<'_>) -> Vec<LooseImpact> {
    let graph = &survey.graph;
    let columns = graph.loose.iter().zip(&survey.collected.loose);
    columns
        .filter(|(column, _)| column.collects)
        .map(|(column, rows)| LooseImpact {
            table: graph.at.label_at(column.table),
            column: column.column.clone(),
            rows: *rows,
            configured: column.configured,
        })
        .collect()
}

async fn files(
    connection: &mut sqlx::PgConnection,
    survey: &mut Survey<'_>,
) -> Result<Vec<FileColumn>, AppDbError> {
    let mut files = Vec::new();
    for column in &survey.graph.at.mapping.user_columns {
        let Some(node) = file_node(&survey.graph, column) else {
            let says = format!(
                "{column} should name the person's files, but no key leads from the account to such a column"
            );
            let about = column.to_string();
            survey
                .warnings
                .push(Warning::new("file_column_not_found", says).about(about));
            continue;
        };
        let text = format!(
            "SELECT count(t.{}) FROM {} t JOIN {} mine ON {}",
            ident(&column.column),
            survey.graph.table(node).source(),
            Node::slot(node),
            survey.graph.nodes[node].is_row("t", "mine")
        );
        files.push(FileColumn {
            table: survey.graph.label(node),
            column: column.column.clone(),
            rows: super::sql::count(super::sql::query(text), connection).await?,
        });
    }
    Ok(files)
}

/// The node whose rows hold this configured column.
pub(super) fn file_node(graph: &Graph<'_>, column: &super::ColumnRef) -> Option<usize> {
    let table = graph.at.position_of(column)?;
    graph.at.schema.tables[table].column(&column.column)?;
    graph.node_of(table)
}

//! Erases an account's rows: one transaction, child first, with the marker, and with counts that are checked.

mod order;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Row};

use super::{
    AppDb, AppDbError, CONTENTION_ATTEMPTS, Mark, Purpose,
    error::is_contention,
    graph::{Fate, Graph, Node, ROOT},
    marker,
    rows::{is_left_behind, touch},
    schema,
    sql::{count, ident, query},
    survey::{Intent, Survey, is_covered, survey},
    user::Accounts,
};

/// How the erasure knows that the account is still the one that was planned.
#[derive(Clone, Copy)]
pub enum EmailCheck<'a> {
    /// Its address is this one, letter case included; `None`: it has none.
    Is(Option<&'a str>),
    /// Its address passes this test (against a keyed hash, say).
    Matches(&'a (dyn Fn(Option<&str>) -> bool + Sync)),
}

/// What an erasure did. It is kept in the step's marker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedRows {
    /// Rows deleted, by table.
    pub deleted: BTreeMap<String, i64>,
    /// Rows kept by policy and cut off, by table.
    pub kept: BTreeMap<String, i64>,
    /// Rows of which only the link was cut, by `table.column`.
    pub unlinked: BTreeMap<String, i64>,
}

impl ErasedRows {
    /// Rows deleted over all tables.
    #[must_use]
    pub fn total_deleted(&self) -> i64 {
        self.deleted.values().sum()
    }
}

impl AppDb {
    /// Erases the account and everything that hangs on it, once per mark: a repeated call returns the first one's counts.
    /// The plan is worked out again inside the transaction, and what it counts is what must be deleted.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when the account is gone or another one than planned, [`AppDbError::Blocked`] when
    /// something stands in the way. In every case of an error nothing was changed, except that a lost connection during
    /// the commit leaves it open: calling again settles it.
    pub async fn erase(
        &self,
        mark: &Mark,
        user_id: &str,
        planned: EmailCheck<'_>,
    ) -> Result<ErasedRows, AppDbError> {
        let mut attempt = 1;
        loop {
            match self.try_erase(mark, user_id, planned).await {
                Err(Failure::Sql(error))
                    if is_contention(&error) && attempt < CONTENTION_ATTEMPTS =>
                {
                    attempt += 1
                }
                Err(Failure::Sql(error)) => return Err(error.into()),
                Err(Failure::Said(error)) => return Err(error),
                Ok(erased) => return Ok(erased),
            }
        }
    }

    async fn try_erase(
        &self,
        mark: &Mark,
        user_id: &str,
        planned: EmailCheck<'_>,
    ) -> Result<ErasedRows, Failure> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        if !marker::insert(&mut tx, mark).await? {
            let done = marker::recorded(&mut tx, mark).await?;
            tx.rollback().await?;
            let missing =
                || AppDbError::Other(format!("the marker of step {} has no result", mark.step));
            return done.ok_or_else(missing).map_err(Failure::from);
        }
        let schema = schema::read(&mut tx).await?;
        let accounts = Accounts::of(&schema, &self.mapping)?;
        lock_account(&mut tx, &accounts, user_id).await?;
        let survey = survey(&mut tx, &schema, &self.mapping, user_id, Intent::Erase).await?;
        let email = survey.user.email.as_deref();
        let is_planned = match planned {
            EmailCheck::Is(expected) => expected == email,
            EmailCheck::Matches(test) => test(email),
        };
        if !is_planned {
            let changed =
                format!("account {user_id} has another e-mail address than when this was planned");
            return Err(AppDbError::Changed(changed).into());
        }
        if !survey.blockers.is_empty() {
            return Err(AppDbError::Blocked(survey.blockers.join("; ")).into());
        }
        let mut erased = ErasedRows::default();
        cut_links(&mut tx, &survey, &mut erased).await?;
        delete(&mut tx, &survey, &mut erased).await?;
        sqlx::raw_sql("SET CONSTRAINTS ALL IMMEDIATE")
            .execute(&mut *tx)
            .await?;
        check_gone(&mut tx, &survey.graph).await?;
        marker::record(&mut tx, mark, &erased).await?;
        tx.commit().await?;
        Ok(erased)
    }
}

/// Keeps the driver's error until it is known whether the transaction is to be tried again.
enum Failure {
    Sql(sqlx::Error),
    Said(AppDbError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<AppDbError> for Failure {
    fn from(error: AppDbError) -> Self {
        Self::Said(error)
    }
}

/// Rows that point to the account cannot be added while its row is locked.
async fn lock_account(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    user_id: &str,
) -> Result<(), Failure> {
    let text = format!(
        "SELECT 1 FROM {} t WHERE {} FOR UPDATE",
        accounts.table.source(),
        accounts.id_is("t", 1)
    );
    match query(text).bind(user_id).fetch_optional(connection).await? {
        Some(_) => Ok(()),
        None => Err(AppDbError::Changed(format!("there is no account {user_id} any more")).into()),
    }
}

/// Cuts off what stays: other people's accounts, and rows that a policy keeps.
async fn cut_links(
    connection: &mut PgConnection,
    survey: &Survey<'_>,
    erased: &mut ErasedRows,
) -> Result<(), Failure> {
    let graph = &survey.graph;
    for (node, found) in graph.nodes.iter().enumerate() {
        if !found.stays() || survey.collected.rows[node] == 0 {
            continue;
        }
        overwrite(connection, graph, node).await?;
        for edge in graph
            .edges_into(node)
            .filter(|edge| !is_covered(survey, node, edge))
        {
            let slot = Node::slot(edge.parent);
            let condition = format!(
                "EXISTS (SELECT 1 FROM {slot} g WHERE {})",
                graph.points_to(edge, "t", "g")
            );
            empty(connection, graph, edge, &condition).await?;
        }
        erased
            .kept
            .insert(graph.label(node), survey.collected.rows[node]);
    }
    for &(index, rows) in survey.left_behind.iter().filter(|(_, rows)| *rows > 0) {
        let edge = &graph.edges[index];
        if edge.fate == Fate::Unlink {
            empty(connection, graph, edge, &is_left_behind(graph, edge)).await?;
        }
        *erased
            .unlinked
            .entry(edge.link.label(graph.schema, graph.mapping))
            .or_default() += rows;
    }
    Ok(())
}

async fn empty(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    edge: &super::graph::Edge,
    condition: &str,
) -> Result<(), sqlx::Error> {
    let columns = edge.link.cut(graph.schema).unwrap_or_default();
    let columns: Vec<String> = columns
        .iter()
        .map(|name| format!("{} = NULL", ident(name)))
        .collect();
    let text = format!(
        "UPDATE {} t SET {}{} WHERE {condition}",
        edge.link.source,
        columns.join(", "),
        touch(&graph.schema.tables[edge.child], graph.mapping)
    );
    query(text).execute(connection).await?;
    Ok(())
}

/// Gives the columns that a policy names their new values.
async fn overwrite(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    node: usize,
) -> Result<(), sqlx::Error> {
    let table = graph.table(node);
    let assignments = graph.nodes[node]
        .policy
        .map(super::Policy::assignments)
        .unwrap_or_default();
    if assignments.is_empty() {
        return Ok(());
    }
    let mut values = Vec::new();
    let mut parts = Vec::new();
    for (name, value) in assignments {
        let type_name = table
            .column(name)
            .map_or("text", |column| column.type_name.as_str());
        match value {
            None => parts.push(format!("{} = NULL", ident(name))),
            Some(value) => {
                values.push(value);
                parts.push(format!(
                    "{} = CAST(${}::text AS {type_name})",
                    ident(name),
                    values.len()
                ));
            }
        }
    }
    let text = format!(
        "UPDATE {} t SET {}{} FROM {} mine WHERE {}",
        table.source(),
        parts.join(", "),
        touch(table, graph.mapping),
        Node::slot(node),
        graph.nodes[node].is_row("t", "mine")
    );
    let update = values
        .into_iter()
        .fold(query(text), |query, value| query.bind(value.to_owned()));
    update.execute(connection).await?;
    Ok(())
}

/// Deletes child first. Tables in a circle of keys go in one statement: Postgres checks keys when it ends.
async fn delete(
    connection: &mut PgConnection,
    survey: &Survey<'_>,
    erased: &mut ErasedRows,
) -> Result<(), Failure> {
    let graph = &survey.graph;
    for group in order::child_first(graph, &survey.collected.rows) {
        let deletes: Vec<String> = group
            .iter()
            .map(|&node| {
                format!(
                    "gone_{node} AS (DELETE FROM {} t USING {} mine WHERE {} RETURNING 1)",
                    graph.table(node).source(),
                    Node::slot(node),
                    graph.nodes[node].is_row("t", "mine")
                )
            })
            .collect();
        let counts: Vec<String> = group
            .iter()
            .map(|node| format!("(SELECT count(*) FROM gone_{node})"))
            .collect();
        let text = format!("WITH {} SELECT {}", deletes.join(", "), counts.join(", "));
        let row = query(text).fetch_one(&mut *connection).await?;
        for (position, &node) in group.iter().enumerate() {
            let gone: i64 = row.try_get(position)?;
            let expected = if node == ROOT {
                1
            } else {
                survey.collected.rows[node]
            };
            if gone != expected {
                let says = format!(
                    "{gone} rows of {} were deleted instead of {expected}: nothing was changed",
                    graph.label(node)
                );
                return Err(AppDbError::Blocked(says).into());
            }
            erased.deleted.insert(graph.label(node), gone);
        }
    }
    Ok(())
}

/// No deleted row may still be there: a trigger can put one back.
async fn check_gone(connection: &mut PgConnection, graph: &Graph<'_>) -> Result<(), Failure> {
    let parts: Vec<String> = graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| !node.stays())
        .map(|(index, node)| {
            let from = graph.table(index).source();
            format!(
                "(SELECT count(*) FROM {from} t JOIN {} mine ON {})",
                Node::slot(index),
                node.is_row("t", "mine")
            )
        })
        .collect();
    let left = count(query(format!("SELECT {}", parts.join(" + "))), connection).await?;
    if left == 0 {
        Ok(())
    } else {
        Err(AppDbError::Blocked(format!(
            "{left} rows were still there after they were deleted: nothing was changed"
        ))
        .into())
    }
}

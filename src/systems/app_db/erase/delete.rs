//! Deletes, and checks that what was to go is gone.

use sqlx::{PgConnection, Row};

use super::{ErasedRows, order};
use crate::systems::app_db::{
    AppDbError,
    failure::Failure,
    graph::{Graph, Node, ROOT},
    sql::{count, query},
    survey::Survey,
};

/// Deletes child first. Tables in a circle of keys go in one statement: Postgres checks keys when it ends.
pub(super) async fn delete(
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
pub(super) async fn check_gone(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
) -> Result<(), Failure> {
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

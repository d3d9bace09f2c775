//! Cuts what stays off from what is deleted.

use sqlx::PgConnection;

use super::ErasedRows;
use crate::systems::app_db::{
    failure::Failure,
    graph::{Edge, Fate, Graph, Node},
    rows::is_left_behind,
    sql::{ident, query},
    survey::{Survey, is_covered, overwritten},
};

/// Cuts off what stays: other people's accounts, and rows that a policy keeps.
pub(super) async fn cut_links(
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
            // A key that cannot be cut is a blocker where rows refer to it.
            .filter(|edge| edge.link.cut(&graph.at.schema).is_some())
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
        // The database does nothing for a key that it does not hold the table to.
        if edge.fate == Fate::Unlink || edge.link.inherited {
            empty(connection, graph, edge, &is_left_behind(graph, edge)).await?;
        }
        *erased
            .unlinked
            .entry(edge.link.label(graph.at))
            .or_default() += rows;
    }
    Ok(())
}

async fn empty(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    edge: &Edge,
    condition: &str,
) -> Result<(), sqlx::Error> {
    let columns = edge.link.cut(&graph.at.schema).unwrap_or_default();
    let columns: Vec<String> = columns
        .iter()
        .map(|name| format!("{} = NULL", ident(name)))
        .collect();
    let text = format!(
        "UPDATE {} t SET {}{} WHERE {condition}",
        edge.link.source,
        columns.join(", "),
        graph.at.touch(&graph.at.schema.tables[edge.child])
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
    let (assignments, values) = overwritten(graph, node);
    if assignments.is_empty() {
        return Ok(());
    }
    let parts: Vec<String> = assignments
        .iter()
        .map(|(name, value)| format!("{} = {value}", ident(name)))
        .collect();
    let text = format!(
        "UPDATE {} t SET {}{} FROM {} mine WHERE {}",
        table.source(),
        parts.join(", "),
        graph.at.touch(table),
        Node::slot(node),
        graph.nodes[node].is_row("t", "mine")
    );
    let update = values
        .into_iter()
        .fold(query(text), |query, value| query.bind(value));
    update.execute(connection).await?;
    Ok(())
}

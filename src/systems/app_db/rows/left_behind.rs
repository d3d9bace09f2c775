//! Rows that a key leads to and that are not collected: an erasure cuts their link, an export leaves them out.

use sqlx::PgConnection;

use crate::systems::app_db::graph::{Edge, Fate, Graph, Node};

/// Counts them by edge, in one query.
pub(in crate::systems::app_db) async fn count_left_behind(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
) -> Result<Vec<(usize, i64)>, sqlx::Error> {
    let parts: Vec<String> = graph
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.fate != Fate::Collect || graph.is_own(edge, "t").is_some())
        .map(|(index, edge)| format!("SELECT {index}::int8, ({})", left_behind(graph, edge)))
        .collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let counts: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(parts.join(" UNION ALL ")))
        .persistent(false)
        .fetch_all(connection)
        .await?;
    Ok(counts
        .into_iter()
        .filter_map(|(index, rows)| Some((usize::try_from(index).ok()?, rows)))
        .collect())
}

fn left_behind(graph: &Graph<'_>, edge: &Edge) -> String {
    format!(
        "SELECT count(*) FROM {} t WHERE {}",
        edge.link.source,
        is_left_behind(graph, edge)
    )
}

/// The condition that a row points to a collected row and is not collected itself.
pub(in crate::systems::app_db) fn is_left_behind(graph: &Graph<'_>, edge: &Edge) -> String {
    let not_collected = edge.child_node.map_or_else(String::new, |node| {
        format!(
            " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        )
    });
    format!(
        "EXISTS (SELECT 1 FROM {} g WHERE {}){not_collected}",
        Node::slot(edge.parent),
        graph.points_to(edge, "t", "g")
    )
}

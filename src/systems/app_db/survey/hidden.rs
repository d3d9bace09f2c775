//! What the keys do not show: ids without a key, other people's rows, addresses.

use sqlx::PgConnection;

use super::Survey;
use super::{addresses, probe, probe::Probe};
use crate::systems::app_db::{
    AppDbError, Kind,
    graph::{Graph, Node, ROOT, Scope},
    sql::ident,
};

/// Everything that a plan tells.
pub(super) async fn look(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    addresses::undecided(connection, survey).await?;
    let mut probes = Vec::new();
    probes.extend(loose_ids(&survey.graph));
    if survey.graph.scope == Scope::Erasure {
        probes.extend(other_peoples_rows(survey));
    }
    if survey.email.is_some() {
        probes.extend(addresses::address_in_other_peoples_rows(survey));
        probes.extend(addresses::third_spelling(survey));
    }
    survey
        .warnings
        .extend(probe::run(connection, survey, probes).await?);
    survey.warnings.extend(addresses::found_by_name(survey));
    Ok(())
}

/// Columns that are named like a user's id, hold this one's, and have no key: nothing will touch them.
fn loose_ids(graph: &Graph<'_>) -> Vec<Probe> {
    let own_name = format!("{}id", graph.mapping.user.table.to_lowercase());
    let mut probes = Vec::new();
    for (index, table) in graph.schema.tables.iter().enumerate() {
        for column in table
            .columns
            .iter()
            .filter(|_| table.kind != Kind::MaterialisedView && table.may_select)
        {
            let name: String = column
                .name
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect();
            let has_key = graph
                .schema
                .foreign_keys
                .iter()
                .any(|key| key.child == index && key.columns.contains(&column.name));
            let linked = graph.mapping.link_columns.iter().any(|link| {
                link.column == column.name
                    && graph
                        .schema
                        .position(&link.table_ref(&graph.mapping.schema))
                        == Some(index)
            });
            if has_key
                || linked
                || index == graph.nodes[ROOT].table
                || (name != "userid" && name != own_name)
            {
                continue;
            }
            let label = format!("{}.{}", table.label(&graph.mapping.schema), column.name);
            let stay = graph.scope.left_alone();
            probes.push(Probe {
                sql: format!(
                    "SELECT count(*) FROM {} t WHERE t.{}::text = $2",
                    table.source(),
                    ident(&column.name)
                ),
                says: Box::new(move |rows| {
                    format!("rows that name this account in {label} without a foreign key: {rows}; they {stay}: add it to link_columns in [app.schema] to follow it")
                }),
            });
        }
    }
    probes
}

/// Rows that go although they name another account too.
fn other_peoples_rows(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
    let mut probes = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate().skip(1) {
        let several_ways = graph.edges_into(index).count() > 1;
        if node.stays() || survey.collected.rows[index] == 0 || !several_ways {
            continue;
        }
        for edge in graph.account_edges(node.table) {
            let empty: Vec<String> = edge
                .link
                .columns
                .iter()
                .map(|name| format!("t.{} IS NOT NULL", ident(name)))
                .collect();
            let label = graph.label(index);
            let by = edge.link.label(graph.schema, graph.mapping);
            probes.push(Probe {
                sql: format!(
                    "SELECT count(*) FROM {} t JOIN {} mine ON {} WHERE {} AND NOT EXISTS (SELECT 1 FROM {} me WHERE {})",
                    graph.table(index).source(),
                    Node::slot(index),
                    node.is_row("t", "mine"),
                    empty.join(" AND "),
                    Node::slot(ROOT),
                    graph.points_to(edge, "t", "me")
                ),
                says: Box::new(move |rows| format!("rows of {label} that go and name another account by {by}: {rows}")),
            });
        }
    }
    probes
}

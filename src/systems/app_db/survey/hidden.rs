//! What the keys do not show: other people's rows, addresses, tables that cannot be read.

use sqlx::PgConnection;

use super::Survey;
use super::{addresses, probe, probe::Probe};
use crate::systems::app_db::{
    AppDbError,
    graph::{Graph, Node, ROOT, Scope},
    sql::ident,
    traces,
};

/// Everything that a plan tells.
pub(super) async fn look(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    addresses::undecided(connection, survey).await?;
    let mut probes = Vec::new();
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
    survey.warnings.extend(unread_ids(&survey.graph));
    Ok(())
}

/// Columns that are named like an account's id and have no key, in tables that our role may not read: whether this account
/// is in them is not known.
fn unread_ids(graph: &Graph<'_>) -> Vec<String> {
    let stay = graph.scope.left_alone();
    let unread = traces::unread_references(graph).into_iter();
    unread
        .map(|(table, columns)| {
            let label = table.label(&graph.mapping.schema);
            let columns: Vec<String> = columns.iter().map(|column| format!("{label}.{column}")).collect();
            format!(
                "the database role of DATABASE_URL may not read {label}, so rows that name this account in {} {stay}: \
                 GRANT SELECT ON {} TO that role",
                columns.join(", "),
                table.quoted(),
            )
        })
        .collect()
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

//! What the keys do not show: ids without a key, other people's rows, addresses.

use sqlx::PgConnection;

use super::Survey;
use super::{addresses, probe, probe::Probe};
use crate::systems::app_db::{
    AppDbError, Column, Kind, Table,
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
    survey.warnings.extend(unread_ids(&survey.graph));
    Ok(())
}

/// Columns that are named like a user's id, hold this one's, and have no key: nothing will touch them.
fn loose_ids(graph: &Graph<'_>) -> Vec<Probe> {
    let stay = graph.scope.left_alone();
    let readable = unlinked_ids(graph).filter(|(table, _)| table.may_select);
    readable
        .map(|(table, column)| {
            let label = format!("{}.{}", table.label(&graph.mapping.schema), column.name);
            Probe {
                sql: format!(
                    "SELECT count(*) FROM {} t WHERE {}",
                    table.source(),
                    column.holds("t", 2)
                ),
                says: Box::new(move |rows| {
                    format!("rows that name this account in {label} without a foreign key: {rows}; they {stay}: add it to link_columns in [app.schema] to follow it")
                }),
            }
        })
        .collect()
}

/// Such columns in tables that our role may not read: whether this account is in them is not known.
fn unread_ids(graph: &Graph<'_>) -> Vec<String> {
    let unread = unlinked_ids(graph).filter(|(table, _)| !table.may_select);
    unread
        .map(|(table, column)| {
            format!(
                "the database role of DATABASE_URL may not read {label}, so rows that name this account in {label}.{} {}: \
                 GRANT SELECT ON {} TO that role",
                column.name,
                graph.scope.left_alone(),
                table.quoted(),
                label = table.label(&graph.mapping.schema),
            )
        })
        .collect()
}

/// Columns that are named like a user's id and have no key, outside the accounts' table.
fn unlinked_ids<'a>(graph: &'a Graph<'_>) -> impl Iterator<Item = (&'a Table, &'a Column)> {
    let own_name = format!("{}id", graph.mapping.user.table.to_lowercase());
    let tables = graph.schema.tables.iter().enumerate();
    let tables = tables.filter(move |(index, table)| {
        *index != graph.nodes[ROOT].table && table.kind != Kind::MaterialisedView
    });
    let columns =
        tables.flat_map(|(index, table)| table.columns.iter().map(move |one| (index, table, one)));
    columns
        .filter(move |(index, _, column)| {
            let letters = column.name.chars().filter(|c| c.is_alphanumeric());
            let name: String = letters.flat_map(char::to_lowercase).collect();
            (name == "userid" || name == own_name) && !is_linked(graph, *index, column)
        })
        .map(|(_, table, column)| (table, column))
}

/// Whether a foreign key or the configuration says what the column points to.
fn is_linked(graph: &Graph<'_>, table: usize, column: &Column) -> bool {
    let mut keys = graph.schema.foreign_keys.iter();
    let mut links = graph.mapping.link_columns.iter();
    let schema = &graph.mapping.schema;
    keys.any(|key| key.child == table && key.columns.contains(&column.name))
        || links.any(|link| {
            link.column == column.name
                && graph.schema.position(&link.table_ref(schema)) == Some(table)
        })
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

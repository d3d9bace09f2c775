//! What is told beyond what keys lead to: ids without a key, other people's rows, addresses.

use sqlx::PgConnection;

use super::Survey;
use super::{addresses, others, probe, probe::Probe};
use crate::systems::app_db::{
    AppDbError, Column, Kind, Table,
    graph::{Graph, ROOT},
    sql::ident,
};

/// Everything that a plan tells.
pub(super) async fn look(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    let blockers = addresses::undecided(survey);
    survey.blockers.extend(blockers);
    let mut probes = loose_ids(&survey.graph);
    probes.extend(others::probes(survey));
    let told = probe::run(connection, survey, probes).await?;
    survey.warnings.extend(told);
    survey.warnings.extend(others::taken_by_policy(survey));
    let told = addresses::warnings(survey);
    survey.warnings.extend(told);
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

//! Where the e-mail address is, beyond what the keys lead to.

use sqlx::PgConnection;

use super::{
    Survey,
    probe::{Probe, run},
};
use crate::systems::app_db::{
    AppDbError, Kind,
    graph::{Node, ROOT},
    loose::{holds_email, names_nobody_else},
    sql::ident,
};

/// Blocks when the address is in a table that other tables depend on and that nobody decided about.
pub(super) async fn undecided(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    if survey.email.is_none() {
        return Ok(());
    }
    let graph = &survey.graph;
    let probes = graph.loose.iter().filter(|column| !column.collects).filter_map(|column| {
        let table = &graph.schema.tables[column.table];
        if table.kind == Kind::MaterialisedView {
            return None;
        }
        let label = column.label(graph.schema, graph.mapping);
        let name = table.label(&graph.mapping.schema);
        let mine = graph.node_of(column.table).map_or_else(String::new, |node| {
            format!(
                " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
                Node::slot(node),
                graph.nodes[node].is_row("t", "mine")
            )
        });
        Some(Probe {
            sql: format!(
                "SELECT count(*) FROM {} t WHERE {} AND {}{mine}",
                table.source(),
                holds_email(&column.column, "t", survey.collected.has_twin),
                names_nobody_else(graph, column.table, "t")
            ),
            says: Box::new(move |rows| {
                format!(
                    "rows with the e-mail address in {label} that no key leads to: {rows}; other tables depend on {name}: decide \
                     with [app.schema.tables.{name}] (policy = \"delete\", \"anonymise\" or \"keep\")"
                )
            }),
        })
    });
    let blockers = run(connection, survey, probes.collect()).await?;
    survey.blockers.extend(blockers);
    Ok(())
}

/// Rows that hold the address and belong to another account by key: they stay.
pub(super) fn address_in_other_peoples_rows(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
    let stay = graph.scope.left_alone();
    let columns = graph
        .loose
        .iter()
        .filter(|column| graph.account_edges(column.table).next().is_some());
    columns
        .map(|column| {
            let label = column.label(graph.schema, graph.mapping);
            let table = &graph.schema.tables[column.table];
            let collected = graph.node_of(column.table).map_or_else(String::new, |node| {
                format!(
                    " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
                    Node::slot(node),
                    graph.nodes[node].is_row("t", "mine")
                )
            });
            Probe {
                sql: format!(
                    "SELECT count(*) FROM {} t WHERE {} AND NOT ({}){collected}",
                    table.source(),
                    holds_email(&column.column, "t", survey.collected.has_twin),
                    names_nobody_else(graph, column.table, "t")
                ),
                says: Box::new(move |rows| {
                    format!("rows with the e-mail address in {label} that belong to another account by key: {rows}; they {stay}")
                }),
            }
        })
        .collect()
}

/// With a twin, rows in a spelling that is neither's may be either's: they stay.
pub(super) fn third_spelling(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
    let stay = graph.scope.left_alone();
    let accounts = graph.table(ROOT);
    let columns = graph.loose.iter().filter(|_| survey.collected.has_twin);
    columns
        .map(|column| {
            let label = column.label(graph.schema, graph.mapping);
            Probe {
                sql: format!(
                    "SELECT count(*) FROM {} t WHERE {} AND NOT EXISTS (SELECT 1 FROM {} u WHERE u.{}::text = t.{}::text) AND {}",
                    graph.schema.tables[column.table].source(),
                    holds_email(&column.column, "t", false),
                    accounts.source(),
                    ident(&graph.mapping.user.email),
                    ident(&column.column),
                    names_nobody_else(graph, column.table, "t")
                ),
                says: Box::new(move |rows| {
                    format!(
                        "rows with the e-mail address in {label} in a letter case of their own: {rows}; another account's \
                         address differs in letter case only, so they may be either's, and {stay}"
                    )
                }),
            }
        })
        .collect()
}

pub(super) fn found_by_name(survey: &Survey<'_>) -> Vec<String> {
    let graph = &survey.graph;
    let found = graph.loose.iter().zip(&survey.collected.loose);
    found
        .filter(|(column, rows)| !column.configured && **rows > 0)
        .map(|(column, rows)| {
            let label = column.label(graph.schema, graph.mapping);
            format!("rows with the e-mail address in {label}: {rows}; the column was found by its name and is not configured")
        })
        .collect()
}

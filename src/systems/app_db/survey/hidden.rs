//! What the keys do not show: addresses in tables that nobody decided about, ids without a key, other people's rows.

use sqlx::PgConnection;

use super::Survey;
use crate::systems::app_db::{
    AppDbError, Kind,
    graph::{Graph, Node, ROOT},
    loose::{holds_email, names_nobody_else},
    sql::ident,
};

/// A counting query and the sentence for when it counts anything. `$1` is the e-mail address, `$2` the user's id.
struct Probe {
    sql: String,
    says: Box<dyn Fn(i64) -> String + Send + Sync>,
}

/// Everything that a plan tells.
pub(super) async fn look(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    undecided(connection, survey).await?;
    let mut probes = Vec::new();
    probes.extend(loose_ids(&survey.graph));
    probes.extend(other_peoples_rows(survey));
    if survey.user.email.is_some() {
        probes.extend(address_in_other_peoples_rows(survey));
        probes.extend(third_spelling(survey));
    }
    survey
        .warnings
        .extend(run(connection, survey, probes).await?);
    survey.warnings.extend(found_by_name(survey));
    Ok(())
}

/// Blocks when the address is in a table that other tables depend on and that nobody decided about.
pub(super) async fn undecided(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    if survey.user.email.is_none() {
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
                    "{rows} rows hold the e-mail address in {label} without a key, and other tables depend on {name}: decide \
                     with [app.schema.tables.{name}] (policy = \"delete\", \"anonymise\" or \"keep\")"
                )
            }),
        })
    });
    let blockers = run(connection, survey, probes.collect()).await?;
    survey.blockers.extend(blockers);
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
            .filter(|_| table.kind != Kind::MaterialisedView)
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
            probes.push(Probe {
                sql: format!(
                    "SELECT count(*) FROM {} t WHERE t.{}::text = $2",
                    table.source(),
                    ident(&column.name)
                ),
                says: Box::new(move |rows| {
                    format!("{rows} rows name this account in {label} without a foreign key and stay: add it to link_columns in [app.schema] to follow it")
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
                says: Box::new(move |rows| format!("{rows} of the rows of {label} that go name another account by {by}")),
            });
        }
    }
    probes
}

/// Rows that hold the address and belong to another account by key: they stay.
fn address_in_other_peoples_rows(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
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
                    format!("{rows} rows hold the e-mail address in {label} but belong to another account by key, and stay")
                }),
            }
        })
        .collect()
}

/// With a twin, rows in a spelling that is neither's may be either's: they stay.
fn third_spelling(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
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
                        "{rows} rows of {label} spell the e-mail address in a letter case of their own; another account's \
                         address differs in letter case only, so they may be either's, and stay"
                    )
                }),
            }
        })
        .collect()
}

fn found_by_name(survey: &Survey<'_>) -> Vec<String> {
    let graph = &survey.graph;
    let found = graph.loose.iter().zip(&survey.collected.loose);
    found
        .filter(|(column, rows)| !column.configured && **rows > 0)
        .map(|(column, rows)| {
            let label = column.label(graph.schema, graph.mapping);
            format!("{rows} rows hold the e-mail address in {label}, a column that was found by its name and not configured")
        })
        .collect()
}

/// Runs the probes as one query.
async fn run(
    connection: &mut PgConnection,
    survey: &Survey<'_>,
    probes: Vec<Probe>,
) -> Result<Vec<String>, AppDbError> {
    if probes.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<String> = probes
        .iter()
        .enumerate()
        .map(|(index, probe)| format!("SELECT {index}::int8, ({})", probe.sql))
        .collect();
    let counts: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(parts.join(" UNION ALL ")))
        .bind(survey.user.email.as_deref())
        .bind(&survey.user.id)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let mut said = Vec::new();
    for (index, rows) in counts.into_iter().filter(|(_, rows)| *rows > 0) {
        if let Some(probe) = usize::try_from(index)
            .ok()
            .and_then(|index| probes.get(index))
        {
            said.push((index, (probe.says)(rows)));
        }
    }
    said.sort_unstable();
    Ok(said.into_iter().map(|(_, text)| text).collect())
}

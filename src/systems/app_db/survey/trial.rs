//! What a policy makes of the rows that it keeps, tried on copies: a value that a column cannot hold, a check that fails, a
//! unique value that is taken and a key that leads nowhere are found while planning. The app's own rows are only read, and
//! its triggers do not run.

use sqlx::{Connection, PgConnection};

use super::{Survey, is_covered};
use crate::systems::app_db::{
    AppDbError, ForeignKey, Table,
    graph::{Graph, Node},
    mapping::Policy,
    sql::{count, ident, query},
};

/// Rows of one table that are tried at most: what a policy writes is the same for each.
const MOST_ROWS: u32 = 10_000;

/// The temporary table of a node's copies.
fn copies(node: usize) -> String {
    format!("pg_temp.countersign_trial_{node}")
}

/// Columns that a policy gives new values, with the expression for each, and the values for its parameters.
pub(in crate::systems::app_db) fn overwritten<'a>(
    graph: &'a Graph<'_>,
    node: usize,
) -> (Vec<(&'a str, String)>, Vec<String>) {
    let table = graph.table(node);
    let policy = graph.nodes[node].policy;
    let mut values = Vec::new();
    let assignments = policy.map(Policy::assignments).unwrap_or_default();
    let parts = assignments.into_iter().map(|(name, value)| {
        let Some(value) = value else {
            return (name, "NULL".to_owned());
        };
        values.push(value.to_owned());
        let type_name = table
            .column(name)
            .map_or("text", |column| column.type_name.as_str());
        (
            name,
            format!("CAST(${}::text AS {type_name})", values.len()),
        )
    });
    (parts.collect(), values)
}

/// Makes the tables for the copies, with the constraints of the real ones. One that cannot be copied is not tried.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
) -> Result<(), sqlx::Error> {
    for (node, found) in graph.nodes.iter().enumerate() {
        if !found.stays() {
            continue;
        }
        let mut inner = connection.begin().await?;
        let text = format!(
            "CREATE TEMP TABLE {} (LIKE {} INCLUDING CONSTRAINTS INCLUDING INDEXES) ON COMMIT DROP",
            copies(node),
            graph.table(node).quoted()
        );
        match query(text).execute(&mut *inner).await {
            Ok(_) => inner.commit().await?,
            Err(_) => inner.rollback().await?,
        }
    }
    Ok(())
}

/// Adds a blocker for every table whose rows cannot become what its policy says.
pub(super) async fn run(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    let mut blockers = Vec::new();
    // What is blocked already would only be said twice.
    for node in 0..survey.graph.nodes.len() {
        let is_tried = survey.graph.nodes[node].stays()
            && survey.collected.rows[node] > 0
            && survey.blockers.is_empty()
            && is_there(connection, node).await?;
        if is_tried {
            blockers.extend(try_one(connection, survey, node).await?);
        }
    }
    survey.blockers.extend(blockers);
    Ok(())
}

async fn is_there(connection: &mut PgConnection, node: usize) -> Result<bool, sqlx::Error> {
    let text = format!("SELECT count(to_regclass('{}'))", copies(node));
    Ok(count(query(text), connection).await? > 0)
}

async fn try_one(
    connection: &mut PgConnection,
    survey: &Survey<'_>,
    node: usize,
) -> Result<Vec<String>, AppDbError> {
    let graph = &survey.graph;
    let label = graph.label(node);
    let mut inner = connection.begin().await?;
    let copied = copy(&mut inner, survey, node).await;
    if let Err(error) = copied {
        inner.rollback().await?;
        let error = AppDbError::from(error);
        if error.is_retryable() {
            return Err(error);
        }
        return Ok(vec![format!(
            "the rows of {label} cannot become what [app.schema.tables.{label}] says: {error}"
        )]);
    }
    let mut blockers = Vec::new();
    for (text, says) in conflicts(graph, node) {
        let rows = count(query(text), &mut inner).await?;
        if rows > 0 {
            blockers.push(format!("{rows} {says}"));
        }
    }
    inner.commit().await?;
    Ok(blockers)
}

/// Writes the rows as they would be into the table of copies.
async fn copy(
    connection: &mut PgConnection,
    survey: &Survey<'_>,
    node: usize,
) -> Result<(), sqlx::Error> {
    let graph = &survey.graph;
    let table = graph.table(node);
    let (assigned, values) = overwritten(graph, node);
    let cut: Vec<&str> = graph
        .edges_into(node)
        .filter(|edge| !is_covered(survey, node, edge))
        .flat_map(|edge| edge.link.cut(&graph.at.schema).unwrap_or_default())
        .collect();
    let names = table.columns.iter().map(|column| column.name.as_str());
    let columns: Vec<String> = names.clone().map(ident).collect();
    let new: Vec<String> = names
        .map(|name| {
            let assigned = assigned.iter().find(|(assigned, _)| *assigned == name);
            match assigned {
                Some((_, value)) => value.clone(),
                None if cut.contains(&name) => "NULL".to_owned(),
                None => format!("t.{}", ident(name)),
            }
        })
        .collect();
    let text = format!(
        "INSERT INTO {} ({}) SELECT {} FROM {} t JOIN {} mine ON {} LIMIT {MOST_ROWS}",
        copies(node),
        columns.join(", "),
        new.join(", "),
        table.source(),
        Node::slot(node),
        graph.nodes[node].is_row("t", "mine")
    );
    let insert = values
        .into_iter()
        .fold(query(text), |query, value| query.bind(value));
    insert.execute(connection).await?;
    Ok(())
}

/// What would stand against other rows: a query that counts, and what is said of it.
fn conflicts(graph: &Graph<'_>, node: usize) -> Vec<(String, String)> {
    let table = graph.table(node);
    let (assigned, _) = overwritten(graph, node);
    let is_assigned = |name: &String| assigned.iter().any(|(assigned, _)| assigned == name);
    let label = graph.label(node);
    let uniques = table.uniques.iter().chain([&table.primary_key]);
    let taken = uniques.filter(|columns| columns.iter().any(is_assigned)).map(|columns| {
        let text = format!(
            "SELECT count(*) FROM {} x JOIN {} t ON {} WHERE NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
            copies(node),
            table.source(),
            same(table, columns),
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        );
        let says = format!(
            "rows of {label} would have the same {} as other rows, which must be unique: correct [app.schema.tables.{label}]",
            columns.join(", ")
        );
        (text, says)
    });
    let own = graph.nodes[node].table;
    let keys = graph.at.schema.foreign_keys.iter();
    let keys = keys.filter(|key| key.child == own && key.columns.iter().any(is_assigned));
    let lost = keys.map(|key| {
        let parent = &graph.at.schema.tables[key.parent];
        let says = format!(
            "rows of {label} would point to a row of {} that is not there: correct [app.schema.tables.{label}]",
            graph.at.label(parent)
        );
        (points_nowhere(node, key, parent), says)
    });
    taken.chain(lost).collect()
}

fn same(table: &Table, columns: &[String]) -> String {
    let parts: Vec<String> = columns
        .iter()
        .filter_map(|name| table.column(name))
        .map(|column| {
            let name = ident(&column.name);
            format!("x.{name} {} t.{name}", column.equals)
        })
        .collect();
    parts.join(" AND ")
}

fn points_nowhere(node: usize, key: &ForeignKey, parent: &Table) -> String {
    let filled: Vec<String> = key
        .columns
        .iter()
        .map(|name| format!("x.{} IS NOT NULL", ident(name)))
        .collect();
    let pairs = key.columns.iter().zip(&key.references).zip(&key.equals);
    let points: Vec<String> = pairs
        .map(|((column, reference), equals)| {
            format!("p.{} {equals} x.{}", ident(reference), ident(column))
        })
        .collect();
    format!(
        "SELECT count(*) FROM {} x WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {})",
        copies(node),
        filled.join(" AND "),
        parent.quoted(),
        points.join(" AND ")
    )
}

//! The statements that read the configured file columns.

use crate::systems::app_db::{
    Column,
    graph::{Graph, Node},
    plan::file_node,
    sql::ident,
};

/// A configured column that is there.
pub(super) struct Source<'a> {
    pub(super) table: usize,
    pub(super) column: &'a Column,
    /// The node whose rows lose the value, because they go or because their policy takes it out; `None` when no key
    /// leads to the table, or when its rows are kept with the value.
    node: Option<usize>,
}

/// The configured columns that can be read, in the order in which statements number them.
pub(super) fn sources<'a>(graph: &Graph<'a>) -> Vec<Source<'a>> {
    let configured = graph.at.mapping.user_columns.iter();
    configured
        .filter_map(|column| {
            let table = graph.at.position_of(column)?;
            let node = file_node(graph, column).filter(|&node| {
                let overwritten = graph.nodes[node]
                    .policy
                    .into_iter()
                    .flat_map(|policy| policy.assignments());
                // A row that is kept keeps its file, unless the policy takes the name out of it.
                !graph.nodes[node].stays()
                    || overwritten
                        .into_iter()
                        .any(|(name, _)| name == column.column)
            });
            let found = &graph.at.schema.tables[table];
            let column = found.column(&column.column).filter(|_| found.may_select)?;
            Some(Source {
                table,
                column,
                node,
            })
        })
        .collect()
}

/// The values in surveyed rows that lose them; `None` when no key leads to a file column.
pub(super) fn mine(graph: &Graph<'_>) -> Option<String> {
    union(graph, |index, source| {
        let node = source.node?;
        let rows = format!(
            "JOIN {} mine ON {}",
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        );
        Some(values(graph, index, source, &rows))
    })
}

/// The values in all other rows than the surveyed ones.
pub(super) fn others(graph: &Graph<'_>) -> Option<String> {
    union(graph, |index, source| {
        let Some(node) = source.node else {
            return Some(values(graph, index, source, ""));
        };
        let rows = format!(
            "LEFT JOIN {} mine ON {} ",
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        );
        let values = values(graph, index, source, &rows);
        Some(format!("{values} AND mine.round IS NULL"))
    })
}

/// The values in all rows.
pub(super) fn all(graph: &Graph<'_>) -> Option<String> {
    union(graph, |index, source| {
        Some(values(graph, index, source, ""))
    })
}

/// The values that go, and whether others name the same files.
pub(super) fn going(graph: &Graph<'_>) -> Option<String> {
    let (mine, others) = (mine(graph)?, others(graph)?);
    Some(format!(
        "WITH mine AS MATERIALIZED (SELECT DISTINCT source, value, path FROM ({mine}) v),
         others AS MATERIALIZED (SELECT DISTINCT path FROM ({others}) v),
         shared AS (
            SELECT m.path FROM mine m {tails_of_mine} JOIN others o ON o.path = tails.tail
            UNION SELECT m.path FROM others o {tails_of_others} JOIN mine m ON m.path = tails.tail)
         SELECT m.source, m.value, m.path IN (SELECT path FROM shared) AS shared FROM mine m",
        tails_of_mine = tails("m.path"),
        tails_of_others = tails("o.path"),
    ))
}

/// What makes a value worth reading whatever is searched for, since one file can be spelled in several ways: a character
/// that is not plain, a doubled slash, a segment of dots. All other values name a file only in the way it is written.
const SPELLED_IN_SEVERAL_WAYS: &str = r"[^A-Za-z0-9._~/:@=,;!$()*''-]|[^:]//|^//|(^|/)[.][.]?(/|$)";

/// Of some values those that may name a file under the prefix `$1` or with one of the keys `$2`.
pub(super) fn staying(values: &str) -> String {
    format!(
        "WITH named AS MATERIALIZED (SELECT DISTINCT value, path FROM ({values}) v),
         wanted AS MATERIALIZED (SELECT DISTINCT key FROM unnest($2::text[]) AS key)
         SELECT value FROM named WHERE strpos(value, $1) > 0 OR value ~ '{SPELLED_IN_SEVERAL_WAYS}'
         UNION SELECT n.value FROM named n JOIN wanted w ON w.key = n.value
         UNION SELECT n.value FROM named n {} JOIN wanted w ON w.key = tails.tail",
        tails("n.path")
    )
}

fn union<'a>(
    graph: &Graph<'a>,
    part: impl Fn(usize, &Source<'a>) -> Option<String>,
) -> Option<String> {
    let parts: Vec<String> = sources(graph)
        .iter()
        .enumerate()
        .filter_map(|(index, source)| part(index, source))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" UNION ALL "))
}

/// A path and what is left of it as its folders are taken off one by one. Two paths name the same file when one is among
/// the tails of the other: a comparison for equality, which stays quick when many files are called alike.
fn tails(path: &str) -> String {
    format!(
        "CROSS JOIN LATERAL (SELECT array_to_string(p.parts[i:], '/') AS tail
            FROM (SELECT string_to_array({path}, '/') AS parts) p, generate_series(1, cardinality(p.parts)) i) AS tails"
    )
}

/// The non-empty values of one column in the given rows, each with its path: without scheme, host and query.
fn values(graph: &Graph<'_>, index: usize, source: &Source<'_>, rows: &str) -> String {
    let column = format!("t.{}", ident(&source.column.name));
    let value = if source.column.is_text_array {
        format!("CROSS JOIN LATERAL unnest({column}::text[]) AS f (value)")
    } else {
        format!("CROSS JOIN LATERAL (SELECT {column}::text AS value) AS f")
    };
    let path = "regexp_replace(regexp_replace(f.value, '^[A-Za-z][A-Za-z0-9+.-]*://[^/]*/', ''), '[?#].*$', '')";
    format!(
        "SELECT {index}::int8 AS source, f.value, {path} AS path FROM {} t {rows} {value} WHERE f.value <> ''",
        graph.at.schema.tables[source.table].source()
    )
}

//! The files that a person's rows name, collected before any row goes: afterwards nothing knows them.

use sqlx::Row;

use super::{
    AppDb, AppDbError, Column, Purpose,
    graph::{Graph, Node},
    plan::file_node,
    schema,
    sql::{ident, query},
    survey::{Intent, survey},
};

/// A key or URL that a row of the person names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct FileValue {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// What is in it, as it is: a key or a URL.
    pub value: String,
    /// Whether a row that stays names the same file, in this or another configured column. A URL and a bare key count
    /// as the same file when one ends with the other.
    pub shared_with_others: bool,
}

impl AppDb {
    /// Collects the values of the configured file columns in all rows that an erasure of the account would delete.
    ///
    /// # Errors
    /// [`AppDbError::Changed`] when there is no such account.
    pub async fn collect_file_values(&self, user_id: &str) -> Result<Vec<FileValue>, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let survey = survey(&mut tx, &schema, &self.mapping, user_id, Intent::Look).await?;
        let sources = sources(&survey.graph);
        let Some(text) = statement(&survey.graph, &sources) else {
            return Ok(Vec::new());
        };
        let rows = query(text).fetch_all(&mut *tx).await?;
        tx.rollback().await?;
        let mut values = Vec::new();
        for row in rows {
            let index = usize::try_from(row.try_get::<i64, _>("source")?).unwrap_or(usize::MAX);
            if let Some(source) = sources.get(index) {
                values.push(FileValue {
                    table: survey.graph.schema.tables[source.table].label(&self.mapping.schema),
                    column: source.column.name.clone(),
                    value: row.try_get("value")?,
                    shared_with_others: row.try_get("shared")?,
                });
            }
        }
        values.sort_unstable();
        Ok(values)
    }
}

/// A configured column that is there.
struct Source<'a> {
    table: usize,
    column: &'a Column,
    /// The node whose deleted rows count as the person's; `None` when no key leads to the table.
    node: Option<usize>,
}

fn sources<'a>(graph: &Graph<'a>) -> Vec<Source<'a>> {
    let configured = graph.mapping.user_columns.iter();
    configured
        .filter_map(|column| {
            let table = graph
                .schema
                .position(&column.table_ref(&graph.mapping.schema))?;
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
            let column = graph.schema.tables[table].column(&column.column)?;
            Some(Source {
                table,
                column,
                node,
            })
        })
        .collect()
}

fn statement(graph: &Graph<'_>, sources: &[Source<'_>]) -> Option<String> {
    let mine: Vec<String> = sources
        .iter()
        .enumerate()
        .filter_map(|(index, source)| {
            let node = source.node?;
            let rows = format!(
                "JOIN {} mine ON {}",
                Node::slot(node),
                graph.nodes[node].is_row("t", "mine")
            );
            Some(values(graph, index, source, &rows))
        })
        .collect();
    let others: Vec<String> = sources
        .iter()
        .enumerate()
        .map(|(index, source)| {
            let rows = source.node.map_or_else(String::new, |node| {
                format!(
                    "LEFT JOIN {} mine ON {} ",
                    Node::slot(node),
                    graph.nodes[node].is_row("t", "mine")
                )
            });
            let not_mine = source.node.map_or("", |_| " AND mine.round IS NULL");
            format!("{}{not_mine}", values(graph, index, source, &rows))
        })
        .collect();
    (!mine.is_empty()).then(|| {
        format!(
            "WITH mine AS MATERIALIZED (SELECT DISTINCT source, value, path FROM ({mine}) v),
             others AS MATERIALIZED (SELECT DISTINCT path FROM ({others}) v),
             shared AS (
                SELECT m.path FROM mine m {tails_of_mine} JOIN others o ON o.path = tails.tail
                UNION SELECT m.path FROM others o {tails_of_others} JOIN mine m ON m.path = tails.tail)
             SELECT m.source, m.value, m.path IN (SELECT path FROM shared) AS shared FROM mine m",
            mine = mine.join(" UNION ALL "),
            others = others.join(" UNION ALL "),
            tails_of_mine = tails("m.path"),
            tails_of_others = tails("o.path"),
        )
    })
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
        graph.schema.tables[source.table].source()
    )
}

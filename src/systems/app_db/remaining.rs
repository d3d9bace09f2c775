//! Looks again after an erasure, with nothing but the id and the address: what still names the person?

use sqlx::PgConnection;

use super::{
    AppDb, AppDbError, Kind, Purpose, Schema,
    graph::{self, Graph, ROOT},
    loose::holds_email,
    rows, schema,
    sql::{count, ident, query},
    user::Accounts,
};

/// Why rows that hold the address stay although nothing else says whose they are.
pub const ADDRESS_IN_USE: &str = "an account made since uses the address";

/// Rows that still name the person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remaining {
    /// The table.
    pub table: String,
    /// The column that names the person.
    pub column: String,
    /// How many rows.
    pub rows: i64,
    /// Why they may stay; `None` when the erasure should have removed them.
    pub kept: Option<String>,
}

impl AppDb {
    /// Counts what still names the person: the account's row, keys to it, and columns that hold the address. After a
    /// complete erasure every entry that is left says why it was kept.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses; [`AppDbError::Blocked`] when a table cannot be looked into.
    pub async fn remaining(
        &self,
        user_id: &str,
        email: Option<&str>,
    ) -> Result<Vec<Remaining>, AppDbError> {
        let mut tx = self.begin(Purpose::Snapshot).await?;
        let schema = schema::read(&mut tx).await?;
        let mapping = self.mapping.with_heirs(&schema);
        let graph = graph::build(&schema, &mapping)?;
        if let Some(unreadable) = graph.unreadable.first() {
            return Err(AppDbError::Blocked(unreadable.clone()));
        }
        let mut found = by_id(&mut tx, &graph, user_id).await?;
        if let Some(email) = email {
            found.extend(by_email(&mut tx, &graph, user_id, email).await?);
        }
        tx.rollback().await?;
        Ok(found)
    }
}

/// Keys that point to the account by its id, and the account itself. The id is compared as the column's own type where
/// that is the id's, so that an index serves.
async fn by_id(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
) -> Result<Vec<Remaining>, AppDbError> {
    let id = &graph.mapping.user.id;
    let root = graph.nodes[ROOT].table;
    let id_type = graph.schema.tables[root]
        .column(id)
        .map(|column| &column.type_name);
    let mut columns = vec![(root, id.clone())];
    for edge in graph.edges.iter().filter(|edge| edge.parent == ROOT) {
        let pairs = edge.link.columns.iter().zip(&edge.link.references);
        let by_id = pairs.filter(|(_, reference)| *reference == id);
        columns.extend(by_id.map(|(column, _)| (edge.child, column.clone())));
    }
    columns.sort();
    columns.dedup();
    let part = |index: usize, (table, name): &(usize, String)| {
        let table = &graph.schema.tables[*table];
        let own_type = table.column(name).map(|column| &column.type_name);
        let condition = match own_type.filter(|own| Some(*own) == id_type) {
            Some(own) => format!("t.{} = CAST($2::text AS {own})", ident(name)),
            None => format!("t.{}::text = $2", ident(name)),
        };
        let from = table.source();
        format!("SELECT {index}::int8, (SELECT count(*) FROM {from} t WHERE {condition})")
    };
    let parts = columns
        .iter()
        .enumerate()
        .map(|(index, column)| part(index, column))
        .collect();
    let counts = counts(connection, parts, None, user_id).await?;
    Ok(entries(graph, &columns, counts, |_| None))
}

/// Columns that hold the address. Rows that name another account by a key are that account's; tables that a policy keeps
/// are kept; a materialised view holds copies until it is refreshed; what an account that was made since may have written
/// is kept too.
async fn by_email(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: &str,
) -> Result<Vec<Remaining>, AppDbError> {
    let has_namesake = has_namesake(connection, graph.schema, graph, email).await?;
    let in_use = rows::has_exactly(connection, graph, user_id, email).await?;
    let in_use = in_use.then(|| ADDRESS_IN_USE.to_owned());
    let columns: Vec<(usize, String)> = graph
        .loose
        .iter()
        .map(|loose| (loose.table, loose.column.clone()))
        .collect();
    let part = |index: usize, (table, column): &(usize, String), of_others: bool| {
        let belongs = belongs_to_another(graph, *table);
        let whose = if of_others {
            belongs
        } else {
            format!("NOT ({belongs})")
        };
        format!(
            "SELECT {index}::int8, (SELECT count(*) FROM {} t WHERE {} AND {whose})",
            graph.schema.tables[*table].source(),
            holds_email(column, "t", has_namesake)
        )
    };
    let own = columns
        .iter()
        .enumerate()
        .map(|(index, column)| part(index, column, false))
        .collect();
    let own = counts(connection, own, Some(email), user_id).await?;
    let of_others = columns
        .iter()
        .enumerate()
        .map(|(index, column)| part(index, column, true))
        .collect();
    let of_others = counts(connection, of_others, Some(email), user_id).await?;
    let mut found = entries(graph, &columns, own, |table| {
        kept_because(graph, table).or_else(|| in_use.clone())
    });
    found.extend(entries(graph, &columns, of_others, |_| {
        Some("the row belongs to another account by key".into())
    }));
    Ok(found)
}

fn kept_because(graph: &Graph<'_>, table: usize) -> Option<String> {
    if graph.schema.tables[table].kind == Kind::MaterialisedView {
        return Some("a materialised view keeps copies until it is refreshed".into());
    }
    let node = graph.node_of(table)?;
    graph.nodes[node]
        .stays()
        .then(|| "the table's policy keeps its rows".into())
}

/// The condition that a key of the row names an account with another id.
fn belongs_to_another(graph: &Graph<'_>, table: usize) -> String {
    let mut conditions = vec!["false".to_owned()];
    for edge in graph.account_edges(table) {
        let pairs = edge.link.columns.iter().zip(&edge.link.references);
        let by_id = pairs.filter(|(_, reference)| **reference == graph.mapping.user.id);
        conditions.extend(by_id.map(|(column, _)| format!("t.{}::text <> $2", ident(column))));
    }
    format!("coalesce({}, false)", conditions.join(" OR "))
}

/// Whether an account is there whose address differs at most in letter case: then case decides whose a row is.
async fn has_namesake(
    connection: &mut PgConnection,
    schema: &Schema,
    graph: &Graph<'_>,
    email: &str,
) -> Result<bool, AppDbError> {
    let accounts = Accounts::of(schema, graph.mapping)?;
    let column = accounts.column("t", &graph.mapping.user.email)?;
    let text = format!(
        "SELECT count(*) FROM {} t WHERE lower({column}::text) = lower($1::text)",
        accounts.table.source()
    );
    Ok(count(query(text).bind(email), connection).await? > 0)
}

async fn counts(
    connection: &mut PgConnection,
    parts: Vec<String>,
    email: Option<&str>,
    user_id: &str,
) -> Result<Vec<(i64, i64)>, AppDbError> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(parts.join(" UNION ALL ")))
        .bind(email)
        .bind(user_id)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    Ok(rows)
}

fn entries(
    graph: &Graph<'_>,
    columns: &[(usize, String)],
    counts: Vec<(i64, i64)>,
    kept: impl Fn(usize) -> Option<String>,
) -> Vec<Remaining> {
    counts
        .into_iter()
        .filter(|(_, rows)| *rows > 0)
        .filter_map(|(index, rows)| {
            let (table, column) = columns.get(usize::try_from(index).ok()?)?;
            Some(Remaining {
                table: graph.schema.tables[*table].label(&graph.mapping.schema),
                column: column.clone(),
                rows,
                kept: kept(*table),
            })
        })
        .collect()
}

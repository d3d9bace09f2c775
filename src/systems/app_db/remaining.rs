//! Looks again after an erasure, with nothing but the id and the address: what still names the person?

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::{
    AppDbError, Kind, Purpose, Snapshot,
    graph::{self, Graph, ROOT, is_address},
    rows::{self, Addressed, Person, Verdict},
    sql::ident,
};

/// Why rows that hold the address stay although nothing else says whose they are.
pub const ADDRESS_IN_USE: &str = "another account uses the address";

/// Rows that still name the person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remaining {
    pub table: String,
    /// The column that names the person.
    pub column: String,
    /// How many rows.
    pub rows: i64,
    /// Why they may stay; `None` when the erasure should have removed them.
    pub kept: Option<String>,
}

impl Snapshot {
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
        let mut tx = self.db.begin(Purpose::Read).await?;
        let graph = graph::build(self)?;
        if let Some(unreadable) = graph.unreadable.first() {
            return Err(AppDbError::Blocked(unreadable.clone()));
        }
        let mut found = by_id(&mut tx, &graph, user_id).await?;
        if let Some(email) = email.filter(|email| is_address(email)) {
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
    let id = &graph.at.mapping.user.id;
    let root = graph.nodes[ROOT].table;
    let id_type = graph.at.schema.tables[root]
        .column(id)
        .map(|column| &column.type_name);
    // By column: the keys that it is part of. An incomplete key names nobody.
    let mut keys: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
    keys.insert((root, id.clone()), vec!["true".to_owned()]);
    for edge in graph.edges.iter().filter(|edge| edge.parent == ROOT) {
        let pairs = edge.link.columns.iter().zip(&edge.link.references);
        for (column, _) in pairs.filter(|(_, reference)| *reference == id) {
            let complete = keys.entry((edge.child, column.clone())).or_default();
            complete.push(edge.link.is_set("t"));
        }
    }
    let part = |index: usize, ((table, name), complete): (&(usize, String), &Vec<String>)| {
        let table = &graph.at.schema.tables[*table];
        let condition = match table.column(name) {
            Some(column) if Some(&column.type_name) == id_type => column.is("t", 1),
            Some(column) => column.holds("t", 1),
            None => format!("t.{}::text = $1", ident(name)),
        };
        let from = table.source();
        format!(
            "SELECT {index}::int8, (SELECT count(*) FROM {from} t WHERE {condition} AND ({}))",
            complete.join(" OR ")
        )
    };
    let parts = keys
        .iter()
        .enumerate()
        .map(|(index, column)| part(index, column))
        .collect();
    let columns: Vec<(usize, String)> = keys.into_keys().collect();
    let counts = counts(connection, parts, user_id).await?;
    Ok(entries(graph, &columns, counts))
}

/// Columns that hold the address, by whose the rows are. Tables that a policy keeps are kept; a materialised view holds
/// copies until it is refreshed.
async fn by_email(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: &str,
) -> Result<Vec<Remaining>, AppDbError> {
    rows::prepare_addressed(connection).await?;
    let person = Person {
        user_id,
        email,
        is_collected: false,
    };
    rows::find_addressed(connection, graph, person).await?;
    let found = rows::count_addressed(connection, graph, person.is_collected).await?;
    let mut remaining: Vec<Remaining> = Vec::new();
    // A row that is spelled as another account's address does not name the person at all.
    let naming = found
        .iter()
        .filter(|one| one.verdict != Verdict::SpelledAsOthers);
    for one in naming {
        let Some(column) = graph.loose.get(one.loose) else {
            continue;
        };
        let entry = Remaining {
            table: graph.at.label_at(column.table),
            column: column.column.clone(),
            rows: one.rows,
            kept: kept(graph, column.table, one),
        };
        let same = |known: &&mut Remaining| {
            (&known.table, &known.column, &known.kept) == (&entry.table, &entry.column, &entry.kept)
        };
        match remaining.iter_mut().find(same) {
            Some(known) => known.rows += entry.rows,
            None => remaining.push(entry),
        }
    }
    Ok(remaining)
}

/// Why rows that hold the address may stay, if they may.
fn kept(graph: &Graph<'_>, table: usize, found: &Addressed) -> Option<String> {
    match found.verdict {
        Verdict::Theirs | Verdict::Undecided => kept_because(graph, table),
        Verdict::OfOthers => Some("the row belongs to another account by key".into()),
        Verdict::Shared | Verdict::ThirdSpelling | Verdict::SpelledAsOthers => {
            Some(ADDRESS_IN_USE.to_owned())
        }
    }
}

fn kept_because(graph: &Graph<'_>, table: usize) -> Option<String> {
    if graph.at.schema.tables[table].kind == Kind::MaterialisedView {
        return Some("a materialised view keeps copies until it is refreshed".into());
    }
    let node = graph.node_of(table)?;
    graph.nodes[node]
        .stays()
        .then(|| "the table's policy keeps its rows".into())
}

async fn counts(
    connection: &mut PgConnection,
    parts: Vec<String>,
    user_id: &str,
) -> Result<Vec<(i64, i64)>, AppDbError> {
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as(sqlx::AssertSqlSafe(parts.join(" UNION ALL ")))
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
) -> Vec<Remaining> {
    counts
        .into_iter()
        .filter(|(_, rows)| *rows > 0)
        .filter_map(|(index, rows)| {
            let (table, column) = columns.get(usize::try_from(index).ok()?)?;
            Some(Remaining {
                table: graph.at.label_at(*table),
                column: column.clone(),
                rows,
                kept: None,
            })
        })
        .collect()
}

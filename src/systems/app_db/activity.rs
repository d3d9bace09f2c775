//! What a person did in the app lately: tests, practice, tickets.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};

use super::{
    AppDbError, Column, ColumnRef, Purpose, Snapshot, Table,
    sql::{count, ident, query},
};

/// Support tickets that are listed.
const TICKETS: u32 = 5;

/// What a person did lately. What the app has no table for is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// The last speaking tests.
    pub tests: Latest<TestTaken>,
    /// Rows of vocabulary progress.
    pub flashcards: Option<u64>,
    /// Rows of pronunciation progress.
    pub pronunciation: Option<u64>,
    /// The last support tickets.
    pub tickets: Option<Latest<Ticket>>,
}

/// The last rows of a table, the newest first, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest<T> {
    /// The last ones.
    pub rows: Vec<T>,
    /// How many there are.
    pub total: u64,
}

/// A speaking test. Columns that the app does not have are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestTaken {
    /// When it was.
    pub at: Option<DateTime<Utc>>,
    /// The band score.
    pub band: Option<String>,
    /// How far it got.
    pub status: Option<String>,
}

/// A support ticket. Columns that the app does not have are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// When it was written.
    pub at: Option<DateTime<Utc>>,
    /// How far it got.
    pub status: Option<String>,
    pub subject: Option<String>,
}

impl Snapshot {
    /// Reads what an account did: the last `tests` tests, and everything else that is kept.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when the tests cannot be told apart by owner and time.
    pub async fn activity(&self, user_id: &str, tests: u32) -> Result<Activity, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let names = &self.mapping.test_session;
        let list = List {
            table: &names.table,
            owner: &names.user_id,
            at: &names.created_at,
            columns: [&names.band_score, &names.status],
        };
        let taken = list.latest(&mut tx, self, user_id, tests);
        let taken = taken.await?.ok_or_else(|| {
            AppDbError::Blocked(format!(
                "{} has no column {} that says whose a test is, or {} does not hold a time",
                names.table, names.user_id, names.created_at
            ))
        })?;
        let names = &self.mapping.support_ticket;
        let list = List {
            table: &names.table,
            owner: &names.user_id,
            at: &names.created_at,
            columns: [&names.status, &names.subject],
        };
        let tickets = list.latest(&mut tx, self, user_id, TICKETS);
        let tickets = tickets.await?;
        let names = &self.mapping;
        let flashcards = owned(&mut tx, self, &names.flashcard_progress, user_id).await?;
        let sounds = owned(&mut tx, self, &names.pronunciation_progress, user_id).await?;
        tx.rollback().await?;
        Ok(Activity {
            tests: taken.map(|(at, [band, status])| TestTaken { at, band, status }),
            flashcards,
            pronunciation: sounds,
            tickets: tickets.map(|all| {
                all.map(|(at, [status, subject])| Ticket {
                    at,
                    status,
                    subject,
                })
            }),
        })
    }
}

impl<T> Latest<T> {
    fn map<U>(self, change: impl FnMut(T) -> U) -> Latest<U> {
        Latest {
            rows: self.rows.into_iter().map(change).collect(),
            total: self.total,
        }
    }
}

/// A row's time and two of its columns, as text.
type Cells = (Option<DateTime<Utc>>, [Option<String>; 2]);

/// A table of which the last rows are listed.
struct List<'a> {
    table: &'a str,
    owner: &'a str,
    at: &'a str,
    columns: [&'a str; 2],
}

impl List<'_> {
    /// `None` when there is no such table, or nothing in it that tells whose a row is and when it was written.
    async fn latest(
        &self,
        connection: &mut PgConnection,
        at: &Snapshot,
        user_id: &str,
        most: u32,
    ) -> Result<Option<Latest<Cells>>, AppDbError> {
        let Some(table) = at.table(self.table) else {
            return Ok(None);
        };
        let (Some(owner), Some(at)) = (table.column(self.owner), table.moment("t", self.at)) else {
            return Ok(None);
        };
        let [first, second] = self.columns.map(|name| match table.column(name) {
            Some(column) => format!("t.{}::text", ident(&column.name)),
            None => "NULL::text".to_owned(),
        });
        let tie = table
            .primary_key
            .iter()
            .map(|name| format!(", t.{} DESC", ident(name)));
        let text = format!(
            "SELECT {at} AS at, {first} AS first, {second} AS second FROM {table} t WHERE {mine}
             ORDER BY {at} DESC NULLS LAST{tie} LIMIT {most}",
            table = table.source(),
            mine = is_mine(owner),
            tie = tie.collect::<String>(),
        );
        let rows = query(text)
            .bind(user_id)
            .fetch_all(&mut *connection)
            .await?;
        let rows: Result<Vec<Cells>, sqlx::Error> = rows
            .iter()
            .map(|row| {
                Ok((
                    row.try_get("at")?,
                    [row.try_get("first")?, row.try_get("second")?],
                ))
            })
            .collect();
        Ok(Some(Latest {
            rows: rows?,
            total: count_mine(connection, table, owner, user_id).await?,
        }))
    }
}

/// How many rows of a table are the account's; `None` when there is no such column.
async fn owned(
    connection: &mut PgConnection,
    at: &Snapshot,
    key: &ColumnRef,
    user_id: &str,
) -> Result<Option<u64>, AppDbError> {
    let table = at.schema.table(&key.table_ref(&at.mapping.schema));
    let Some((table, owner)) = table.and_then(|table| Some((table, table.column(&key.column)?)))
    else {
        return Ok(None);
    };
    Ok(Some(count_mine(connection, table, owner, user_id).await?))
}

async fn count_mine(
    connection: &mut PgConnection,
    table: &Table,
    owner: &Column,
    user_id: &str,
) -> Result<u64, sqlx::Error> {
    let text = format!(
        "SELECT count(*) FROM {} t WHERE {}",
        table.source(),
        is_mine(owner)
    );
    let rows = count(query(text).bind(user_id), connection).await?;
    Ok(rows.unsigned_abs())
}

/// `t."userId" = $1`, with the id given as text.
fn is_mine(owner: &Column) -> String {
    owner.is("t", 1)
}

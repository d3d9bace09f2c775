//! Reads rows through a cursor, portion by portion, and hands them on before the next are asked for.

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::{address::OwnAddress, json};
use crate::systems::app_db::AppDbError;

/// The longest row that is handed out, in bytes of JSON. A longer one would not fit the memory that an export may take,
/// and is told by its number instead.
pub const MAX_ROW_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of lines that are handed on at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// Rows of the first portion, before it is known how long rows are.
const FIRST_ROWS: u64 = 100;
/// Rows of a portion at most.
const MOST_ROWS: u64 = 5_000;
/// Bytes of JSON that a portion aims at: what a slow network takes well within the time limit of a statement.
const PORTION_BYTES: u64 = 8 * 1024 * 1024;

/// Takes lines of JSON.
pub trait LineSink: Send {
    /// How it fails, or the database does.
    type Error: From<AppDbError> + Send;

    /// Takes whole lines, each with its line feed.
    fn lines(&mut self, lines: &[u8]) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Copied {
    /// Rows that were handed on.
    pub rows: u64,
    /// Rows that were longer than [`MAX_ROW_BYTES`] and were not.
    pub too_long: u64,
    /// Values inside JSON columns that were held back: secrets by their names, and whoever else is named.
    pub values_withheld: u64,
}

/// Prepares the transaction: it may wait between two portions while what was read is uploaded, and cursors are read to
/// their end.
pub(super) async fn settle(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL cursor_tuple_fraction = 1",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Hands every row of `select` on as a line of JSON. `json_of` is whose they are when they hold JSON, which is looked into.
pub(super) async fn copy<S: LineSink>(
    connection: &mut PgConnection,
    select: &str,
    json_of: Option<&OwnAddress>,
    sink: &mut S,
) -> Result<Copied, S::Error> {
    // OFFSET 0 keeps Postgres from making the JSON twice, for its length and for itself.
    let declare = format!(
        "DECLARE countersign_export NO SCROLL CURSOR FOR
         SELECT CASE WHEN octet_length(j) <= {MAX_ROW_BYTES} THEN j END
         FROM (SELECT row_to_json(x)::text AS j FROM ({select}) x OFFSET 0) y"
    );
    run(connection, declare).await?;
    let mut copying = Copying {
        copied: Copied::default(),
        bytes: 0,
        chunk: Vec::with_capacity(CHUNK_BYTES),
        json_of,
    };
    let mut portion = FIRST_ROWS;
    while copying.portion(connection, portion, sink).await? == portion {
        portion = copying.next_portion();
    }
    if !copying.chunk.is_empty() {
        sink.lines(&copying.chunk).await?;
    }
    run(connection, "CLOSE countersign_export".to_owned()).await?;
    Ok(copying.copied)
}

async fn run(connection: &mut PgConnection, text: String) -> Result<(), AppDbError> {
    sqlx::raw_sql(AssertSqlSafe(text))
        .execute(connection)
        .await?;
    Ok(())
}

struct Copying<'a> {
    copied: Copied,
    /// Bytes of JSON so far.
    bytes: u64,
    chunk: Vec<u8>,
    json_of: Option<&'a OwnAddress>,
}

impl Copying<'_> {
    /// Reads one portion; gives the number of its rows, less than asked for at the end.
    async fn portion<S: LineSink>(
        &mut self,
        connection: &mut PgConnection,
        rows: u64,
        sink: &mut S,
    ) -> Result<u64, S::Error> {
        let fetch = format!("FETCH FORWARD {rows} FROM countersign_export");
        let mut found = sqlx::raw_sql(AssertSqlSafe(fetch)).fetch(connection);
        let mut read = 0;
        while let Some(row) = found.try_next().await.map_err(AppDbError::from)? {
            read += 1;
            let json: Option<&str> = row.try_get(0).map_err(AppDbError::from)?;
            self.take(json);
            if self.chunk.len() >= CHUNK_BYTES {
                sink.lines(&self.chunk).await?;
                self.chunk.clear();
                // A long row is not kept room for.
                self.chunk.shrink_to(CHUNK_BYTES * 2);
            }
        }
        Ok(read)
    }

    fn take(&mut self, json: Option<&str>) {
        let Some(json) = json else {
            self.copied.too_long += 1;
            self.bytes += MAX_ROW_BYTES as u64;
            return;
        };
        self.bytes += json.len() as u64;
        self.copied.rows += 1;
        match self.json_of {
            Some(own) => {
                self.copied.values_withheld += json::copy(json, own, &mut self.chunk);
            }
            None => self.chunk.extend_from_slice(json.as_bytes()),
        }
        self.chunk.push(b'\n');
    }

    fn next_portion(&self) -> u64 {
        let rows = self.copied.rows + self.copied.too_long;
        let each = (self.bytes / rows.max(1)).max(1);
        (PORTION_BYTES / each).clamp(1, MOST_ROWS)
    }
}

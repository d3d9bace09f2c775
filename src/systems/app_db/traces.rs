//! Searches every table for an account's id and its e-mail address, beyond what keys and configuration lead to. What is
//! found stays: nothing says that its row is the person's. It is counted, so that neither plan nor certificate passes it over.
//!
//! Each table is read once, with a time limit, and all of them together have one too. A table that could not be searched is
//! named.

mod columns;
mod left;
mod names;
mod needle;
mod statement;
mod unlinked;

use std::time::{Duration, Instant};

use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{
    AppDbError, Kind, Limits, Purpose, Snapshot, Table,
    accounts::Accounts,
    graph::{self, Graph},
    sql::{count, query},
};
use columns::{Searched, searchable};
use needle::Needle;
use statement::{Statement, is_linked};

pub use left::{Found, Left};
pub(super) use names::Names;
pub(super) use unlinked::is_named_after;

/// How long one table may be searched. One that takes longer has many gigabytes.
pub const SEARCH_TABLE_TIME: Duration = Duration::from_secs(5);
/// How long all tables together may be searched for one account.
pub const SEARCH_TIME: Duration = Duration::from_secs(15);

/// Whom to search for.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) id: &'a str,
    pub(super) email: Option<&'a str>,
}

/// When it is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// The account's rows are there and were surveyed in this transaction: they do not count.
    Surveyed,
    /// The account's rows are gone.
    Erased,
}

#[derive(Default)]
pub(super) struct Traces {
    mentions: Vec<Mention>,
    unlinked: Vec<Unlinked>,
    unsearched: Vec<Unsearched>,
    /// Whether another account has the address too, so that rows may name that one.
    is_shared: bool,
}

/// Rows that hold the id or the address in one column.
struct Mention {
    /// `Table.column`.
    label: String,
    /// Whether the column holds one value, so that the configuration can follow it.
    single: bool,
    rows: i64,
    ids: i64,
    addresses: i64,
    /// Of `ids`, those where the column holds the id and nothing else.
    exact_ids: i64,
    /// Of `addresses`, those where the column holds the address and nothing else.
    exact_addresses: i64,
}

/// Rows that name collected rows without a key.
struct Unlinked {
    /// `Table.column`.
    label: String,
    /// The table that they name, and its column.
    parent: String,
    reference: String,
    rows: i64,
}

/// A table that could not be searched.
struct Unsearched {
    table: String,
    why: String,
    /// Whether it would have been searched if nothing had gone wrong.
    unexpected: bool,
}

impl Snapshot {
    /// Searches for the id and the address of an account whose rows are gone: what stays of it, and what could not be
    /// searched.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn traces(
        &self,
        user_id: &str,
        email: Option<&str>,
    ) -> Result<Vec<Left>, AppDbError> {
        let mut tx = self.db.begin(Purpose::Read).await?;
        let graph = graph::build(self)?;
        let who = Who { id: user_id, email };
        let traces = search(&mut tx, &graph, who, When::Erased, self.db.limits).await?;
        tx.rollback().await?;
        Ok(traces.left(graph.scope))
    }
}

/// Whether another account has the address too, in whichever letter case.
async fn has_twin(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    who: Who<'_>,
    when: When,
) -> Result<bool, AppDbError> {
    let Some(email) = who.email else {
        return Ok(false);
    };
    let accounts = Accounts::of(graph.at)?;
    let text = format!(
        "SELECT count(*) FROM {} t WHERE lower({}::text) = lower($1::text)",
        accounts.table.source(),
        accounts.column("t", "email")?
    );
    let own = match when {
        When::Surveyed => 1,
        When::Erased => 0,
    };
    Ok(count(query(text).bind(email), connection).await? > own)
}

/// By table that our role may not read: its columns that are named like a reference to an account and have no key.
pub(super) fn unread_references<'a>(graph: &Graph<'a>) -> Vec<(&'a Table, Vec<&'a str>)> {
    let names = Names::of(graph);
    let tables = graph.at.schema.tables.iter().enumerate();
    let unread =
        tables.filter(|(_, table)| !table.may_select && table.kind != Kind::MaterialisedView);
    let named = unread.map(|(index, table)| {
        let columns = table.columns.iter().map(|column| &column.name);
        let columns = columns.filter(|name| names.refer(name) && !is_linked(graph, index, name));
        (table, columns.map(String::as_str).collect::<Vec<_>>())
    });
    named.filter(|(_, columns)| !columns.is_empty()).collect()
}

/// Searches all tables in the transaction of this connection, the smallest first. Nothing is changed.
pub(super) async fn search(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    who: Who<'_>,
    when: When,
    limits: Limits,
) -> Result<Traces, AppDbError> {
    let has_twin = has_twin(connection, graph, who, when).await?;
    let needle = Needle::new(graph, who, has_twin);
    let tables = searchable(connection, graph).await?;
    let mut search = Search::begin(connection, limits).await?;
    let mut traces = Traces {
        is_shared: has_twin,
        ..Traces::default()
    };
    traces.unsearched.extend(tables.unreadable);
    for table in &tables.searched {
        let Some(statement) = Statement::of(graph, table, &needle, when) else {
            continue;
        };
        let label = graph.at.label_at(table.table);
        match search.run(needle.bind(statement.text())).await? {
            Ok(row) => traces.mentions.extend(statement.read(&row)?),
            Err(why) => traces.unsearched.push(Unsearched {
                table: label,
                why,
                unexpected: true,
            }),
        }
    }
    let candidates = match when {
        When::Surveyed => unlinked::candidates(graph),
        When::Erased => Vec::new(),
    };
    for candidate in candidates {
        match search.run(query(candidate.text())).await? {
            Ok(row) => traces.unlinked.extend(candidate.read(&row)?),
            Err(why) => traces.unsearched.push(Unsearched {
                table: candidate.table,
                why,
                unexpected: true,
            }),
        }
    }
    search.end().await?;
    traces.mentions.sort_by(|a, b| a.label.cmp(&b.label));
    traces.unsearched.sort_by(|a, b| a.table.cmp(&b.table));
    traces.unsearched.dedup_by(|a, b| a.table == b.table);
    Ok(traces)
}

/// Statements of which each may fail without ending the transaction.
struct Search<'s> {
    connection: &'s mut PgConnection,
    limits: Limits,
    begun: Instant,
}

impl<'s> Search<'s> {
    /// The outer savepoint takes the time limit back at the end, whatever it was before.
    async fn begin(connection: &'s mut PgConnection, limits: Limits) -> Result<Self, sqlx::Error> {
        let most = SEARCH_TABLE_TIME
            .min(limits.search_time)
            .max(Duration::from_millis(1));
        let text = format!(
            "SAVEPOINT countersign_before_search; SET LOCAL statement_timeout = {}; SAVEPOINT countersign_search",
            most.as_millis()
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(text))
            .execute(&mut *connection)
            .await?;
        Ok(Self {
            connection,
            limits,
            begun: Instant::now(),
        })
    }

    /// Runs a query for one row, or says why it has none.
    async fn run(
        &mut self,
        statement: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) -> Result<Result<PgRow, String>, AppDbError> {
        if self.begun.elapsed() >= self.limits.search_time {
            return Ok(Err(format!(
                "the time for the whole search, {} s, was over",
                self.limits.search_time.as_secs()
            )));
        }
        let refused = match statement.fetch_one(&mut *self.connection).await {
            Ok(row) => return Ok(Ok(row)),
            Err(sqlx::Error::Database(refused)) => refused,
            Err(error) => return Err(error.into()),
        };
        let code = refused.code().unwrap_or_default().into_owned();
        // The server is going away or out of something: that is no matter of this table.
        if ["08", "53", "57P"]
            .iter()
            .any(|class| code.starts_with(class))
        {
            return Err(sqlx::Error::Database(refused).into());
        }
        sqlx::raw_sql("ROLLBACK TO SAVEPOINT countersign_search")
            .execute(&mut *self.connection)
            .await?;
        Ok(Err(reason(&code)))
    }

    async fn end(self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(
            "ROLLBACK TO SAVEPOINT countersign_before_search; RELEASE SAVEPOINT countersign_before_search",
        )
        .execute(self.connection)
        .await?;
        Ok(())
    }
}

/// Why a table could not be searched, by its SQLSTATE. The server's own words may hold values.
fn reason(code: &str) -> String {
    match code {
        "57014" => format!(
            "a search takes longer than {} s",
            SEARCH_TABLE_TIME.as_secs()
        ),
        "55P03" => "locked".to_owned(),
        "42501" => "the database role of DATABASE_URL may not read all rows".to_owned(),
        code => format!("Postgres refused with SQLSTATE {code}"),
    }
}

/// The numbers of one column, which begin at `first`.
fn numbers<const N: usize>(row: &PgRow, first: usize) -> Result<[i64; N], sqlx::Error> {
    let mut numbers = [0; N];
    for (offset, number) in numbers.iter_mut().enumerate() {
        *number = row.try_get(first + offset)?;
    }
    Ok(numbers)
}

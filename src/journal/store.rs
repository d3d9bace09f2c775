//! The store's connections: every statement runs in a transaction with time limits, and without a name.
//!
//! A pooler in transaction mode (PgBouncer with its defaults) hands the server connection to somebody else at the end of
//! every transaction. Named prepared statements then collide with those of other clients, and settings of the session
//! are lost. sqlx prepares and executes in two round trips, so even an unnamed statement needs a transaction around both.
//! The limits are set at the start of each transaction, because poolers refuse them as start-up parameters.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use futures::{
    StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    AssertSqlSafe, Describe, Either, Execute, Executor, PgPool, Postgres, SqlStr, Transaction,
    error::BoxDynError,
    postgres::{PgArguments, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};

use crate::{config::limits, domain::Instant, telemetry::Recorded};

/// Rows that housekeeping changes in one statement.
const BATCH: i64 = 1_000;

/// How long what happens in one transaction may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    pub statement: Duration,
    /// One wait for a lock that somebody else holds.
    pub lock: Duration,
    /// The time between two statements. A replica that is paused inside a transaction loses it, and with it its locks.
    pub idle: Duration,
}

impl TimeLimits {
    /// For the work in the background.
    pub const WORK: Self = Self {
        statement: limits::STORE_STATEMENT,
        lock: limits::STORE_LOCK,
        idle: limits::STORE_IDLE,
    };
    /// For what somebody waits for in Slack.
    pub const ACCEPT: Self = Self {
        statement: limits::ACCEPT_STATEMENT,
        lock: limits::ACCEPT_LOCK,
        idle: limits::STORE_IDLE,
    };

    /// The statements that set them for one transaction.
    #[must_use]
    pub fn set_local(&self) -> String {
        format!(
            "set local statement_timeout = {}; set local lock_timeout = {}; \
             set local idle_in_transaction_session_timeout = {}",
            self.statement.as_millis(),
            self.lock.as_millis(),
            self.idle.as_millis()
        )
    }
}

/// What a transaction over the whole store sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// What is committed when each statement begins.
    Current,
    /// One moment, without changing anything.
    Snapshot,
    /// One moment, to change it.
    SnapshotToChange,
}

/// A pool of connections to the store. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    limits: TimeLimits,
}

/// One transaction. Dropping it rolls it back.
#[derive(Debug)]
pub struct Tx(Connection);

/// The connection of a transaction.
#[derive(Debug)]
pub struct Connection {
    transaction: Transaction<'static, Postgres>,
    /// What is told once it is committed.
    recorded: Vec<Recorded>,
}

impl From<PgPool> for Store {
    fn from(pool: PgPool) -> Self {
        Self::new(pool, TimeLimits::WORK)
    }
}

impl Store {
    /// A store on a pool, with limits for its usual transactions.
    #[must_use]
    pub fn new(pool: PgPool, limits: TimeLimits) -> Self {
        Self { pool, limits }
    }

    /// Begins a transaction with the usual limits.
    ///
    /// # Errors
    /// When no connection becomes free in time, or the store does not answer.
    pub async fn begin(&self) -> Result<Tx, sqlx::Error> {
        self.begin_as("begin isolation level read committed", self.limits)
            .await
    }

    /// Runs a statement that changes at most `$2` of the rows from before the time `$1` until nothing is left to change, so that
    /// it never runs into the limit of one statement.
    pub async fn in_batches(
        &self,
        statement: &'static str,
        before: Instant,
    ) -> Result<(), sqlx::Error> {
        loop {
            let changed = sqlx::query(statement)
                .bind(before)
                .bind(BATCH)
                .execute(self)
                .await?;
            if changed.rows_affected() < BATCH.unsigned_abs() {
                return Ok(());
            }
        }
    }

    /// Begins a transaction over the whole store, which may take longer: for verifying, exporting, rebuilding, migrating.
    ///
    /// # Errors
    /// When no connection becomes free in time, or the store does not answer.
    pub async fn begin_whole(&self, whole: Whole) -> Result<Tx, sqlx::Error> {
        let (begin, idle) = match whole {
            Whole::Current => ("begin isolation level read committed", limits::STORE_IDLE),
            // It locks nothing, and an export may be read slowly.
            Whole::Snapshot => (
                "begin isolation level repeatable read read only",
                limits::STORE_WHOLE_IDLE,
            ),
            Whole::SnapshotToChange => {
                ("begin isolation level repeatable read", limits::STORE_IDLE)
            }
        };
        let limits = TimeLimits {
            statement: limits::STORE_WHOLE_STATEMENT,
            lock: limits::STORE_WHOLE_LOCK,
            idle,
        };
        self.begin_as(begin, limits).await
    }

    /// Closes all connections. Whoever shares them gets no more.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin_as(&self, begin: &str, limits: TimeLimits) -> Result<Tx, sqlx::Error> {
        let text = format!("{begin}; {}", limits.set_local());
        let pool = self.pool.clone();
        // In a task of its own: whoever stops waiting while it begins would give the connection back inside a transaction.
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(text)).await });
        let transaction = begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??;
        Ok(Tx(Connection {
            transaction,
            recorded: Vec::new(),
        }))
    }
}

impl Tx {
    /// Commits, and tells what was recorded.
    ///
    /// # Errors
    /// The store's; then it may be committed or not when the connection broke.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.0.transaction.commit().await?;
        for recorded in self.0.recorded {
            recorded.tell();
        }
        Ok(())
    }

    /// Rolls back.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        self.0.transaction.rollback().await
    }
}

impl Connection {
    /// Has an event told once the transaction is committed.
    pub(super) fn tell_when_committed(&mut self, recorded: Recorded) {
        self.recorded.push(recorded);
    }

    /// Takes the lock of this name until the transaction ends; false when another transaction has it. It is a lock of the
    /// transaction, as those of a session do not survive a pooler.
    pub async fn is_alone_at(&mut self, name: &str) -> Result<bool, sqlx::Error> {
        sqlx::query_scalar(
            "select pg_try_advisory_xact_lock(hashtextextended('countersign ' || $1, 0))",
        )
        .bind(name)
        .fetch_one(self)
        .await
    }
}

/// Whether a statement was ended because somebody else held a lock for too long.
#[must_use]
pub fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some("55P03")
}

impl Deref for Tx {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

/// A statement that is prepared without a name.
struct Unnamed<E>(E);

impl<'q, E: Execute<'q, Postgres>> Execute<'q, Postgres> for Unnamed<E> {
    fn sql(self) -> SqlStr {
        self.0.sql()
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.0.statement()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        self.0.take_arguments()
    }

    fn persistent(&self) -> bool {
        false
    }
}

type Step = Either<PgQueryResult, PgRow>;

impl<'c> Executor<'c> for &'c mut Connection {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        (&mut *self.transaction).fetch_many(Unnamed(query))
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        (&mut *self.transaction).fetch_optional(Unnamed(query))
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        (&mut *self.transaction).prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        (&mut *self.transaction).describe(sql)
    }
}

/// One statement in a transaction of its own. Rows are given out once it is committed.
impl<'p> Executor<'p> for &'_ Store {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Step, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let store = self.clone();
        let steps = async move {
            let mut tx = store.begin().await?;
            let steps: Vec<Step> = tx.fetch_many(query).try_collect().await?;
            tx.commit().await?;
            Ok::<_, sqlx::Error>(stream::iter(steps.into_iter().map(Ok)))
        };
        stream::once(steps).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let store = self.clone();
        Box::pin(async move {
            let mut tx = store.begin().await?;
            let row = tx.fetch_optional(query).await?;
            tx.commit().await?;
            Ok(row)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'p: 'e,
    {
        let store = self.clone();
        Box::pin(async move { store.begin().await?.prepare_with(sql, parameters).await })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'p: 'e,
    {
        let store = self.clone();
        Box::pin(async move { store.begin().await?.describe(sql).await })
    }
}

//! The application's database.
//!
//! Its schema is not known when Countersign is built: tables, columns and keys are read from Postgres' catalogue
//! ([`Schema`]), and what things are called comes from the configuration ([`Mapping`]). Everything works behind a
//! transaction-mode pooler: each call is one transaction and leaves nothing behind in the session.

mod accounts;
mod activity;
mod address;
mod admins;
mod analytics;
mod ban;
mod block;
mod columns;
mod connections;
mod credits;
mod erase;
mod error;
mod export;
mod failure;
mod faults;
mod files;
mod gaps;
mod graph;
mod mapping;
mod marker;
mod missing;
mod names;
mod payment;
mod plan;
mod profile;
mod refund_credits;
mod remaining;
mod revenue;
mod revoke;
mod roles;
mod rows;
mod scan;
mod schema;
mod seen;
mod sessions;
mod snapshot;
mod sql;
mod stats;
mod subscription;
mod suggest;
mod survey;
mod traces;
mod tx;
mod user;
mod visible;
mod writes;
mod wrong_names;

use std::{str::FromStr, time::Duration};

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::telemetry::VendorCall;

pub use accounts::NO_ROLE;
pub use activity::{Activity, Latest, TestTaken, Ticket};
pub use admins::{Admin, Admins};
pub use ban::{Banned, Standing};
pub use block::{BlockOutcome, Blocked, LiftOutcome};
pub use connections::{
    Connections, Ended, Group, Idle, IdlePlan, ServerLimits, StateCounts, Waiting,
};
pub use credits::{CreditMove, CreditOutcome, CreditRules, CreditWay};
pub use erase::{EmailCheck, ErasedRows, FileCheck, Planned};
pub use error::AppDbError;
pub use export::{Copied, ExportRows, ExportTable, LineSink, MAX_ROW_BYTES, Withheld};
pub use files::{FileRows, FileValue, FileValues, FilesAround, StayingFiles};
pub use mapping::{
    AnalyticsEventMapping, ExportPolicy, LinkColumn, LoginAttemptMapping, Mapping, PaymentMapping,
    Policy, SessionMapping, SubscriptionMapping, SupportTicketMapping, TestSessionMapping,
    UserMapping,
};
pub use marker::{Claim, Mark};
pub use missing::MissingColumn;
pub use names::{ColumnRef, TableRef};
pub use payment::PaymentRow;
pub use plan::{Action, ErasurePlan, FileColumn, LooseImpact, TableImpact};
pub use profile::{Profile, RelatedRows};
pub use refund_credits::{CreditsGivenBack, CreditsTaken};
pub use remaining::{ADDRESS_IN_USE, Remaining};
pub use revenue::{AppRevenue, RevenueSum};
pub use revoke::{LiveSessions, Revoked, Whose};
pub use roles::RoleChange;
pub use scan::ScannedAccount;
pub use schema::{Column, Element, ForeignKey, Kind, OnDelete, Schema, Table};
pub use seen::{Last, Seen};
pub use sessions::{SessionRows, SessionStrategy};
pub use snapshot::{LazySnapshot, Snapshot};
pub use stats::{ACTIVE_DAYS, DAYS, UserStats};
pub use subscription::SubscriptionEnd;
pub use suggest::Suggestion;
pub use traces::{Found, Left, SEARCH_TABLE_TIME, SEARCH_TIME};
pub use tx::Tx;
pub use user::{AppUser, Candidate, FindError, UserRef, mask_email};
pub use wrong_names::WrongName;

/// Connections of one process to the app's database. The app's own instances need theirs.
pub const POOL_SIZE: u32 = 4;
/// How long a call waits for a free connection.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be unused before it is given back to the server.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long one statement may run.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(60);
/// How long one statement of an erasure may run: one `DELETE` may take millions of rows.
pub const ERASE_STATEMENT_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// How long a transaction may be idle between two statements. A replica that is paused inside one loses it, and with it
/// the locks that the app waits for.
pub const IDLE_IN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for an export, which writes to the object store between two reads and locks nothing.
pub const EXPORT_IDLE_TIMEOUT: Duration = Duration::from_secs(10 * 60);
/// How long a statement waits for a row that the app has locked.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a transaction that gave way to another one is begun anew before the call gives up.
pub const CONTENTION_ATTEMPTS: u32 = 5;

/// How much of the app's database Countersign takes for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at most.
    pub pool_size: u32,
    /// The wait for a free connection.
    pub acquire_timeout: Duration,
    /// The time limit of one statement.
    pub statement_timeout: Duration,
    /// The time limit of one statement of an erasure.
    pub erase_statement_timeout: Duration,
    /// The time limit of one wait for a lock.
    pub lock_timeout: Duration,
    /// The time limit between two statements of a transaction.
    pub idle_timeout: Duration,
    /// The time limit between two statements of an export.
    pub export_idle_timeout: Duration,
    /// The time limit of the search for what names one account.
    pub search_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pool_size: POOL_SIZE,
            acquire_timeout: ACQUIRE_TIMEOUT,
            statement_timeout: STATEMENT_TIMEOUT,
            erase_statement_timeout: ERASE_STATEMENT_TIMEOUT,
            lock_timeout: LOCK_TIMEOUT,
            idle_timeout: IDLE_IN_TRANSACTION_TIMEOUT,
            export_idle_timeout: EXPORT_IDLE_TIMEOUT,
            search_time: SEARCH_TIME,
        }
    }
}

/// The app's database: a small pool, and what its tables are called.
#[derive(Debug, Clone)]
pub struct AppDb {
    pool: PgPool,
    mapping: Mapping,
    limits: Limits,
    /// Whether it is reached through a transaction-mode pooler.
    pooled: bool,
}

/// What a transaction is for, which decides what it may see and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// Reads one moment of the database.
    Read,
    /// Changes a few rows that it names.
    Change,
    /// Erases an account: sees one moment, and may run for long.
    Erase,
    /// Reads one moment, piece by piece, as fast as it is written elsewhere.
    Export,
}

impl Purpose {
    /// Its name in metrics.
    fn word(self) -> &'static str {
        match self {
            Self::Read => "snapshot",
            Self::Change => "change",
            Self::Erase => "erase",
            Self::Export => "export",
        }
    }
}

impl AppDb {
    /// Prepares a pool; the first connection is made when the first call needs it.
    ///
    /// # Errors
    /// [`AppDbError::Other`] when the URL is not a Postgres URL. The URL is not repeated in the message.
    pub fn connect(url: &str, mapping: Mapping, limits: Limits) -> Result<Self, AppDbError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| AppDbError::Other("the database URL is not a Postgres URL".into()))?;
        Ok(Self::with_options(options, mapping, limits))
    }

    /// As [`AppDb::connect`], with connection options that are there already.
    #[must_use]
    pub fn with_options(options: PgConnectOptions, mapping: Mapping, limits: Limits) -> Self {
        // Poolers refuse start-up parameters that they do not know.
        let options = options
            .extra_float_digits(None)
            .statement_cache_capacity(0)
            .application_name(crate::NAME);
        let pool = PgPoolOptions::new()
            .max_connections(limits.pool_size)
            .acquire_timeout(limits.acquire_timeout)
            .idle_timeout(IDLE_TIMEOUT)
            .connect_lazy_with(options);
        Self {
            pool,
            mapping,
            limits,
            pooled: false,
        }
    }

    /// Says whether it is reached through a transaction-mode pooler: then connections are the pooler's.
    #[must_use]
    pub fn through_pooler(self, pooled: bool) -> Self {
        Self { pooled, ..self }
    }

    /// What the tables and columns are called, as configured.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Begins a transaction with our limits. Row level security must not hide rows from a count: a query that it would
    /// filter fails instead.
    async fn begin(&self, purpose: Purpose) -> Result<Tx, sqlx::Error> {
        let isolation = match purpose {
            Purpose::Read | Purpose::Erase | Purpose::Export => "REPEATABLE READ",
            Purpose::Change => "READ COMMITTED",
        };
        let limits = &self.limits;
        let statement = match purpose {
            Purpose::Erase => limits.erase_statement_timeout,
            Purpose::Read | Purpose::Change | Purpose::Export => limits.statement_timeout,
        };
        let idle = match purpose {
            Purpose::Export => limits.export_idle_timeout,
            Purpose::Read | Purpose::Change | Purpose::Erase => limits.idle_timeout,
        };
        // One round trip. Poolers refuse these as start-up parameters.
        let begin = format!(
            "BEGIN ISOLATION LEVEL {isolation}; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; \
             SET LOCAL idle_in_transaction_session_timeout = {}; SET LOCAL row_security = off",
            statement.as_millis(),
            limits.lock_timeout.as_millis(),
            idle.as_millis(),
        );
        let measure = VendorCall::begin("app_db", purpose.word());
        match self.pool.begin_with(sqlx::AssertSqlSafe(begin)).await {
            Ok(transaction) => Ok(Tx::new(transaction, measure)),
            Err(error) => {
                measure.end(false);
                Err(error)
            }
        }
    }
}

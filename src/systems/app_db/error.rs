//! What can go wrong with the app's database, sorted by what the caller does about it.

use sqlx::{error::DatabaseError, postgres::PgDatabaseError};

use super::missing::MissingColumn;

/// A failure of the app's database. The texts are ours, with the SQLSTATE at most: what the database says itself may hold
/// anything, for a trigger can raise whatever it likes. Its own words are in [`AppDbError::words`] and are private.
#[derive(Debug, thiserror::Error)]
pub enum AppDbError {
    /// No connection, or the server is shutting down or full.
    #[error("the app's database cannot be reached or is too busy right now: {0}")]
    Unavailable(String),
    /// Other transactions were in the way, several times over. The transaction was rolled back.
    #[error("the app is changing the same rows right now: {0}")]
    Contended(String),
    /// A statement or a lock took longer than its limit. The transaction was rolled back.
    #[error("the app's database did not answer within the time limit: {0}")]
    Timeout(String),
    /// The data forbid it. Trying again changes nothing until somebody changes data, schema or configuration.
    #[error("{0}")]
    Blocked(String),
    /// Nobody who can act would be left. Nothing was changed.
    #[error("this is the last admin who can act: promote somebody else first. Nothing was changed")]
    LastAdmin,
    /// The account is not what it was when the plan was made.
    #[error("{0}")]
    Changed(String),
    /// Rows that go name this many files that nobody has written down yet. Nothing was changed: write them down first.
    #[error("{0} files were named since the list of files was written down")]
    NewFiles(u64),
    /// The app's schema lacks what the operation needs.
    #[error("the app's schema lacks {}", list(.0))]
    Schema(Vec<MissingColumn>),
    /// Postgres refused, and trying again changes nothing.
    #[error("{says}")]
    Refused {
        /// What it was about, in our words.
        says: String,
        /// What Postgres said. It may name people.
        words: String,
    },
    /// Anything else that goes wrong here.
    #[error("the app's database refused: {0}")]
    Other(String),
}

impl AppDbError {
    /// Whether the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::Contended(_) | Self::Timeout(_) | Self::NewFiles(_)
        )
    }
}

impl AppDbError {
    /// What the database said in its own words: for the person who asked alone, and for the operator's terminal.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Refused { words, .. } => Some(words),
            _ => None,
        }
    }

    /// The text with the database's own words: for the operator's terminal.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self.words() {
            Some(words) => format!("{self}: {words}"),
            None => self.to_string(),
        }
    }
}

fn list(missing: &[MissingColumn]) -> String {
    let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
    names.join("; ")
}

impl From<sqlx::Error> for AppDbError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_database(error.as_ref()),
            sqlx::Error::PoolTimedOut => {
                Self::Unavailable("no connection became free in time".into())
            }
            sqlx::Error::Io(error) => {
                Self::Unavailable(format!("the connection failed ({})", error.kind()))
            }
            sqlx::Error::Tls(_) => Self::Unavailable("TLS failed".into()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable("the connection is closed".into())
            }
            sqlx::Error::Protocol(_) => Self::Unavailable("the connection broke off".into()),
            sqlx::Error::RowNotFound => Self::Other("a row that must be there is missing".into()),
            other => Self::Refused {
                says: "the app's database gave an answer that cannot be read".into(),
                words: other.to_string(),
            },
        }
    }
}

/// SQLSTATE decides; the classes are in appendix A of the PostgreSQL manual.
fn from_database(error: &dyn DatabaseError) -> AppDbError {
    let code = error.code().unwrap_or_default();
    let state = format!("SQLSTATE {code}");
    let refused = |says: &str| AppDbError::Refused {
        says: format!("{says} ({state}{})", constraint(error)),
        words: error.message().to_owned(),
    };
    match code.as_ref() {
        "57014" | "55P03" | "25P03" => AppDbError::Timeout(state),
        // A foreign key refuses: 23503, and since PostgreSQL 18 also 23001 for RESTRICT.
        "23503" | "23001" => refused("a foreign key forbids it"),
        "23502" | "23505" | "23514" | "23P01" => refused("a constraint forbids it"),
        "42501" if routine(error) == Some("check_enable_rls") => refused(
            "row-level security hides rows from the database role of DATABASE_URL: give it BYPASSRLS, or nothing can be counted",
        ),
        "42501" => refused("the database role of DATABASE_URL is not allowed to do this"),
        "25006" => refused(
            "the app's database is read-only: DATABASE_URL leads to a replica, or to a role that may only read",
        ),
        "P0001" => refused("a rule of the app's database forbids it"),
        // Serialisation failure, deadlock.
        "40001" | "40P01" => AppDbError::Contended(state),
        // An administrator's shutdown, a crash, start-up, an idle session that was ended.
        "57P01" | "57P02" | "57P03" | "57P05" => AppDbError::Unavailable(state),
        code if code.starts_with("08") || code.starts_with("53") => AppDbError::Unavailable(state),
        _ => refused("the app's database refused"),
    }
}

/// The routines of Postgres that report a violated constraint by its true name. A trigger can raise any name.
const REPORT_CONSTRAINTS: [&str; 4] = [
    "ri_ReportViolation",
    "ExecConstraints",
    "_bt_check_unique",
    "check_exclusion_or_unique_constraint",
];

/// The function of Postgres that reported the error.
fn routine(error: &dyn DatabaseError) -> Option<&str> {
    error.try_downcast_ref::<PgDatabaseError>()?.routine()
}

/// `, constraint User_email_key`: the schema's own name, never one that a trigger made up.
fn constraint(error: &dyn DatabaseError) -> String {
    let is_server = routine(error).is_some_and(|name| REPORT_CONSTRAINTS.contains(&name));
    match error.constraint().filter(|_| is_server) {
        Some(name) => format!(", constraint {name}"),
        None => String::new(),
    }
}

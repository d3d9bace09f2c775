//! What can go wrong with the app's database, sorted by what the caller does about it.

use sqlx::error::DatabaseError;

use super::capability::MissingColumn;

/// A failure of the app's database. Messages never hold row values: Postgres puts those into DETAIL, which is not read.
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
    /// Anything else that Postgres or the driver says.
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
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            other => Self::Other(other.to_string()),
        }
    }
}

/// SQLSTATE decides; the classes are in appendix A of the PostgreSQL manual.
fn from_database(error: &dyn DatabaseError) -> AppDbError {
    let code = error.code().unwrap_or_default();
    let says = format!("{} ({code})", error.message());
    match code.as_ref() {
        "57014" | "55P03" | "25P03" => AppDbError::Timeout(says),
        // A foreign key refuses: 23503, and since PostgreSQL 18 also 23001 for RESTRICT.
        "23503" | "23001" => AppDbError::Blocked(format!("a foreign key forbids it: {says}")),
        "23502" | "23514" | "23505" => {
            AppDbError::Blocked(format!("a constraint forbids it: {says}"))
        }
        "42501" => AppDbError::Blocked(format!(
            "the database role of DATABASE_URL is not allowed to do this: {says}"
        )),
        // Serialisation failure, deadlock.
        "40001" | "40P01" => AppDbError::Contended(says),
        // An administrator's shutdown, a crash, start-up, an idle session that was ended.
        "57P01" | "57P02" | "57P03" | "57P05" => AppDbError::Unavailable(says),
        code if code.starts_with("08") || code.starts_with("53") => AppDbError::Unavailable(says),
        _ => AppDbError::Other(says),
    }
}

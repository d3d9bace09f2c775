//! Why one attempt at an erasure failed, until it is known whether the transaction is to be tried again.

use sqlx::error::DatabaseError;

use super::AppDbError;

/// A failed attempt.
pub(super) enum Failure {
    Sql(sqlx::Error),
    Said(AppDbError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<AppDbError> for Failure {
    fn from(error: AppDbError) -> Self {
        Self::Said(error)
    }
}

impl From<Failure> for AppDbError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Sql(error) => error.into(),
            Failure::Said(error) => error,
        }
    }
}

impl Failure {
    /// Whether another transaction was in the way, so that the whole of ours may be tried again at once. A refusing key
    /// counts too: in a snapshot it is how Postgres reports a row that the app added meanwhile.
    pub(super) fn is_contention(&self) -> bool {
        match self {
            Self::Said(error) => matches!(error, AppDbError::Contended(_)),
            Self::Sql(error) => error
                .as_database_error()
                .and_then(DatabaseError::code)
                .is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "23503" | "23001")),
        }
    }
}

//! Rows beside the journal that steer work carry a MAC under the audit key. A row whose MAC is wrong was written or changed by
//! somebody without the key: it is not acted on.
//!
//! The MAC covers the table's name and the row's key and payload as canonical JSON, so that no row passes for one of another
//! table or for another row of its own. What a MAC cannot show is that an earlier genuine state of the row was put back; what
//! each table does about that is in `docs/security.md`.

mod rows;

use crate::audit_key::AuditKey;
use serde::Serialize;
use sqlx::{AssertSqlSafe, FromRow, PgExecutor, postgres::PgRow};

pub use rows::{
    ArchiveRow, ErasureEntry, ErasureKey, ErasureObject, ErasureSubject, GrantRow, InboxRow,
    MessageRow, PictureRow, RefundRow, ReplyRow,
};

/// A row of a table that steers work. Its fields are what its MAC covers.
pub trait SealedRow: Serialize + Sized {
    /// The table's name, without its schema.
    const TABLE: &'static str;
    /// Which rows verifying looks at: those that may still steer work.
    const CHECKED: &'static str = "true";

    /// The MAC of this row.
    fn mac(&self, key: &AuditKey) -> Vec<u8> {
        key.row(Self::TABLE, self).to_vec()
    }
}

/// A row as it is stored.
#[derive(Debug, Clone, FromRow)]
pub struct Sealed<T> {
    /// What it says.
    #[sqlx(flatten)]
    pub row: T,
    pub mac: Vec<u8>,
}

impl<R: SealedRow> Sealed<R> {
    /// Whether the MAC is right.
    #[must_use]
    pub fn is_genuine(&self, key: &AuditKey) -> bool {
        self.row.mac(key) == self.mac
    }

    /// The row when its MAC is right. When it is not, that is logged and counted; the caller does not act on it.
    #[must_use]
    pub fn open(self, key: &AuditKey) -> Option<R> {
        if self.is_genuine(key) {
            return Some(self.row);
        }
        report(R::TABLE);
        None
    }
}

/// The rows of one table for which `condition` holds; `id` is its `$1`.
pub async fn select<R>(
    db: impl PgExecutor<'_>,
    condition: &'static str,
    id: uuid::Uuid,
) -> Result<Vec<Sealed<R>>, sqlx::Error>
where
    R: SealedRow + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let sql = format!("select * from countersign.{} where {condition}", R::TABLE);
    sqlx::query_as(AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(db)
        .await
}

/// Logs and counts a row that is not acted on.
pub fn report(table: &'static str) {
    tracing::error!(
        table,
        "a row has been changed outside Countersign and is not acted on: run `countersign audit verify`"
    );
    count(table);
}

/// Counts a row that was changed outside Countersign.
pub(super) fn count(table: &'static str) {
    metrics::counter!("countersign_tampered_rows_total", "table" => table).increment(1);
}

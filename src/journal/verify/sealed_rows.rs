//! The rows beside the journal that steer work, held against their MACs.

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow};

use super::{Kind, Place, Report};
use crate::{
    audit_key::AuditKey,
    journal::{
        sealed::{
            ArchiveRow, ErasureEntry, ErasureKey, ErasureObject, ErasureSubject, GrantRow,
            InboxRow, MessageRow, PictureRow, RefundRow, ReplyRow, Sealed, SealedRow,
        },
        store::Connection,
    },
};

/// Checks every sealed table.
pub(super) async fn check_all(
    db: &mut Connection,
    key: &AuditKey,
    report: &mut Report,
) -> sqlx::Result<()> {
    check::<InboxRow>(db, key, report).await?;
    check::<ReplyRow>(db, key, report).await?;
    check::<RefundRow>(db, key, report).await?;
    check::<GrantRow>(db, key, report).await?;
    check::<ErasureEntry>(db, key, report).await?;
    check::<ErasureKey>(db, key, report).await?;
    check::<ErasureObject>(db, key, report).await?;
    check::<ErasureSubject>(db, key, report).await?;
    check::<MessageRow>(db, key, report).await?;
    check::<PictureRow>(db, key, report).await?;
    check::<ArchiveRow>(db, key, report).await
}

async fn check<R>(db: &mut Connection, key: &AuditKey, report: &mut Report) -> sqlx::Result<()>
where
    R: SealedRow + for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    let sql = format!(
        "select * from countersign.{} where {}",
        R::TABLE,
        R::CHECKED
    );
    let mut rows = sqlx::query_as::<_, Sealed<R>>(AssertSqlSafe(sql)).fetch(&mut *db);
    while let Some(stored) = rows.try_next().await? {
        if !stored.is_genuine(key) {
            let says = format!(
                "a row of the table {} is not what Countersign wrote: its MAC is wrong",
                R::TABLE
            );
            report.add(Kind::RowChanged, Place::default(), says);
        }
    }
    Ok(())
}

//! The marker that makes an effect happen once: a row in the database that is changed, in the transaction that changes it.

use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AppDb, AppDbError, Purpose, Tx, failure::Failure};

/// Names the advisory lock under which the marker's table is made ("cntrsign" in ASCII).
const SETUP_LOCK: i64 = 0x636e_7472_7369_676e;

const TABLE_EXISTS: &str = "SELECT to_regclass('countersign.applied_step') IS NOT NULL";
/// SQLSTATE of a table that is not there.
const UNDEFINED_TABLE: &str = "42P01";

/// Which step of which request an effect belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub request_id: Uuid,
    /// The step's name, unique in the request.
    pub step: String,
}

/// Whether a step's effect is still to be made.
#[derive(Debug)]
pub enum Claim<T> {
    /// It is ours to make in this transaction: [`Claim`] holds the marker until commit.
    Ours(Tx),
    /// It was made before, with this result.
    Done(T),
}

impl AppDb {
    /// Makes `countersign.applied_step` unless it is there. Safe when several replicas start at once.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when our role may not create a schema.
    pub async fn ensure_marker_table(&self) -> Result<(), AppDbError> {
        let mut tx = self.begin(Purpose::Change).await?;
        let exists: bool = sqlx::query_scalar(TABLE_EXISTS)
            .persistent(false)
            .fetch_one(&mut *tx)
            .await?;
        if !exists {
            sqlx::query("SELECT pg_advisory_xact_lock($1)")
                .bind(SETUP_LOCK)
                .persistent(false)
                .execute(&mut *tx)
                .await?;
            sqlx::raw_sql(
                "CREATE SCHEMA IF NOT EXISTS countersign;
                 CREATE TABLE IF NOT EXISTS countersign.applied_step (
                    request_id uuid NOT NULL,
                    step text NOT NULL,
                    result jsonb,
                    at timestamptz NOT NULL DEFAULT now(),
                    PRIMARY KEY (request_id, step))",
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The result of a step that was applied before.
    ///
    /// # Errors
    /// When the database cannot be reached, or the recorded result has another form.
    pub async fn applied<T: DeserializeOwned>(&self, mark: &Mark) -> Result<Option<T>, AppDbError> {
        let mut tx = self.begin(Purpose::Change).await?;
        let exists: bool = sqlx::query_scalar(TABLE_EXISTS)
            .persistent(false)
            .fetch_one(&mut *tx)
            .await?;
        let result = match exists {
            true => recorded(&mut tx, mark).await?,
            false => None,
        };
        tx.rollback().await?;
        Ok(result)
    }

    /// Claims a step for this transaction. A second runner waits here until the first one commits or gives up.
    ///
    /// # Errors
    /// When the database cannot be reached, or the wait takes longer than the lock limit.
    pub async fn claim<T: DeserializeOwned>(&self, mark: &Mark) -> Result<Claim<T>, AppDbError> {
        let (mut tx, ours) = self.begin_marked(Purpose::Change, mark).await?;
        if ours {
            return Ok(Claim::Ours(tx));
        }
        let done = recorded(&mut tx, mark).await?;
        tx.rollback().await?;
        done.map(Claim::Done).ok_or_else(|| {
            AppDbError::Other(format!("the marker of step {} has no result", mark.step))
        })
    }

    /// Begins a transaction with the marker in it; `false` when the step was applied before. The marker's table is made
    /// where it is missing: the database may have been out of reach when the service started, or restored since.
    pub(super) async fn begin_marked(
        &self,
        purpose: Purpose,
        mark: &Mark,
    ) -> Result<(Tx, bool), Failure> {
        let mut tx = self.begin(purpose).await?;
        match insert(&mut tx, mark).await {
            Err(sqlx::Error::Database(error))
                if error.code().as_deref() == Some(UNDEFINED_TABLE) =>
            {
                tx.rollback().await?;
                self.ensure_marker_table().await?;
                let mut tx = self.begin(purpose).await?;
                let ours = insert(&mut tx, mark).await?;
                Ok((tx, ours))
            }
            inserted => Ok((tx, inserted?)),
        }
    }

    /// Records a claimed step's result and commits the effect with it.
    ///
    /// # Errors
    /// When the commit fails: then neither effect nor marker is there, or, if the connection broke, perhaps both are;
    /// calling the same step again settles it.
    pub async fn finish<T: Serialize + Sync>(
        &self,
        mut tx: Tx,
        mark: &Mark,
        result: &T,
    ) -> Result<(), AppDbError> {
        record(&mut tx, mark, result).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Inserts the marker; `false` when it is there already.
pub(super) async fn insert(
    connection: &mut PgConnection,
    mark: &Mark,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO countersign.applied_step (request_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(mark.request_id)
    .bind(&mark.step)
    .persistent(false)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Writes the result into the marker.
pub(super) async fn record<T: Serialize + Sync>(
    connection: &mut PgConnection,
    mark: &Mark,
    result: &T,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE countersign.applied_step SET result = $3 WHERE request_id = $1 AND step = $2",
    )
    .bind(mark.request_id)
    .bind(&mark.step)
    .bind(sqlx::types::Json(result))
    .persistent(false)
    .execute(connection)
    .await?;
    Ok(())
}

/// The result in the marker.
pub(super) async fn recorded<T: DeserializeOwned>(
    connection: &mut PgConnection,
    mark: &Mark,
) -> Result<Option<T>, AppDbError> {
    let result: Option<serde_json::Value> = sqlx::query_scalar(
        "SELECT result FROM countersign.applied_step WHERE request_id = $1 AND step = $2 AND result IS NOT NULL",
    )
    .bind(mark.request_id)
    .bind(&mark.step)
    .persistent(false)
    .fetch_optional(connection)
    .await?;
    result
        .map(serde_json::from_value)
        .transpose()
        .map_err(|error| AppDbError::Other(format!("the result of step {}: {error}", mark.step)))
}

//! What the service asks for by itself at a later time, because of a request: `ip unban` when the time of a ban is over.
//!
//! A row says what and when. It is only believed when the journal of the request that scheduled it has its proof: whoever can
//! write to the store could add a row, and not an event.

use sqlx::types::Json;
use uuid::Uuid;

use super::{AuditKey, Connection, Recorded, Store};
use crate::domain::{Event, Instant, RequestId, event::Asking};

/// The fact of a step's result that proves a later request.
const PROOF: &str = "later_request";

/// A request for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The request that schedules it.
    pub because: RequestId,
    /// As people type it.
    pub operation: String,
    /// With which arguments, and why.
    pub asking: Asking,
    /// Not before this time.
    pub due: Instant,
}

/// Its keyed hash, for the result of the step that schedules it.
#[must_use]
pub fn proof(key: &AuditKey, later: &Later) -> (String, serde_json::Value) {
    (PROOF.to_owned(), hash(key, later).into())
}

/// Whether a step of the run that scheduled it has its proof.
#[must_use]
pub fn is_proven(key: &AuditKey, later: &Later, events: &[Recorded]) -> bool {
    let hash = hash(key, later);
    events.iter().any(|recorded| match &recorded.event {
        Event::StepSucceeded { result, .. } => {
            result.get(PROOF).and_then(|proof| proof.as_str()) == Some(hash.as_str())
        }
        _ => false,
    })
}

/// Without the part of a second that the store does not keep.
fn hash(key: &AuditKey, later: &Later) -> String {
    let Later {
        because,
        operation,
        asking,
        due,
    } = later;
    key.fingerprint(&(PROOF, because, operation, asking, due.timestamp_millis()))
}

/// Writes it down, once per request and operation. What was withdrawn meanwhile is scheduled again.
///
/// # Errors
/// The store's.
pub async fn schedule(pool: &Store, later: &Later) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"insert into countersign.scheduled_request (because, operation, asking, due_at, look_at)
           values ($1, $2, $3, $4, $4)
           on conflict (because, operation) do update
               set asking = excluded.asking, due_at = excluded.due_at, look_at = excluded.look_at, closed_at = null,
                   request_id = null"#,
        later.because.0,
        later.operation,
        Json(&later.asking) as _,
        later.due,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// What is due, held by this transaction until its end: one replica asks.
///
/// # Errors
/// The store's.
pub async fn claim(tx: &mut Connection, now: Instant) -> Result<Option<Later>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select because, operation, asking as "asking!: Json<Asking>", due_at
           from countersign.scheduled_request
           where closed_at is null and look_at <= $1
           order by look_at limit 1 for update skip locked"#,
        now
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Later {
        because: RequestId(row.because),
        operation: row.operation,
        asking: row.asking.0,
        due: row.due_at,
    }))
}

/// When the next one has to be looked at.
///
/// # Errors
/// The store's.
pub async fn next(pool: &Store) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        "select min(look_at) from countersign.scheduled_request where closed_at is null"
    )
    .fetch_one(pool)
    .await
}

/// Closes it: it was asked for as `request`, or cannot be. What it said about anybody goes.
///
/// # Errors
/// The store's.
pub async fn close(
    tx: &mut Connection,
    later: &Later,
    request: Option<RequestId>,
    now: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.scheduled_request set closed_at = $3, request_id = $4, asking = null
           where because = $1 and operation = $2"#,
        later.because.0,
        later.operation,
        now,
        request.map(|request| request.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Has it looked at again later.
///
/// # Errors
/// The store's.
pub async fn rest(pool: &Store, later: &Later, until: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.scheduled_request set look_at = $3 where because = $1 and operation = $2 and closed_at is null",
        later.because.0,
        later.operation,
        until,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Withdraws what these requests scheduled: a person did it already.
///
/// # Errors
/// The store's.
pub async fn withdraw(
    pool: &Store,
    operation: &str,
    because: &[Uuid],
    now: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.scheduled_request set closed_at = $3, asking = null
           where operation = $1 and closed_at is null and because = any($2)"#,
        operation,
        because,
        now,
    )
    .execute(pool)
    .await?;
    Ok(())
}

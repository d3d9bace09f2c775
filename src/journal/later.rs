//! What the service asks for by itself at a later time, because of a request: `ip unban` when the time of a ban is over.
//!
//! A row says what and when. It is only believed when the journal of the request that scheduled it has its proof: whoever can
//! write to the store could add a row, and not an event.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Connection, Recorded, Store};
use crate::{
    audit_key::AuditKey,
    domain::{Event, Instant, RequestId, event::Asking, private_data::SALT_BYTES},
    runtime,
};

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

/// Whether a step of the run that scheduled it has its proof.
#[must_use]
pub fn is_proven(key: &AuditKey, due: &Due, events: &[Recorded]) -> bool {
    let hash = hash(key, &due.later, &due.salt);
    events.iter().any(|recorded| match &recorded.event {
        Event::StepSucceeded { result, .. } => {
            result.get(PROOF).and_then(|proof| proof.as_str()) == Some(hash.as_str())
        }
        _ => false,
    })
}

/// Salted, because what is asked for may be guessed, as an address. Without the part of a second that the store does not
/// keep.
fn hash(key: &AuditKey, later: &Later, salt: &[u8]) -> String {
    let Later {
        because,
        operation,
        asking,
        due,
    } = later;
    key.fingerprint(&(
        PROOF,
        because,
        operation,
        asking,
        due.timestamp_millis(),
        salt,
    ))
}

/// Writes it down, once per request and operation. What was withdrawn meanwhile is scheduled again. Gives its keyed hash, for
/// the result of the step that schedules it.
pub async fn schedule(
    pool: &Store,
    key: &AuditKey,
    later: &Later,
) -> Result<(String, serde_json::Value), sqlx::Error> {
    let salt = sqlx::query_scalar!(
        r#"insert into countersign.scheduled_request as s (because, operation, asking, salt, due_at, look_at)
           values ($1, $2, $3, $4, $5, $5)
           on conflict (because, operation) do update
               set asking = excluded.asking, salt = coalesce(s.salt, excluded.salt), due_at = excluded.due_at,
                   look_at = excluded.look_at, closed_at = null, request_id = null
           returning salt as "salt!""#,
        later.because.0,
        later.operation,
        Json(&later.asking) as _,
        &runtime::random_bytes::<SALT_BYTES>(),
        later.due,
    )
    .fetch_one(pool)
    .await?;
    Ok((PROOF.to_owned(), hash(key, later, &salt).into()))
}

/// A request for later whose time has come.
#[derive(Debug)]
pub struct Due {
    /// The request.
    pub later: Later,
    /// Of its keyed hash.
    salt: Vec<u8>,
}

/// What is due, held by this transaction until its end: one replica asks.
pub async fn claim(tx: &mut Connection, now: Instant) -> Result<Option<Due>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select because, operation, asking as "asking!: Json<Asking>", salt as "salt!", due_at
           from countersign.scheduled_request
           where closed_at is null and look_at <= $1
           order by look_at limit 1 for update skip locked"#,
        now
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Due {
        later: Later {
            because: RequestId(row.because),
            operation: row.operation,
            asking: row.asking.0,
            due: row.due_at,
        },
        salt: row.salt,
    }))
}

/// When the next one has to be looked at.
pub async fn next(pool: &Store) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        "select min(look_at) from countersign.scheduled_request where closed_at is null"
    )
    .fetch_one(pool)
    .await
}

/// Closes it: it was asked for as `request`, or cannot be. What it said about anybody goes.
pub async fn close(
    tx: &mut Connection,
    later: &Later,
    request: Option<RequestId>,
    now: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.scheduled_request set closed_at = $3, request_id = $4, asking = null, salt = null
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
pub async fn withdraw(
    pool: &Store,
    operation: &str,
    because: &[Uuid],
    now: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.scheduled_request set closed_at = $3, asking = null, salt = null
           where operation = $1 and closed_at is null and because = any($2)"#,
        operation,
        because,
        now,
    )
    .execute(pool)
    .await?;
    Ok(())
}

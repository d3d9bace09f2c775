//! What Stripe told, on record before it is acknowledged.

use uuid::Uuid;

use crate::{
    domain::{Instant, RequestId},
    journal::Store,
};

/// How long one worker may hold an entry before another one tries.
const CLAIM: chrono::Duration = chrono::Duration::seconds(30);

/// One event, as far as it matters here.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// `evt_…`: the same event has the same one however often it is delivered.
    pub id: String,
    /// `refund.updated`.
    pub kind: String,
    /// The request whose refund it tells of.
    pub request_id: Option<Uuid>,
}

/// How a delivery was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is on record.
    New,
    /// The event is on record already.
    Again,
    /// The very same signed bytes came before: Stripe signs every delivery anew.
    Replay,
}

/// Puts an event on record. One that tells of no refund of ours is on record as done.
///
/// # Errors
/// The store's; then nothing is on record and Stripe must not be told otherwise.
pub async fn receive(
    pool: &Store,
    signature: &str,
    arrival: &Arrival,
    now: Instant,
) -> Result<Received, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let noted = sqlx::query!(
        "insert into countersign.seen_signature (signature, seen_at) values ($1, $2) on conflict do nothing",
        format!("stripe:{signature}"),
        now
    )
    .execute(&mut *tx)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(Received::Replay);
    }
    let added = sqlx::query!(
        r#"insert into countersign.stripe_event (id, kind, request_id, received_at, not_before, done_at)
           select $1, $2, r.request_id, $4::timestamptz, $4::timestamptz, case when r.request_id is null then $4::timestamptz end
           from (select 1) one left join countersign.refund r on r.request_id = $3
           on conflict (id) do nothing"#,
        arrival.id,
        arrival.kind,
        arrival.request_id,
        now
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(match added.rows_affected() {
        0 => Received::Again,
        _ => Received::New,
    })
}

/// An event that a worker holds.
#[derive(Debug)]
pub struct Claimed {
    /// The event.
    pub id: String,
    /// Whose refund it tells of.
    pub request: RequestId,
    /// Tries so far, this one included.
    pub attempts: i32,
}

/// Takes the open event that is due first; `None` when there is none.
///
/// # Errors
/// The store's.
pub async fn claim(pool: &Store, now: Instant) -> Result<Option<Claimed>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update countersign.stripe_event set not_before = $2, attempts = attempts + 1
           where id = (select id from countersign.stripe_event
                       where done_at is null and not_before <= $1
                       order by not_before limit 1 for update skip locked)
           returning id, request_id, attempts"#,
        now,
        now + CLAIM
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Claimed {
        id: row.id,
        request: RequestId(row.request_id.unwrap_or_default()),
        attempts: row.attempts,
    }))
}

/// When the next open event is due.
///
/// # Errors
/// The store's.
pub async fn next_due(pool: &Store) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select min(not_before) as due from countersign.stripe_event where done_at is null"#
    )
    .fetch_one(pool)
    .await
}

/// Ends an event.
///
/// # Errors
/// The store's.
pub async fn finish(pool: &Store, id: &str, now: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.stripe_event set done_at = $2 where id = $1",
        id,
        now
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Has an event looked at again at `not_before`.
///
/// # Errors
/// The store's.
pub async fn put_back(pool: &Store, id: &str, not_before: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.stripe_event set not_before = $2 where id = $1",
        id,
        not_before
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets events that Stripe does not deliver any more.
///
/// # Errors
/// The store's.
pub async fn forget(pool: &Store, before: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from countersign.stripe_event where done_at < $1",
        before
    )
    .execute(pool)
    .await?;
    Ok(())
}

//! Putting what came in on record, in time or not at all.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::Serialize;
use uuid::Uuid;

use super::{InboxEntry, Rank, VendorEvent};
use crate::{
    audit_key::AuditKey,
    config::limits,
    domain::Instant,
    journal::{
        Connection, Store,
        sealed::{InboxRow, SealedRow},
    },
    runtime,
};

/// When somebody has to be answered, by the machine's steady clock.
pub type Deadline = tokio::time::Instant;

/// How an entry was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is on record.
    New,
    /// The same inbox entry is on record already.
    Again,
    /// The very same signed bytes came before: not from Slack.
    Replay,
}

/// Why it cannot be said that an entry was received.
#[derive(Debug, thiserror::Error)]
pub enum NotReceived {
    /// It is certain that nothing is on record.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// The store took too long, so nothing was committed and nothing will be.
    #[error("the store did not answer in time")]
    TooLate,
    /// The commit was sent and not confirmed: the entry may be on record.
    #[error("the store did not confirm in time")]
    Unknown,
}

/// Puts an inbox entry on record until `by`, or not at all. `signature` is the request's own, `delivery` names the inbox entry
/// however often it is delivered.
///
/// # Errors
/// [`NotReceived`]. Slack must not be told that it is on record.
pub async fn receive(
    store: &Store,
    key: &AuditKey,
    signature: &str,
    delivery: &str,
    entry: &InboxEntry,
    now: Instant,
    by: Deadline,
) -> Result<Received, NotReceived> {
    let (kind, request) = entry.kind();
    let rank = Rank::of(&entry.what);
    let row = row(delivery, entry, now)?;
    let entry = Entry {
        mac: row.mac(key),
        row,
        kind: kind.to_owned(),
        request,
        rank: rank.number(),
        lane: lane(rank, &entry.user, request),
    };
    record_until(by, store, signature, Some(entry), now).await
}

fn row(key: &str, what: &impl Serialize, now: Instant) -> Result<InboxRow, sqlx::Error> {
    let payload = serde_json::to_value(what).map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
    Ok(InboxRow {
        dedupe_key: key.to_owned(),
        payload: Some(payload),
        received_at: now,
    })
}

/// What is processed in order: what one person sent of one rank. What stops something waits for nothing but what the same
/// person did to the same request.
fn lane(rank: Rank, user: &str, request: Option<Uuid>) -> String {
    match (rank, request) {
        (Rank::Urgent, Some(request)) => format!("{}:{user}:{request}", rank.number()),
        _ => format!("{}:{user}", rank.number()),
    }
}

/// Puts an event of a vendor on record, as [`receive`] does. Each is tried by itself: none waits behind another one.
///
/// # Errors
/// [`NotReceived`]. The vendor must not be told that it is on record.
pub async fn receive_event(
    store: &Store,
    key: &AuditKey,
    signature: &str,
    event: &VendorEvent,
    now: Instant,
    by: Deadline,
) -> Result<Received, NotReceived> {
    let rank = Rank::Event.number();
    let row = row(&event.id, event, now)?;
    let entry = Entry {
        mac: row.mac(key),
        row,
        kind: event.kind.clone(),
        // What people did to a request is looked for by this column. An event decides nothing about one.
        request: None,
        rank,
        lane: format!("{rank}:{}", event.id),
    };
    record_until(by, store, signature, Some(entry), now).await
}

/// Notes a signature alone, for requests that change nothing; false when it was seen before.
pub async fn first_time(
    store: &Store,
    signature: &str,
    now: Instant,
    by: Deadline,
) -> Result<bool, NotReceived> {
    let received = record_until(by, store, signature, None, now).await?;
    Ok(received != Received::Replay)
}

/// One row of the inbox to be.
struct Entry {
    row: InboxRow,
    kind: String,
    request: Option<Uuid>,
    rank: i16,
    lane: String,
    mac: Vec<u8>,
}

/// The work goes on by itself, because a transaction that is dropped while it begins would leave its connection inside
/// of it. What gives up takes the right to commit from it first.
async fn record_until(
    by: Deadline,
    store: &Store,
    signature: &str,
    entry: Option<Entry>,
    now: Instant,
) -> Result<Received, NotReceived> {
    let right = Arc::new(RightToCommit::default());
    let work = record(
        store.clone(),
        signature.to_owned(),
        entry,
        now,
        right.clone(),
    );
    let mut work = tokio::spawn(work);
    let ended = match tokio::time::timeout_at(by, &mut work).await {
        Ok(ended) => ended,
        Err(_) if right.take() => return Err(NotReceived::TooLate),
        Err(_) => tokio::time::timeout(limits::COMMIT, work)
            .await
            .map_err(|_| NotReceived::Unknown)?,
    };
    ended.map_err(|_| NotReceived::Unknown)?
}

async fn record(
    store: Store,
    signature: String,
    entry: Option<Entry>,
    now: Instant,
    right: Arc<RightToCommit>,
) -> Result<Received, NotReceived> {
    let mut tx = store.begin().await?;
    if !note_signature(&mut tx, &signature, now).await? {
        return Ok(Received::Replay);
    }
    let is_new = match entry {
        Some(entry) => insert(&mut tx, entry, now).await?,
        None => true,
    };
    if !right.take() {
        return Err(NotReceived::TooLate);
    }
    tx.commit()
        .await
        .map_err(|error| match is_refused(&error) {
            true => NotReceived::Store(error),
            false => NotReceived::Unknown,
        })?;
    Ok(match is_new {
        true => Received::New,
        false => Received::Again,
    })
}

/// Whether the store certainly did not commit: it refused the transaction, or rolled it back. Any other answer may come from
/// a pooler that lost the server after the commit.
fn is_refused(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| {
        code == "57014"
            || ["23", "25", "40"]
                .iter()
                .any(|class| code.starts_with(class))
    })
}

/// The right to commit, or to say that nothing will be committed: one of both has it.
#[derive(Default)]
struct RightToCommit(AtomicBool);

impl RightToCommit {
    /// Takes it; false when the other side has it.
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// A new entry waits behind an open one of its lane. That one is locked until the commit, so that it cannot end before it is
/// known that another one waits for it. Whoever accepts never waits: when the open one is locked because it ends right now,
/// the new entry does not wait for it, and the claim sees to the order.
async fn insert(tx: &mut Connection, entry: Entry, now: Instant) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        r#"with ahead as (
               select id from countersign.inbox
               where lane = $7 and done_at is null and not waits
               order by received_at, id limit 1 for share skip locked)
           insert into countersign.inbox
               (id, dedupe_key, kind, request_id, payload, rank, lane, waits, received_at, not_before, mac)
           values ($1, $2, $3, $4, $5, $6, $7, exists (select from ahead), $8, $8, $9)
           on conflict (dedupe_key) do nothing"#,
        runtime::new_id(),
        entry.row.dedupe_key,
        entry.kind,
        entry.request,
        entry.row.payload,
        entry.rank,
        entry.lane,
        now,
        entry.mac
    )
    .execute(&mut *tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

async fn note_signature(
    tx: &mut Connection,
    signature: &str,
    now: Instant,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        "insert into countersign.seen_signature (signature, seen_at) values ($1, $2) on conflict do nothing",
        signature,
        now
    )
    .execute(&mut *tx)
    .await?;
    Ok(added.rows_affected() == 1)
}

//! Putting what came in on record, in time or not at all.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use uuid::Uuid;

use super::InboxEntry;
use crate::{
    config::limits,
    domain::Instant,
    journal::{Connection, Store},
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

/// Puts an inbox entry on record until `by`, or not at all. `signature` is the request's own, `key` names the inbox entry however often
/// it is delivered.
///
/// # Errors
/// [`NotReceived`]. Slack must not be told that it is on record.
pub async fn receive(
    store: &Store,
    signature: &str,
    key: &str,
    entry: &InboxEntry,
    now: Instant,
    by: Deadline,
) -> Result<Received, NotReceived> {
    let (kind, request) = entry.kind();
    let entry = Entry {
        key: key.to_owned(),
        kind: kind.to_owned(),
        request,
        payload: serde_json::to_value(entry).map_err(|e| sqlx::Error::Encode(Box::new(e)))?,
    };
    record_until(by, store, signature, Some(entry), now).await
}

/// Notes a signature alone, for requests that change nothing; false when it was seen before.
///
/// # Errors
/// [`NotReceived`].
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
    key: String,
    kind: String,
    request: Option<Uuid>,
    payload: serde_json::Value,
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

async fn insert(tx: &mut Connection, entry: Entry, now: Instant) -> Result<bool, sqlx::Error> {
    let added = sqlx::query!(
        r#"insert into countersign.inbox (id, dedupe_key, kind, request_id, payload, received_at, not_before)
           values ($1, $2, $3, $4, $5, $6, $6) on conflict (dedupe_key) do nothing"#,
        runtime::new_id(),
        entry.key,
        entry.kind,
        entry.request,
        entry.payload,
        now
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

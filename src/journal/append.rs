//! Appending: events, the projections that follow from them, and nothing else, in one transaction.

use thiserror::Error;
use uuid::Uuid;

use super::{
    Journal,
    hash::{Entry, GENESIS, stored},
    private_data, projection,
    store::Connection,
};
use crate::{
    audit_key::Hash,
    domain::{
        Event, Instant, Request, RequestId,
        digest::canonical_json,
        fold::{self, Misplaced},
        private_data::PrivateText,
        status::Status,
    },
    telemetry::Recorded,
};

/// The right of one replica to write for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence(pub i64);

/// Why nothing was recorded.
#[derive(Debug, Error)]
pub enum RecordError {
    /// Somebody else appended to this request first: read it again and decide again.
    #[error("the request has moved on")]
    Conflict,
    /// The same request is open already.
    #[error("the same request is open already")]
    AlreadyOpen,
    /// The database found the same human twice where two are needed.
    #[error("the two-person rule forbids it: the same human would count twice")]
    SameHuman,
    /// The last event on record is not the one that the decision was made from.
    #[error("the journal of this request has been changed outside Countersign")]
    Tampered,
    /// The lease of the run was taken over by another replica.
    #[error("another replica has taken over this run")]
    Fenced,
    /// The events do not follow from the state; a fault of ours.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
    /// Nothing to record.
    #[error("there is nothing to record")]
    Empty,
    /// The database.
    #[error("the store: {0}")]
    Store(#[source] sqlx::Error),
}

impl From<sqlx::Error> for RecordError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|e| e.constraint());
        match constraint {
            Some("event_request_id_version_key" | "request_pkey") => Self::Conflict,
            Some("request_open_once" | "request_open_subject") => Self::AlreadyOpen,
            Some("party_pkey") => Self::SameHuman,
            _ => Self::Store(error),
        }
    }
}

/// What goes into the journal at once.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The request as it is; `None` when the first event opens it.
    pub before: Option<Request>,
    /// Its id.
    pub id: RequestId,
    /// The events, in order.
    pub events: &'a [Event],
    /// What people read beside the chain; the events hold its commitments.
    pub private_data: &'a [PrivateText],
    /// When it happened.
    pub at: Instant,
    /// The lease of the run, when a runner writes.
    pub fence: Option<Fence>,
}

impl Journal {
    /// Records a batch in a transaction of its own and wakes whoever waits for work.
    ///
    /// # Errors
    /// See [`RecordError`]; then nothing was recorded.
    pub async fn record(&self, batch: Batch<'_>) -> Result<Request, RecordError> {
        let mut tx = self.pool.begin().await.map_err(RecordError::Store)?;
        let request = self.record_in(&mut tx, batch).await?;
        tx.commit().await?;
        self.appended.notify();
        Ok(request)
    }

    /// Records a batch in the caller's transaction. The caller commits, then wakes [`Journal::appended`].
    ///
    /// # Errors
    /// See [`RecordError`]; the transaction is then no longer usable.
    pub async fn record_in(
        &self,
        tx: &mut Connection,
        batch: Batch<'_>,
    ) -> Result<Request, RecordError> {
        // Postgres keeps microseconds; the hash must cover what will be read again.
        let at = Instant::from_timestamp_micros(batch.at.timestamp_micros()).unwrap_or(batch.at);
        if let Some(Fence(fence)) = batch.fence {
            hold_fence(tx, batch.id, fence).await?;
        }
        let mut previous = match &batch.before {
            None => GENESIS,
            Some(request) => verified_last_hash(tx, request).await?,
        };
        let mut request = batch.before;
        let mut rows = Rows::default();
        let mut parties = projection::Parties::default();
        let mut told = Vec::new();
        for event in batch.events {
            let next = match (request, event) {
                (None, Event::Asked(asked)) => fold::open(batch.id, asked, at),
                (None, _) => return Err(RecordError::Empty),
                (Some(request), event) => fold::fold(request, event, at)?,
            };
            let body = canonical_json(event);
            let entry = Entry::new(batch.id.0, next.version, event.name(), at, &body);
            previous = self.key.event(&previous, &entry);
            rows.push(next.version, event.name(), body, previous);
            parties.note(&next, event);
            told.push(self.told(&next, event, at));
            request = Some(next);
        }
        let request = request.filter(|_| !batch.events.is_empty());
        let mut request = request.ok_or(RecordError::Empty)?;
        request.last_hash = previous;
        rows.insert(tx, batch.id.0, at).await?;
        private_data::insert(tx, batch.id.0, batch.private_data).await?;
        projection::write(tx, &request, &parties, at).await?;
        for recorded in told {
            tx.tell_when_committed(recorded);
        }
        Ok(request)
    }

    fn told(&self, request: &Request, event: &Event, at: Instant) -> Recorded {
        let status = request.state.status();
        Recorded {
            request: request.id.0,
            number: request.label(),
            operation: request.operation.clone(),
            event: event.name(),
            state: status.name(),
            is_outcome: is_outcome(request, event),
            since_asked: at - request.asked_at,
            replica: self.replica,
        }
    }
}

/// Whether a request ends or gets stuck with this event. What is called off while its hold is in place ends when that is
/// rolled back.
fn is_outcome(request: &Request, event: &Event) -> bool {
    let status = request.state.status();
    let is_stuck = matches!(status, Status::Failed | Status::Indeterminate);
    let changes = !matches!(event, Event::AttemptRefused { .. } | Event::Quoted { .. });
    changes && (status.is_terminal() || is_stuck)
}

#[derive(Default)]
struct Rows {
    versions: Vec<i64>,
    names: Vec<String>,
    bodies: Vec<String>,
    hashes: Vec<Vec<u8>>,
}

impl Rows {
    fn push(&mut self, version: i64, name: &str, body: String, hash: Hash) {
        self.versions.push(version);
        self.names.push(name.to_owned());
        self.bodies.push(body);
        self.hashes.push(hash.to_vec());
    }

    async fn insert(self, db: &mut Connection, id: Uuid, at: Instant) -> Result<(), RecordError> {
        sqlx::query!(
            r#"with added as (
                   insert into countersign.event (request_id, version, name, body, at, hash)
                   select $1, v, n, b, $2, h
                   from unnest($3::bigint[], $4::text[], $5::text[], $6::bytea[]) with ordinality as t(v, n, b, h, o)
                   order by o
                   returning seq)
               insert into countersign.chain_pending (event_seq) select seq from added"#,
            id,
            at,
            &self.versions,
            &self.names,
            &self.bodies,
            &self.hashes,
        )
        .execute(db)
        .await?;
        Ok(())
    }
}

/// The lease's row is held until the commit, so that no takeover can come between check and append.
async fn hold_fence(db: &mut Connection, id: RequestId, fence: i64) -> Result<(), RecordError> {
    sqlx::query_scalar!(
        "select fence from countersign.lease where request_id = $1 and fence = $2 for share",
        id.0,
        fence
    )
    .fetch_optional(db)
    .await?
    .map(|_| ())
    .ok_or(RecordError::Fenced)
}

/// The hash that the request was read with. It must be the stored one: nothing is chained to an event that was put in its
/// place since.
async fn verified_last_hash(db: &mut Connection, request: &Request) -> Result<Hash, RecordError> {
    let hash = sqlx::query_scalar!(
        "select hash from countersign.event where request_id = $1 and version = $2",
        request.id.0,
        request.version
    )
    .fetch_optional(db)
    .await?
    .ok_or(RecordError::Conflict)?;
    match stored(&hash) {
        Some(hash) if hash == request.last_hash => Ok(hash),
        _ => Err(RecordError::Tampered),
    }
}

//! Appending: events, the projections that follow from them, and nothing else, in one transaction.

use thiserror::Error;
use uuid::Uuid;

use super::{
    Journal, ReadError,
    hash::{Entry, GENESIS, stored},
    private_data, projection,
    store::Connection,
    stream::Stream,
};
use crate::{
    audit_key::Hash,
    domain::{
        Event, Instant, Request, RequestId, digest::canonical_json, fold::Misplaced,
        private_data::PrivateText, status::Status,
    },
    telemetry::Recorded,
};

/// The right of one replica to write for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence(pub i64);

/// Why nothing was recorded.
#[derive(Debug, Error)]
pub enum RecordError {
    /// Somebody else appended to this stream first: read it again and decide again.
    #[error("the request has moved on")]
    Conflict,
    /// The same request is open already.
    #[error("the same request is open already")]
    AlreadyOpen,
    /// The database found the same human twice where two are needed.
    #[error("the two-person rule forbids it: the same human would count twice")]
    SameHuman,
    /// The last event on record is not the one that the decision was made from.
    #[error("the journal has been changed outside Countersign")]
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

impl From<ReadError> for RecordError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Store(error) => Self::Store(error),
            _ => Self::Tampered,
        }
    }
}

impl From<sqlx::Error> for RecordError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|e| e.constraint());
        match constraint {
            Some("event_stream_version_key" | "request_pkey") => Self::Conflict,
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
        if let Some(Fence(fence)) = batch.fence {
            hold_fence(tx, batch.id, fence).await?;
        }
        let mut parties = projection::Parties::default();
        let mut told = Vec::new();
        let at = as_stored(batch.at);
        let note = |request: &Request, event: &Event| {
            parties.note(request, event);
            told.push(self.told(request, event, at));
        };
        let request = self
            .append(tx, batch.id.0, batch.before, batch.events, at, note)
            .await?;
        private_data::insert(tx, batch.id.0, batch.private_data).await?;
        projection::write(tx, &request, &parties, at).await?;
        for recorded in told {
            tx.tell_when_committed(recorded);
        }
        Ok(request)
    }

    /// Appends events to a stream, chained to the last one of `before`. `note` is told of each with the state after it.
    pub(super) async fn append<S: Stream>(
        &self,
        tx: &mut Connection,
        stream: Uuid,
        mut before: Option<S>,
        events: &[S::Event],
        at: Instant,
        mut note: impl FnMut(&S, &S::Event),
    ) -> Result<S, RecordError> {
        let at = as_stored(at);
        let mut previous = match &mut before {
            None => GENESIS,
            Some(state) => verified_last_hash(tx, stream, state).await?,
        };
        let mut state = before;
        let mut rows = Rows::default();
        for event in events {
            let next = S::fold(state.take(), stream, event, at)?;
            let (name, body) = (S::name(event), canonical_json(event));
            let entry = Entry::new((S::KIND, stream), next.version(), name, at, &body);
            previous = self.key.event(&previous, &entry);
            rows.push(next.version(), name, body, previous);
            note(&next, event);
            state = Some(next);
        }
        let state = state.filter(|_| !events.is_empty());
        let mut state = state.ok_or(RecordError::Empty)?;
        *state.last_hash() = previous;
        rows.insert(tx, (S::KIND, stream), at).await?;
        Ok(state)
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

    async fn insert(
        self,
        db: &mut Connection,
        (kind, stream): (&str, Uuid),
        at: Instant,
    ) -> Result<(), RecordError> {
        sqlx::query!(
            r#"with added as (
                   insert into countersign.event (kind, stream, version, name, body, at, hash)
                   select $1, $2, v, n, b, $3, h
                   from unnest($4::bigint[], $5::text[], $6::text[], $7::bytea[]) with ordinality as t(v, n, b, h, o)
                   order by o
                   returning seq)
               insert into countersign.chain_pending (event_seq) select seq from added"#,
            kind,
            stream,
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

/// Postgres keeps microseconds; the hash must cover what will be read again.
fn as_stored(at: Instant) -> Instant {
    Instant::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
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

/// The hash that the stream was read with. It must be the stored one: nothing is chained to an event that was put in its
/// place since.
async fn verified_last_hash(
    db: &mut Connection,
    stream: Uuid,
    state: &mut impl Stream,
) -> Result<Hash, RecordError> {
    let hash = sqlx::query_scalar!(
        "select hash from countersign.event where stream = $1 and version = $2",
        stream,
        state.version()
    )
    .fetch_optional(db)
    .await?
    .ok_or(RecordError::Conflict)?;
    match stored(&hash) {
        Some(hash) if hash == *state.last_hash() => Ok(hash),
        _ => Err(RecordError::Tampered),
    }
}

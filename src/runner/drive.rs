//! One leased request, moved as far as it goes.

use std::{cell::Cell, collections::BTreeSet};

use tokio_util::sync::CancellationToken;

use super::{HEARTBEAT, LEASE, REST, REST_OF_TAMPERED, Runner};
use crate::{
    domain::{
        Command, Event, Request,
        answer::Answer,
        decide::decide,
        digest::canonical_json,
        private_data::{Kind, PrivateText},
    },
    journal::{
        ReadError, RecordError, Recorded,
        append::Batch,
        lease::{self, Lease},
        private_data, read,
    },
};

/// Characters of another system's words that are kept.
const QUOTED_CHARS: usize = 1_000;
/// Times in a row that somebody else may be faster before the run rests.
const MOST_CONFLICTS: u32 = 10;

tokio::task_local! {
    /// The version of the leased request that its run has read or recorded last.
    static SEEN: Cell<i64>;
}

/// What one move led to.
pub(super) enum Moved {
    /// Something was recorded; look again.
    On,
    /// Nothing to do before the next due time, or before a person decides.
    Waits,
    /// A system did not answer, or it is a moment too early; look again after a rest.
    Rests(chrono::Duration),
}

/// Why a move was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum MoveError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

impl Runner {
    /// Moves the request until it waits, while the lease is kept alive beside it.
    pub(super) async fn drive(&self, lease: Lease, stop: &CancellationToken) {
        let seen = Cell::new(lease.version);
        SEEN.scope(seen, self.drive_seeing(lease, stop)).await;
    }

    async fn drive_seeing(&self, lease: Lease, stop: &CancellationToken) {
        let moving = self.move_on(lease, stop);
        let result = tokio::select! {
            result = moving => result,
            () = self.keep_alive(lease) => {
                tracing::warn!(request = %lease.request, "the lease was lost: another replica goes on");
                return;
            }
        };
        let now = self.clock.now();
        let until = match result {
            Ok(Moved::Rests(rest)) => now + rest,
            Ok(_) => now,
            Err(MoveError::Record(RecordError::Fenced)) => return,
            Err(MoveError::Read(
                ReadError::Tampered { .. } | ReadError::TextChanged | ReadError::NotFound,
            )) => {
                tracing::error!(request = %lease.request, "nothing is done for a request whose journal has been changed");
                now + REST_OF_TAMPERED
            }
            Err(error) => {
                tracing::warn!(request = %lease.request, %error, "the run rests");
                now + REST
            }
        };
        if let Err(error) =
            lease::release(&self.journal.pool, lease, SEEN.with(Cell::get), until).await
        {
            tracing::warn!(request = %lease.request, %error, "the lease was not given back");
        }
    }

    async fn move_on(&self, lease: Lease, stop: &CancellationToken) -> Result<Moved, MoveError> {
        let mut conflicts = 0;
        loop {
            if stop.is_cancelled() {
                return Ok(Moved::Waits);
            }
            let events = self.journal.events(lease.request).await?;
            let request = read::replay(lease.request, &events)?;
            SEEN.with(|seen| seen.set(request.version));
            let span = tracing::Span::current();
            span.record("request.number", request.label());
            span.record("operation", request.operation.as_str());
            match self.make_move(lease, &request, &events).await {
                Ok(Moved::On) => conflicts = 0,
                // A person was faster: look at what the request is now.
                Err(MoveError::Record(RecordError::Conflict)) if conflicts < MOST_CONFLICTS => {
                    conflicts += 1;
                }
                other => return other,
            }
        }
    }

    /// Returns when the lease is lost, or may be lost because nothing was heard of the store for its length.
    async fn keep_alive(&self, lease: Lease) {
        let mut held_until = self.clock.now() + LEASE;
        loop {
            let now = self.clock.now();
            self.clock.sleep_until(now + HEARTBEAT).await;
            let until = self.clock.now() + LEASE;
            let renewed = lease::renew(&self.journal.pool, lease, LEASE);
            // A store that does not answer must not keep the run alive past its lease.
            let Ok(renewed) = tokio::time::timeout(LEASE / 2, renewed).await else {
                tracing::warn!("the store did not answer when a lease was to be renewed");
                return;
            };
            match renewed {
                Ok(true) => held_until = until,
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "a lease could not be renewed");
                    if self.clock.now() >= held_until {
                        return;
                    }
                }
            }
        }
    }

    /// Decides a command and records what follows, under the lease.
    pub(super) async fn command(
        &self,
        lease: Lease,
        request: &Request,
        command: &Command,
        private_data: &[PrivateText],
    ) -> Result<Moved, MoveError> {
        self.command_quoting(lease, request, command, private_data, None)
            .await
    }

    /// As [`Self::command`]. `words` is what a system outside said itself: beside the chain, for the requester alone.
    pub(super) async fn command_quoting(
        &self,
        lease: Lease,
        request: &Request,
        command: &Command,
        private_data: &[PrivateText],
        words: Option<&str>,
    ) -> Result<Moved, MoveError> {
        let now = self.clock.now();
        let mut events = match decide(request, command, now) {
            Ok(events) => events,
            Err(refusal) => {
                tracing::info!(request = %request.id, %refusal, "the move no longer fits");
                return Ok(Moved::Rests(REST));
            }
        };
        // A plan that is not recorded leaves no texts behind.
        let commitments = events.iter().flat_map(Event::commitments);
        let committed: BTreeSet<_> = commitments.map(|one| one.id).collect();
        let mut private_data = private_data.to_vec();
        private_data.retain(|text| committed.contains(&text.id));
        if let Some(words) = words {
            let answer = quotation(words);
            let answer_is = answer.commitment();
            events.insert(0, Event::Quoted { answer: answer_is });
            private_data.push(answer);
        }
        self.record(lease, request, &events, &private_data).await?;
        Ok(Moved::On)
    }

    async fn record(
        &self,
        lease: Lease,
        request: &Request,
        events: &[Event],
        private_data: &[PrivateText],
    ) -> Result<Request, RecordError> {
        let batch = Batch {
            before: Some(request.clone()),
            id: request.id,
            events,
            private_data,
            at: self.clock.now(),
            fence: Some(lease.fence),
        };
        let recorded = self.journal.record(batch).await?;
        SEEN.with(|seen| seen.set(recorded.version));
        Ok(recorded)
    }

    /// The request as it is now, with its events.
    pub(super) async fn reread(&self, lease: Lease) -> Result<(Request, Vec<Recorded>), ReadError> {
        let events = self.journal.events(lease.request).await?;
        Ok((read::replay(lease.request, &events)?, events))
    }
}

/// What a system outside said, as an answer to the requester.
fn quotation(words: &str) -> PrivateText {
    let words: String = words.chars().take(QUOTED_CHARS).collect();
    let answer = Answer::default()
        .text("The other system's own words, told to you alone:")
        .text(words);
    private_data::new(Kind::Answer, canonical_json(&answer))
}

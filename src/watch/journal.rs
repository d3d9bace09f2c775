//! Once a day: whether the journal is what was recorded, without anybody asking.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::Duration;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::Instant,
    journal::{
        Journal,
        verify::{Report, verify_alone},
    },
    runtime::SharedClock,
    work::{Queue, Worker},
};

/// How long after the start the first verification is done: whatever waited for the start goes first.
pub const FIRST_VERIFICATION: Duration = Duration::minutes(5);
/// How often the journal is verified.
pub const VERIFY_EVERY: Duration = Duration::days(1);
/// How long a verification waits when another one is under way, or when the store does not answer.
const AGAIN: Duration = Duration::minutes(10);
/// Findings that are logged; `countersign audit verify` lists more.
const LOGGED: usize = 20;

/// What the last verification found.
#[derive(Debug, Clone, Copy)]
pub struct Verified {
    /// When it was done.
    pub at: Instant,
    /// What is not as it was recorded; 0 when the journal is sound.
    pub findings: i64,
}

/// The last verification of this replica.
#[derive(Debug, Default)]
pub struct LastVerification(Mutex<Option<Verified>>);

impl LastVerification {
    /// What it found; `None` before the first one.
    #[must_use]
    pub fn get(&self) -> Option<Verified> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, verified: Verified) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(verified);
    }
}

/// Verifies the journal of one replica. Every replica does it, one at a time: none of them trusts what another one has
/// written about it into the store.
#[derive(Clone)]
pub struct JournalWatch {
    /// What is verified.
    pub journal: Journal,
    /// Where the result is kept.
    pub last: Arc<LastVerification>,
    pub clock: SharedClock,
    next: Arc<Mutex<Instant>>,
}

impl JournalWatch {
    /// A watch that verifies for the first time [`FIRST_VERIFICATION`] from now.
    #[must_use]
    pub fn new(journal: Journal, last: Arc<LastVerification>, clock: SharedClock) -> Self {
        let next = Arc::new(Mutex::new(clock.now() + FIRST_VERIFICATION));
        Self {
            journal,
            last,
            clock,
            next,
        }
    }

    /// Works until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let worker = Worker {
            name: "journal",
            places: 1,
            wake: Arc::default(),
            clock: self.clock.clone(),
            queue: self,
        };
        worker.run(stop).await;
    }

    /// Verifies once. Gives how long to wait until the next time.
    async fn verify(&self) -> Duration {
        match verify_alone(&self.journal.verifying, &self.journal.key).await {
            Ok(Some(report)) => {
                self.tell(&report);
                VERIFY_EVERY
            }
            Ok(None) => AGAIN,
            Err(error) => {
                tracing::warn!(%error, "the journal could not be verified; it is tried again");
                AGAIN
            }
        }
    }

    fn next(&self) -> MutexGuard<'_, Instant> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, report: &Report) {
        let findings = i64::try_from(report.total()).unwrap_or(i64::MAX);
        self.last.set(Verified {
            at: self.clock.now(),
            findings,
        });
        let (events, replica) = (report.checked.events, self.journal.replica);
        if report.is_sound() {
            tracing::info!(events, %replica, "the journal was verified and is sound");
            return;
        }
        tracing::error!(
            events,
            findings,
            %replica,
            "the journal is not what was recorded: run `countersign audit verify`, and compare with the witnesses in the \
             audit channel"
        );
        for finding in report.findings.iter().take(LOGGED) {
            tracing::error!(%finding, %replica, "found in the journal");
        }
    }
}

impl Queue for JournalWatch {
    type Item = ();

    async fn claim(&self) -> Result<Option<()>, sqlx::Error> {
        Ok((*self.next() <= self.clock.now()).then_some(()))
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        Ok(Some(*self.next()))
    }

    async fn work(&self, (): (), stop: CancellationToken) {
        tokio::select! {
            rest = self.verify() => *self.next() = self.clock.now() + rest,
            () = stop.cancelled() => {}
        }
    }
}

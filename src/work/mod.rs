//! Work in the background: the one loop by which everything takes what is open in the store, and the jobs that are done on
//! a schedule.
//!
//! A [`Queue`] says how its work is claimed and done. A claim lasts for a while: what a process held when it died is taken
//! by another one. [`Worker`] claims as long as there is work and a free place, waits for a wake-up, for when the next
//! work is due or for the poll, and ends soon after it is told to.

pub mod jobs;

use std::sync::Arc;

use chrono::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{domain::Instant, runtime::SharedClock};

pub use jobs::{Job, JobContext, JobError, Jobs, Schedule};

/// How often a replica looks for work that it was not told of.
pub const POLL: Duration = Duration::seconds(2);

/// Open work of one kind, of which each piece is claimed by one worker.
pub trait Queue: Clone + Send + Sync + 'static {
    /// A piece of work that was claimed.
    type Item: Send + 'static;

    /// Takes the next piece; `None` when nothing can be taken now.
    fn claim(&self) -> impl Future<Output = Result<Option<Self::Item>, sqlx::Error>> + Send;

    /// When something can be taken that cannot be taken now, as far as that is known.
    fn next_due(&self) -> impl Future<Output = Result<Option<Instant>, sqlx::Error>> + Send;

    /// Does it, and ends soon after `stop`. What was not finished is open again.
    fn work(&self, item: Self::Item, stop: CancellationToken) -> impl Future<Output = ()> + Send;
}

/// The loop of one queue in one process.
pub struct Worker<Q> {
    /// What is worked on, for the log.
    pub name: &'static str,
    /// Where the work comes from.
    pub queue: Q,
    /// Pieces that are worked on at a time.
    pub places: usize,
    /// Woken when there may be something to take.
    pub wake: Arc<Notify>,
    pub clock: SharedClock,
}

impl<Q: Queue> Worker<Q> {
    /// Works until `stop`, then waits for what is under way.
    pub async fn run(self, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Arc::new(Semaphore::new(self.places));
        while !stop.is_cancelled() {
            let place = tokio::select! {
                place = places.clone().acquire_owned() => place,
                () = stop.cancelled() => break,
            };
            let Ok(place) = place else {
                break;
            };
            match self.queue.claim().await {
                Ok(Some(item)) => {
                    let (queue, wake, stop) = (self.queue.clone(), self.wake.clone(), stop.clone());
                    tracker.spawn(async move {
                        queue.work(item, stop).await;
                        drop(place);
                        // What waited behind it may be free now.
                        wake.notify_one();
                    });
                }
                Ok(None) => self.wait(&stop).await,
                Err(error) => {
                    tracing::warn!(queue = self.name, %error, "open work cannot be claimed");
                    self.wait(&stop).await;
                }
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    async fn wait(&self, stop: &CancellationToken) {
        let now = self.clock.now();
        let due = self.queue.next_due().await.ok().flatten();
        // What is due and could not be taken is just being taken by another replica: it is no reason to spin.
        let due = due.filter(|due| *due > now);
        let until = due.map_or(now + POLL, |due| due.min(now + POLL));
        tokio::select! {
            () = self.wake.notified() => {}
            () = self.clock.sleep_until(until) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// The pause after the `attempts`-th failure in a row: it doubles from `first` and never exceeds `longest`.
#[must_use]
pub fn backoff(attempts: i32, first: Duration, longest: Duration) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1))
        .unwrap_or(0)
        .min(16);
    (first * 2_i32.saturating_pow(doublings)).min(longest)
}

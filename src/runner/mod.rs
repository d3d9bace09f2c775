//! The runner: takes due requests from the journal, moves each as far as it goes, and survives crashes.
//!
//! It decides nothing: every move is a command to the domain, and every effect comes after the event that
//! announces it. What it knows of a run is what the journal says, so another replica can go on at any point.

mod drive;
mod moves;
mod steps;

use std::sync::Arc;

use chrono::Duration;
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    domain::policy::PolicySettings,
    journal::{Journal, lease},
    runtime::SharedClock,
    slack::directory::Directory,
    systems::Systems,
    telemetry,
};

/// How long a lease lasts. A dead replica's run is taken over after this time at the latest.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(30);
/// How often a lease is renewed while its run goes on.
pub const HEARTBEAT: Duration = Duration::seconds(10);
/// How often a replica looks for due requests that it was not told of.
pub const POLL: Duration = Duration::seconds(2);
/// Requests that one replica works on at a time.
pub const AT_ONCE: usize = 8;
/// How long after the end of the cooling-off time a run begins: a click that was made in time is on record by
/// then, as every click is acknowledged within a second.
pub const LATE_CLICKS: Duration = Duration::seconds(1);
/// How long somebody who asked for something that only reads waits for a system that does not answer.
pub const READ_PATIENCE: Duration = Duration::seconds(30);
/// How long a plan is tried to be worked out, at first and again when its run is due, before whoever asked is told why that
/// cannot be done.
pub const PLAN_PATIENCE: Duration = Duration::minutes(30);
/// How long a request rests when a system or Slack did not answer, or while everything is frozen.
pub const REST: Duration = Duration::seconds(5);

/// The runner of one replica.
#[derive(Clone)]
pub struct Runner {
    /// Where runs come from and are recorded.
    pub journal: Journal,
    /// What runs operate on.
    pub systems: Arc<Systems>,
    /// Who people are, asked again before every run.
    pub directory: Arc<Directory>,
    /// What plans demand.
    pub policy: Arc<PolicySettings>,
    /// The clock.
    pub clock: SharedClock,
    /// This replica.
    pub replica: Uuid,
}

impl Runner {
    /// Works until `stop`, then waits for the moves that are under way to reach a safe point.
    pub async fn run(self, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Arc::new(Semaphore::new(AT_ONCE));
        while !stop.is_cancelled() {
            let Ok(place) = places.clone().acquire_owned().await else {
                break;
            };
            let now = self.clock.now();
            match lease::claim(&self.journal.pool, self.replica, now, LEASE).await {
                Ok(Some(lease)) => {
                    if lease.is_taken_over {
                        telemetry::lease_taken_over(lease.request.0, self.replica);
                    }
                    let (runner, stop) = (self.clone(), stop.clone());
                    let span = tracing::info_span!(
                        "request",
                        request.id = %lease.request,
                        request.number = tracing::field::Empty,
                        operation = tracing::field::Empty,
                    );
                    let drive = async move {
                        runner.drive(lease, &stop).await;
                        drop(place);
                        runner.journal.appended.runner.notify_one();
                    };
                    tracker.spawn(drive.instrument(span));
                }
                Ok(None) => self.wait(&stop).await,
                Err(error) => {
                    tracing::warn!(%error, "the runner cannot look for work");
                    self.wait(&stop).await;
                }
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    /// Until an append, the next due time, the poll, or the stop.
    async fn wait(&self, stop: &CancellationToken) {
        let now = self.clock.now();
        let due = lease::next_due(&self.journal.pool).await.ok().flatten();
        let until = due.map_or(now + POLL, |due| due.clamp(now, now + POLL));
        // What is due now was released a moment ago, or is being taken by another replica: look again soon, but do not spin.
        let until = if until <= now { now + POLL } else { until };
        tokio::select! {
            () = self.journal.appended.runner.notified() => {}
            () = self.clock.sleep_until(until) => {}
            () = stop.cancelled() => {}
        }
    }
}

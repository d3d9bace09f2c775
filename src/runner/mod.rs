//! The runner: takes due requests from the journal, moves each as far as it goes, and survives crashes.
//!
//! It decides nothing: every move is a command to the domain, and every effect comes after the event that
//! announces it. What it knows of a run is what the journal says, so another replica can go on at any point.

mod drive;
mod moves;
mod people;
mod proposed;
mod steps;

use std::sync::Arc;

use chrono::Duration;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::{
    domain::{Instant, policy::PolicySettings},
    journal::{
        Journal,
        lease::{self, Lease},
    },
    operations::People,
    runtime::SharedClock,
    systems::Systems,
    telemetry,
    work::{Queue, Worker},
};

/// How long a lease lasts. A dead replica's run is taken over after this time at the latest.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(30);
/// How often a lease is renewed while its run goes on.
pub const HEARTBEAT: Duration = Duration::seconds(10);
/// Requests that one replica works on at a time.
pub const AT_ONCE: usize = 8;
/// How long after the end of the cooling-off time a run begins. A Stop that was clicked in time is on record by then:
/// recording one takes less than 250 ms (99 of 100), and the rest is for its way from Slack.
pub const LATE_CLICKS: Duration = Duration::milliseconds(500);
/// How long somebody who asked for something that only reads waits for a system that does not answer.
pub const READ_PATIENCE: Duration = Duration::seconds(30);
/// How long a plan is tried to be worked out, at first and again when its run is due, before whoever asked is told why that
/// cannot be done.
pub const PLAN_PATIENCE: Duration = Duration::minutes(30);
/// How long a request rests when a system or Slack did not answer, or while everything is frozen.
pub const REST: Duration = Duration::seconds(5);
/// How long a request rests whose journal or texts were changed outside Countersign.
pub const REST_OF_TAMPERED: Duration = Duration::minutes(10);

/// The runner of one replica.
#[derive(Clone)]
pub struct Runner {
    /// Where runs come from and are recorded.
    pub journal: Journal,
    /// What runs operate on.
    pub systems: Arc<Systems>,
    /// Who people are, asked again before every run.
    pub people: Arc<dyn People>,
    /// What plans demand.
    pub policy: Arc<PolicySettings>,
    pub clock: SharedClock,
    pub replica: Uuid,
}

impl Runner {
    /// Works until `stop`, then waits for the moves that are under way to reach a safe point.
    pub async fn run(self, stop: CancellationToken) {
        let worker = Worker {
            name: "requests",
            places: AT_ONCE,
            wake: self.journal.appended.runner.clone(),
            clock: self.clock.clone(),
            queue: self,
        };
        worker.run(stop).await;
    }
}

impl Queue for Runner {
    type Item = Lease;

    async fn claim(&self) -> Result<Option<Lease>, sqlx::Error> {
        lease::claim(&self.journal.pool, self.replica, self.clock.now(), LEASE).await
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        lease::next_due(&self.journal.pool).await
    }

    async fn work(&self, lease: Lease, stop: CancellationToken) {
        if lease.is_taken_over {
            telemetry::lease_taken_over(lease.request.0, self.replica);
        }
        let span = tracing::info_span!(
            "request",
            request.id = %lease.request,
            request.number = tracing::field::Empty,
            operation = tracing::field::Empty,
        );
        self.drive(lease, &stop).instrument(span).await;
    }
}

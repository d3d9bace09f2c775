//! What is done on a schedule: each tick by one replica.
//!
//! A job's tick is claimed by a unique insert of job and tick. A process that was down when ticks came does the last of them
//! at its start, unless that is too long ago to be of use; earlier ones are skipped. A claim lasts as long as one run may
//! take, so that another replica repeats the run of one that died.

use std::{str::FromStr, sync::Arc, time::Duration};

use chrono::DurationRound;
use croner::Cron;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::Instant,
    journal::{Journal, Store},
    runtime::SharedClock,
    systems::Systems,
};

use super::POLL;

/// How long ticks are kept: what was done, how it ended and how long it took.
const KEPT: chrono::Duration = chrono::Duration::days(8);

/// When a job is done.
#[derive(Debug, Clone, Copy)]
pub enum Schedule {
    /// Again and again, counted from the beginning of the Unix epoch.
    Every(chrono::Duration),
    /// By a cron expression (`0 9 * * MON`) in a zone. A time that the clocks skip in spring comes when they have skipped it.
    Cron {
        expression: &'static str,
        /// The zone of its times.
        zone: chrono_tz::Tz,
    },
}

impl Schedule {
    /// The last tick until `now`; `None` when there was none, or the expression is none.
    #[must_use]
    pub fn last(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::Every(every) => now.duration_trunc(*every).ok(),
            Self::Cron { expression, zone } => {
                let cron = Cron::from_str(expression).ok()?;
                let last = cron.find_previous_occurrence(&now.with_timezone(zone), true);
                last.ok().map(|tick| tick.to_utc())
            }
        }
    }

    /// The first tick after `now`.
    #[must_use]
    pub fn next(&self, now: Instant) -> Option<Instant> {
        match self {
            Self::Every(every) => now.duration_trunc(*every).ok().map(|last| last + *every),
            Self::Cron { expression, zone } => {
                let cron = Cron::from_str(expression).ok()?;
                let next = cron.find_next_occurrence(&now.with_timezone(zone), false);
                next.ok().map(|tick| tick.to_utc())
            }
        }
    }
}

/// What a job may use.
#[derive(Clone)]
pub struct JobContext {
    /// What is operated on.
    pub systems: Arc<Systems>,
    /// The store.
    pub journal: Journal,
    /// The time, not before the tick.
    pub now: Instant,
}

/// Why a job failed. It is tried again with the next tick.
pub type JobError = Box<dyn std::error::Error + Send + Sync>;

/// What one run of a job does.
pub type Run = fn(JobContext) -> BoxFuture<'static, Result<(), JobError>>;

/// Something that is done on a schedule.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Its name in the store, in the log and in the metrics; unique.
    pub name: &'static str,
    /// When it is done.
    pub schedule: Schedule,
    /// How long after its tick a run is still of use.
    pub catch_up: chrono::Duration,
    /// How long one run may take.
    pub deadline: Duration,
    /// What is done. A run may be repeated, and may be cut off anywhere.
    pub run: Run,
}

/// The jobs of one replica.
pub struct Jobs {
    /// All of them.
    pub jobs: Vec<Job>,
    /// What they may use.
    pub systems: Arc<Systems>,
    /// The store.
    pub journal: Journal,
    pub clock: SharedClock,
}

impl Jobs {
    /// Does every job at its ticks until `stop`. A run that is under way then is cut off.
    pub async fn run(self, stop: CancellationToken) {
        let all = self.jobs.iter().map(|job| self.repeat(job));
        tokio::select! {
            _ = futures::future::join_all(all) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn repeat(&self, job: &Job) {
        loop {
            let now = self.clock.now();
            let again = match self.last_tick(job, now).await {
                Ok(()) => job.schedule.next(now),
                Err(error) => {
                    tracing::warn!(job = job.name, %error, "the tick of a job cannot be claimed");
                    Some(now + POLL)
                }
            };
            let Some(next) = again else {
                return tracing::error!(job = job.name, "a job has no next tick");
            };
            self.clock.sleep_until(next).await;
        }
    }

    /// Does the last tick, unless somebody has done it.
    async fn last_tick(&self, job: &Job, now: Instant) -> Result<(), sqlx::Error> {
        let tick = job.schedule.last(now);
        let Some(tick) = tick.filter(|tick| now - *tick <= job.catch_up) else {
            return Ok(());
        };
        let store = &self.journal.pool;
        if !claim(store, job, tick).await? {
            return Ok(());
        }
        let context = JobContext {
            systems: self.systems.clone(),
            journal: self.journal.clone(),
            now,
        };
        let begun = tokio::time::Instant::now();
        let ended = tokio::time::timeout(job.deadline, (job.run)(context)).await;
        let took = begun.elapsed();
        let outcome = match ended {
            Ok(Ok(())) => "done",
            Ok(Err(error)) => {
                tracing::warn!(job = job.name, %error, "a job failed; it is tried again at its next tick");
                "failed"
            }
            Err(_) => {
                tracing::warn!(
                    job = job.name,
                    "a job took too long; it is tried again at its next tick"
                );
                "timed out"
            }
        };
        metrics::histogram!("countersign_job_seconds", "job" => job.name)
            .record(took.as_secs_f64());
        metrics::counter!("countersign_job_runs_total", "job" => job.name, "outcome" => outcome)
            .increment(1);
        ended_as(store, job, tick, outcome, took).await
    }
}

/// Takes a tick; false when somebody has it or has done it.
async fn claim(store: &Store, job: &Job, tick: Instant) -> Result<bool, sqlx::Error> {
    let claimed = sqlx::query!(
        r#"insert into countersign.job_tick as t (job, tick, claimed_until)
           values ($1, $2, now() + make_interval(secs => $3))
           on conflict (job, tick) do update set claimed_until = excluded.claimed_until
           where t.outcome is null and t.claimed_until <= now()"#,
        job.name,
        tick,
        job.deadline.as_secs_f64()
    )
    .execute(store)
    .await?;
    Ok(claimed.rows_affected() == 1)
}

async fn ended_as(
    store: &Store,
    job: &Job,
    tick: Instant,
    outcome: &str,
    took: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"with ended as (
               update countersign.job_tick set outcome = $3, seconds = $4 where job = $1 and tick = $2)
           delete from countersign.job_tick where job = $1 and tick < $5"#,
        job.name,
        tick,
        outcome,
        took.as_secs_f64(),
        tick - KEPT
    )
    .execute(store)
    .await?;
    Ok(())
}

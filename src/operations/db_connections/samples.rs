//! Once a minute: how many connections the app's database has. What was seen is kept in the store for [`KEPT`].
//!
//! A look keeps a database awake that would suspend itself when nobody uses it, as the service's own work does when its
//! store is in the same database.

use chrono::{Duration, DurationRound};
use futures::future::BoxFuture;

use crate::{
    config::limits,
    domain::Instant,
    journal::Store,
    systems::app_db::StateCounts,
    work::{Job, JobContext, JobError, Schedule},
};

/// How often it is looked.
const EVERY: Duration = Duration::minutes(1);
/// How long samples are kept: a week, and a day to compare it with.
const KEPT: Duration = Duration::days(8);
/// Samples of a day.
const OF_A_DAY: usize = 24 * 60;

/// What was seen in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub minute: Instant,
    /// What was seen; `None` when nobody looked or the database did not answer.
    pub counts: Option<StateCounts>,
}

/// Counts the connections.
pub(super) const SAMPLE: Job = Job {
    name: "count connections",
    schedule: Schedule::Every(EVERY),
    catch_up: EVERY,
    deadline: std::time::Duration::from_secs(30),
    run: sample,
};

fn sample(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let minute = minute_of(context.now);
        let looked = context.systems.app_db.connection_counts();
        let counts = tokio::time::timeout(limits::CHECK, looked).await??;
        Ok(keep(&context.journal.pool, minute, counts).await?)
    })
}

async fn keep(store: &Store, minute: Instant, counts: StateCounts) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"with old as (delete from countersign.pool_sample where minute < $8)
           insert into countersign.pool_sample
               (minute, active, idle, idle_in_transaction, other, server, most)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict (minute) do nothing"#,
        minute,
        counts.active,
        counts.idle,
        counts.idle_in_transaction,
        counts.other,
        counts.server,
        counts.most,
        minute - KEPT
    )
    .execute(store)
    .await?;
    Ok(())
}

/// The minutes of the last day, the oldest first, the current one last.
pub async fn last_day(store: &Store, now: Instant) -> Result<Vec<Sample>, sqlx::Error> {
    let last = minute_of(now);
    let first = last - EVERY * i32::try_from(OF_A_DAY - 1).unwrap_or(i32::MAX);
    let rows = sqlx::query!(
        r#"select minute, active as "active!", idle as "idle!", idle_in_transaction as "idle_in_transaction!",
                  other as "other!", server as "server!", most as "most!"
           from countersign.pool_sample where minute between $1 and $2 and active is not null order by minute"#,
        first,
        last
    )
    .fetch_all(store)
    .await?;
    let mut rows = rows.into_iter().peekable();
    let mut samples = Vec::with_capacity(OF_A_DAY);
    let mut minute = first;
    while minute <= last {
        let row = rows.next_if(|row| row.minute == minute);
        samples.push(Sample {
            minute,
            counts: row.map(|row| StateCounts {
                active: row.active,
                idle: row.idle,
                idle_in_transaction: row.idle_in_transaction,
                other: row.other,
                server: row.server,
                most: row.most,
            }),
        });
        minute += EVERY;
    }
    Ok(samples)
}

fn minute_of(now: Instant) -> Instant {
    // Only a time before 1677 or after 2262 cannot be rounded.
    now.duration_trunc(EVERY).unwrap_or(now)
}

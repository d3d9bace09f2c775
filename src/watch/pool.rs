//! Once a minute: how many connections the app's database has. What was seen is kept in the store for [`KEPT`].
//!
//! A look keeps a database awake that would suspend itself when nobody uses it, as the service's own work does when its
//! store is in the same database.

use chrono::{Duration, DurationRound};
use tokio_util::sync::CancellationToken;

use crate::{
    config::limits,
    domain::Instant,
    journal::Store,
    runtime::SharedClock,
    systems::app_db::{AppDb, StateCounts},
};

/// How often it is looked.
const EVERY: Duration = Duration::minutes(1);
/// How long samples are kept: a week, and a day to compare it with.
pub const KEPT: Duration = Duration::days(8);
/// Samples of a day.
const OF_A_DAY: usize = 24 * 60;

/// What was seen in one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The minute.
    pub minute: Instant,
    /// What was seen; `None` when nobody looked or the database did not answer.
    pub counts: Option<StateCounts>,
}

/// The sampler of one replica. Of several, whichever is first takes the minute.
#[derive(Clone)]
pub struct PoolSampler {
    /// Where samples are kept.
    pub store: Store,
    /// What is looked at.
    pub app_db: AppDb,
    /// The clock.
    pub clock: SharedClock,
}

impl PoolSampler {
    /// Looks once a minute until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let minute = minute_of(self.clock.now());
            tokio::select! {
                taken = self.take(minute) => if let Err(error) = taken {
                    tracing::warn!(%error, "the store did not take a sample of the connections");
                },
                () = stop.cancelled() => return,
            }
            tokio::select! {
                () = self.clock.sleep_until(minute + EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn take(&self, minute: Instant) -> Result<(), sqlx::Error> {
        let claimed = sqlx::query!(
            "insert into countersign.pool_sample (minute) values ($1) on conflict do nothing",
            minute
        )
        .execute(&self.store)
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(());
        }
        let looked = tokio::time::timeout(limits::CHECK, self.app_db.connection_counts()).await;
        match looked {
            Ok(Ok(counts)) => self.keep(minute, counts).await?,
            Ok(Err(error)) => tracing::warn!(%error, "the connections were not counted"),
            Err(_) => tracing::warn!("the connections were not counted in time"),
        }
        sqlx::query!(
            "delete from countersign.pool_sample where minute < $1",
            minute - KEPT
        )
        .execute(&self.store)
        .await?;
        Ok(())
    }

    async fn keep(&self, minute: Instant, counts: StateCounts) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update countersign.pool_sample
               set active = $2, idle = $3, idle_in_transaction = $4, other = $5, server = $6, most = $7
               where minute = $1"#,
            minute,
            counts.active,
            counts.idle,
            counts.idle_in_transaction,
            counts.other,
            counts.server,
            counts.most
        )
        .execute(&self.store)
        .await?;
        Ok(())
    }
}

/// The minutes of the last day, the oldest first, the current one last.
///
/// # Errors
/// The store's.
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

//! The application's connections to its database: those of web servers that nobody visits, and those of a past day.

use anyhow::Context;
use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};

/// How a web server of the application calls itself.
const NAME: &str = "ielts-web";
/// How many of them keep a connection that they do not use.
const IDLE: usize = 3;

/// Connections that are open and unused.
pub async fn idle(database: &str) -> anyhow::Result<Vec<PgConnection>> {
    let options: PgConnectOptions = database.parse().context("the app's database")?;
    let options = options.application_name(NAME);
    let mut all = vec![];
    for _ in 0..IDLE {
        all.push(PgConnection::connect_with(&options).await?);
    }
    Ok(all)
}

/// How many of them there are, and for how many whole minutes nobody has used any of them.
pub async fn unused(pool: &PgPool) -> sqlx::Result<(i64, i64)> {
    sqlx::query_as(
        "select count(*), coalesce(floor(extract(epoch from now() - max(state_change)) / 60), 0)::bigint
         from pg_stat_activity where application_name = $1",
    )
    .bind(NAME)
    .fetch_one(pool)
    .await
}

/// Writes down the connections of a day on which the application was busy, as the service would have counted them once a
/// minute: invented, like all of the sample application. A service that has counted by itself is left alone.
pub async fn busy_day(service: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(service).await?;
    sqlx::query(BUSY_DAY).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Most is going on in the afternoon, and at 11:30 a job forgot to end its transactions.
const BUSY_DAY: &str = "
insert into countersign.pool_sample (minute, active, idle, idle_in_transaction, other, server, most)
select minute, active, idle, waiting, 0, active + idle + waiting, 297
from generate_series(date_trunc('minute', now()) - interval '1439 minutes',
                     date_trunc('minute', now()) - interval '1 minute', interval '1 minute') as minute,
  lateral (select extract(epoch from minute)::bigint / 60 as n) as number,
  lateral (select 1 + cos((n % 1440 - 900) * 2 * pi() / 1440) as busy) as share,
  lateral (select (4 + busy * 11 + n / 20 * 37 % 5)::int as active, (9 + busy * 6 + n / 30 * 53 % 4)::int as idle,
                  case when n % 1440 between 690 and 735 then 7 else 0 end as waiting) as counts
where (select count(*) from countersign.pool_sample) < 2
on conflict do nothing";

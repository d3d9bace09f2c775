//! Schemas and believable data of the application that is operated on: the SQL that makes them, and the files
//! that belong to their rows. Nothing here is random: the same day gives the same rows.

mod object;
pub mod odd;
pub mod people;
pub mod real;
pub mod runbook;
pub mod stripe;

use anyhow::Context;
use chrono::NaiveDate;
use sqlx::{Connection, PgPool};

pub use object::SampleObject;

/// The day that the data sets are told relative to, unless a caller names another.
pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();

/// The application's bucket, which rows name in their URLs.
pub const BUCKET: &str = "ielts-audio";

/// The region of [`BUCKET`].
pub const REGION: &str = "eu-central-1";

/// What the URL of every object in [`BUCKET`] starts with.
pub const BUCKET_URL: &str = "https://ielts-audio.s3.eu-central-1.amazonaws.com/";

/// Runs `scripts` on one connection, as the transaction-less client of a migration tool would.
/// They read the day and the bucket from settings of the session.
async fn run(pool: &PgPool, today: NaiveDate, scripts: &[&'static str]) -> anyhow::Result<()> {
    // Taken out of the pool, so that the session's settings and temporary objects end with it.
    let mut connection = pool.acquire().await?.detach();
    sqlx::query(
        "SELECT set_config('sample.today', $1, false), set_config('sample.bucket_url', $2, false)",
    )
    .bind(today.to_string())
    .bind(BUCKET_URL)
    .execute(&mut connection)
    .await?;
    for script in scripts {
        let first_line = script.lines().next().unwrap_or_default();
        sqlx::raw_sql(*script)
            .execute(&mut connection)
            .await
            .with_context(|| format!("running the script that begins {first_line:?}"))?;
    }
    connection.close().await.context("closing a connection")
}

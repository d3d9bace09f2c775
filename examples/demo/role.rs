//! The database role that the service gets: the documented one, so that the demo shows that it is enough.

use anyhow::Context;
use countersign::rim;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

/// What anybody runs to make the role.
const SCRIPT: &str = include_str!("../../docs/database-role.sql");
/// Where `psql` puts the password in.
const PASSWORD: &str = ":'password'";
/// The role.
const ROLE: &str = "countersign";

/// Makes the role in the database at `url`, or gives it a new password in a kept one; the same address for that role.
pub async fn make(url: &str) -> anyhow::Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    let password = hex::encode(rim::random_bytes::<16>());
    let there: bool = sqlx::query_scalar("select exists(select from pg_roles where rolname = $1)")
        .bind(ROLE)
        .fetch_one(&mut connection)
        .await?;
    let sql = if there {
        format!("alter role {ROLE} password '{password}'")
    } else {
        SCRIPT.replace(PASSWORD, &format!("'{password}'"))
    };
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .context("making the service's database role")?;
    connection.close().await?;
    let mut url = Url::parse(url).context("the database's address")?;
    let set = url
        .set_username(ROLE)
        .and_then(|()| url.set_password(Some(&password)));
    anyhow::ensure!(set.is_ok(), "the database's address takes no user");
    Ok(url.into())
}

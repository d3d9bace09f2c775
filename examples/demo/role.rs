//! The database roles: the app's own, which owns its tables, and the documented one for the service, so that the demo
//! shows that it is enough.

use anyhow::Context;
use countersign::runtime;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

/// What anybody runs to make the role.
const SCRIPT: &str = include_str!("../../docs/database-role.sql");
/// Where `psql` puts the password in.
const PASSWORD: &str = ":'password'";
/// The service's role.
const SERVICE: &str = "countersign";
/// The app's role.
const APP: &str = "ielts";

/// Makes the app's role the owner of the database at `url`; the same address for that role.
pub async fn of_the_app(url: &str, database: &str) -> anyhow::Result<String> {
    let create = format!(
        "create role {APP} login password {PASSWORD}; alter database {database} owner to {APP}"
    );
    make(url, APP, &create).await
}

/// Makes the service's role in the database at `url`; the same address for that role.
pub async fn of_the_service(url: &str) -> anyhow::Result<String> {
    make(url, SERVICE, SCRIPT).await
}

/// Makes a role, or gives it a new password where it is kept.
async fn make(url: &str, role: &str, script: &str) -> anyhow::Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    let password = hex::encode(runtime::random_bytes::<16>());
    let there: bool = sqlx::query_scalar("select exists(select from pg_roles where rolname = $1)")
        .bind(role)
        .fetch_one(&mut connection)
        .await?;
    let sql = if there {
        format!("alter role {role} password '{password}'")
    } else {
        script.replace(PASSWORD, &format!("'{password}'"))
    };
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .with_context(|| format!("making the database role {role}"))?;
    connection.close().await?;
    let mut url = Url::parse(url).context("the database's address")?;
    let set = url
        .set_username(role)
        .and_then(|()| url.set_password(Some(&password)));
    anyhow::ensure!(set.is_ok(), "the database's address takes no user");
    Ok(url.into())
}

//! Making databases from templates, and the templates themselves when they are not there yet.

use anyhow::Context;
use sqlx::{AssertSqlSafe, PgConnection, postgres::PgPoolOptions};

use super::{Template, ready::connect_options};

/// Held while a template is built, so that processes on one server build it once. Any number that others do not use.
const BUILDING: i64 = 0x636f_756e_7465_7273;

/// Since version 15 a copy goes through the log of changes unless told not to, which takes two to four times as long.
const HAS_STRATEGIES: u32 = 150_000;

/// Makes the database `name` from `template`. `url_of` gives the address of a database on the same server.
pub(super) async fn copy(
    connection: &mut PgConnection,
    name: &str,
    template: Template,
    url_of: impl Fn(&str) -> String,
) -> anyhow::Result<()> {
    let source = match template.database_name() {
        None => "template0".to_owned(),
        Some(source) => {
            build(connection, &source, template, url_of).await?;
            source
        }
    };
    let strategy = match connection.server_version_num() {
        Some(version) if version >= HAS_STRATEGIES => " STRATEGY file_copy",
        _ => "",
    };
    let statement = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{source}\"{strategy}");
    run(connection, statement)
        .await
        .with_context(|| format!("creating a database from {source}"))
}

/// Whether the server has a database called `database`.
pub(super) async fn exists(connection: &mut PgConnection, database: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
        .bind(database)
        .fetch_one(connection)
        .await
}

/// Builds the template under another name and renames it when it is complete: who sees it can use it.
async fn build(
    connection: &mut PgConnection,
    name: &str,
    template: Template,
    url_of: impl Fn(&str) -> String,
) -> anyhow::Result<()> {
    if exists(connection, name).await? {
        return Ok(());
    }
    // The lock is the session's: it ends with this connection when an error leaves here.
    run(connection, format!("SELECT pg_advisory_lock({BUILDING})")).await?;
    if !exists(connection, name).await? {
        let draft = format!("{name}_draft");
        let drop_draft = format!("DROP DATABASE IF EXISTS \"{draft}\" WITH (FORCE)");
        run(connection, drop_draft).await?;
        let create = format!("CREATE DATABASE \"{draft}\" TEMPLATE template0 ENCODING 'UTF8'");
        run(connection, create).await?;
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(connect_options(&url_of(&draft))?)
            .await?;
        let loaded = template.load(&pool).await;
        pool.close().await;
        loaded.with_context(|| format!("loading the data set {template:?}"))?;
        let rename = format!("ALTER DATABASE \"{draft}\" RENAME TO \"{name}\"");
        run(connection, rename).await?;
    }
    run(connection, format!("SELECT pg_advisory_unlock({BUILDING})")).await
}

async fn run(connection: &mut PgConnection, statement: String) -> anyhow::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

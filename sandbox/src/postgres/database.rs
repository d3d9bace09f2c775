//! A database that lives as long as its value.

use std::{thread, time::Duration};

use anyhow::Context;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::ready::connect_options;

/// How long a drop may take before the database is left behind.
const DROP_WITHIN: Duration = Duration::from_secs(10);

/// A database of one test's own. Dropping the value drops the database, whoever is still connected to it.
pub struct Database {
    name: String,
    url: String,
    maintenance_url: String,
}

impl Database {
    pub(super) fn new(name: String, url: String, maintenance_url: String) -> Self {
        Self {
            name,
            url,
            maintenance_url,
        }
    }

    /// The address, for sqlx and for other programs alike. It holds the password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Database {
    /// Waits for the drop on a thread with a runtime of its own: the caller's runtime may be ending.
    fn drop(&mut self) {
        let (name, url) = (self.name.clone(), self.maintenance_url.clone());
        let outcome = thread::Builder::new()
            .name("drop-database".to_owned())
            .spawn(move || drop_database(&name, &url))
            .map(thread::JoinHandle::join);
        match outcome {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => {
                tracing::warn!(%error, database = self.name, "a database is left behind");
            }
            Ok(Err(_)) | Err(_) => {
                tracing::warn!(database = self.name, "a database is left behind");
            }
        }
    }
}

fn drop_database(name: &str, maintenance_url: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let dropping = async {
        let mut connection = connect_options(maintenance_url)?.connect().await?;
        let statement = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        anyhow::Ok(())
    };
    runtime
        .block_on(async { tokio::time::timeout(DROP_WITHIN, dropping).await })
        .context("no answer in time")?
}

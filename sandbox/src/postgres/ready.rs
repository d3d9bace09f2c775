//! Connecting to a server, and waiting until a new one answers.

use std::{process::Child, time::Duration};

use anyhow::{Context, bail};
use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};
use url::Url;

use super::launch::{Place, SUPERUSER};

/// The database that every cluster has, for work that is not about one database.
pub(super) const MAINTENANCE: &str = "postgres";

/// How long a server may take until it answers; a kept cluster may have to recover first.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// How often readiness is tried.
const READY_TRY: Duration = Duration::from_millis(20);

/// Options for connecting to the database at `url`.
pub(super) fn connect_options(url: &str) -> anyhow::Result<PgConnectOptions> {
    // The address may hold a password, so that an error must not show it.
    let url = Url::parse(url).context("the address of Postgres is not a URL")?;
    Ok(PgConnectOptions::from_url(&url)?)
}

/// Returns a connection over the socket as soon as the server takes one.
pub(super) async fn ready(
    server: &mut Child,
    place: &Place,
    port: u16,
) -> anyhow::Result<PgConnection> {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(&place.run)
        .port(port)
        .username(SUPERUSER)
        .database(MAINTENANCE);
    let mut last_refusal = None;
    let mut tries = tokio::time::interval(READY_TRY);
    let connecting = async {
        loop {
            tries.tick().await;
            if let Some(status) = server.try_wait()? {
                bail!("the server ended with {status}");
            }
            match options.connect().await {
                Ok(connection) => return Ok(connection),
                Err(refusal) => last_refusal = Some(refusal),
            }
        }
    };
    match tokio::time::timeout(READY_WITHIN, connecting).await {
        Ok(outcome) => outcome,
        Err(_) => {
            let last = last_refusal.map_or_else(String::new, |it| format!(": {it}"));
            bail!("the server did not answer within {READY_WITHIN:?}{last}")
        }
    }
}

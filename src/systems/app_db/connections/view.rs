//! Reads `pg_stat_activity`. A role sees the state of its own sessions, and with `pg_monitor` of all; of the others it
//! sees who they are and what they call themselves.

use std::time::Duration;

use sqlx::{PgConnection, Row};

use super::{Connections, Group, ServerLimits, StateCounts, WAITING_SHOWN, Waiting, presentable};
use crate::systems::app_db::AppDbError;

/// Clients, not the server's own processes. What kind a hidden one is cannot be seen, but clients have a role.
const CLIENTS: &str =
    "(a.backend_type = 'client backend' OR a.backend_type IS NULL AND a.usesysid IS NOT NULL)";
const HIDDEN: &str = "(a.backend_type IS NULL)";
/// `idle in transaction` and `idle in transaction (aborted)`.
const WAITS: &str = "a.state LIKE 'idle in transaction%'";
/// Some slots are kept for superusers, and since PostgreSQL 16 some for roles with a reservation.
const LIMITS: &str = "current_setting('max_connections')::int8 AS most,
    current_setting('superuser_reserved_connections')::int8
        + coalesce(current_setting('reserved_connections', true)::int8, 0) AS reserved";

pub(super) async fn look(db: &mut PgConnection, pooled: bool) -> Result<Connections, AppDbError> {
    let text = format!(
        "SELECT count(*) AS server,
                count(*) FILTER (WHERE {HIDDEN} AND a.datname = current_database()) AS hidden,
                extract(epoch FROM clock_timestamp() - min(a.state_change)
                    FILTER (WHERE a.state = 'idle' AND a.datname = current_database()))::float8 AS oldest_idle,
                {LIMITS},
                (SELECT nullif(datconnlimit, -1)::int8 FROM pg_database WHERE datname = current_database()) AS database,
                current_user::text AS role
         FROM pg_stat_activity a WHERE {CLIENTS}"
    );
    let row = fetch(db, text).await?.remove(0);
    Ok(Connections {
        groups: groups(db).await?,
        server: row.try_get("server")?,
        limits: ServerLimits {
            most: row.try_get("most")?,
            reserved: row.try_get("reserved")?,
            database: row.try_get("database")?,
        },
        oldest_idle: row.try_get::<Option<f64>, _>("oldest_idle")?.map(seconds),
        waiting: waiting(db).await?,
        hidden: row.try_get("hidden")?,
        role: row.try_get("role")?,
        pooled,
    })
}

pub(super) async fn counts(db: &mut PgConnection) -> Result<StateCounts, AppDbError> {
    let here = "a.datname = current_database()";
    let text = format!(
        "SELECT (count(*) FILTER (WHERE {here} AND a.state = 'active'))::int4 AS active,
                (count(*) FILTER (WHERE {here} AND a.state = 'idle'))::int4 AS idle,
                (count(*) FILTER (WHERE {here} AND {WAITS}))::int4 AS waiting,
                (count(*) FILTER (WHERE {here}))::int4 AS all_here,
                count(*)::int4 AS server, {LIMITS}
         FROM pg_stat_activity a WHERE {CLIENTS}"
    );
    let row = fetch(db, text).await?.remove(0);
    let (active, idle, waiting): (i32, i32, i32) = (
        row.try_get("active")?,
        row.try_get("idle")?,
        row.try_get("waiting")?,
    );
    let limits = ServerLimits {
        most: row.try_get("most")?,
        reserved: row.try_get("reserved")?,
        database: None,
    };
    Ok(StateCounts {
        active,
        idle,
        idle_in_transaction: waiting,
        other: row.try_get::<i32, _>("all_here")? - active - idle - waiting,
        server: row.try_get("server")?,
        most: i32::try_from(limits.usable()).unwrap_or(i32::MAX),
    })
}

async fn groups(db: &mut PgConnection) -> Result<Vec<Group>, AppDbError> {
    let text = format!(
        "SELECT a.state, coalesce(a.usename::text, '') AS role, coalesce(a.application_name, '') AS application,
                count(*) AS count
         FROM pg_stat_activity a WHERE {CLIENTS} AND a.datname = current_database()
         GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2, 3, 1"
    );
    let rows = fetch(db, text).await?;
    let read = rows.iter().map(|row| {
        let application: String = row.try_get("application")?;
        Ok(Group {
            state: row.try_get("state")?,
            user: row.try_get("role")?,
            application: presentable(&application),
            count: row.try_get("count")?,
        })
    });
    Ok(read.collect::<Result<_, sqlx::Error>>()?)
}

async fn waiting(db: &mut PgConnection) -> Result<Vec<Waiting>, AppDbError> {
    let text = format!(
        "SELECT a.pid, coalesce(a.usename::text, '') AS role, coalesce(a.application_name, '') AS application,
                extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS idle,
                extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS open
         FROM pg_stat_activity a WHERE {CLIENTS} AND a.datname = current_database() AND {WAITS}
         ORDER BY a.xact_start LIMIT {WAITING_SHOWN}"
    );
    let rows = fetch(db, text).await?;
    let read = rows.iter().map(|row| {
        let application: String = row.try_get("application")?;
        let age = |name: &str| row.try_get::<Option<f64>, _>(name);
        Ok(Waiting {
            pid: row.try_get("pid")?,
            user: row.try_get("role")?,
            application: presentable(&application),
            idle: seconds(age("idle")?.unwrap_or_default()),
            open: seconds(age("open")?.unwrap_or_default()),
        })
    });
    Ok(read.collect::<Result<_, sqlx::Error>>()?)
}

async fn fetch(
    db: &mut PgConnection,
    text: String,
) -> Result<Vec<sqlx::postgres::PgRow>, sqlx::Error> {
    crate::systems::app_db::sql::query(text).fetch_all(db).await
}

/// Whole seconds; a clock that was set back counts as no time.
fn seconds(of: f64) -> Duration {
    Duration::try_from_secs_f64(of.floor()).unwrap_or_default()
}

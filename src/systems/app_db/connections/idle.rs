//! Ends idle connections of the app, and nobody else's.
//!
//! The app's roles are those that own the accounts' table or were given the right to insert into it, themselves or through
//! a role that they may use. Superusers are never among them: an administrator's session cannot be told from the app's
//! then. The right to replicate says nothing: hosting gives it to every owner, and a connection that replicates is no
//! client's.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::presentable;
use crate::{
    NAME,
    systems::app_db::{AppDb, AppDbError, Claim, Mark},
};

/// How long one connection may take to end, in milliseconds. An idle one takes a few.
const END_TIMEOUT_MS: i64 = 500;

/// What would be ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdlePlan {
    /// The app's roles.
    pub roles: Vec<String>,
    /// Superusers that could be the app's and are left alone.
    pub left_alone: Vec<String>,
    /// Idle connections of these roles, the longest idle first.
    pub idle: Vec<Idle>,
    /// The role that we are.
    pub ourselves: String,
    /// Roles whose connections ours may not see the state of.
    pub unseen: Vec<String>,
    /// Roles whose connections ours may not end.
    pub not_ours_to_end: Vec<String>,
    /// Whether we reach the server through a transaction-mode pooler.
    pub pooled: bool,
}

/// One idle connection. Process ids are used again; with its beginning it is named for ever.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Idle {
    /// The server's process.
    pub pid: i32,
    /// When it began.
    pub backend_start: DateTime<Utc>,
    /// How the client calls itself.
    pub application: String,
}

/// What was really ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Connections that are gone, by application.
    pub by_application: BTreeMap<String, u64>,
    /// Those that were in use again, or gone by themselves, when it was their turn.
    pub spared: u64,
    /// Those that were told to end and had not within [`END_TIMEOUT_MS`].
    pub late: u64,
}

#[derive(sqlx::FromRow)]
struct Role {
    name: String,
    is_superuser: bool,
    may_see: bool,
    may_end: bool,
}

/// What makes a connection one that may be ended. `$1` is the time before which it became idle, `$2` the app's roles,
/// `$3` our own name: other replicas of ours are left alone too.
const ENDABLE: &str = "a.datname = current_database() AND a.backend_type = 'client backend' AND a.state = 'idle'
    AND a.state_change < $1 AND a.usename::text = ANY($2) AND a.application_name <> $3 AND a.pid <> pg_backend_pid()";

pub(super) async fn plan(
    db: &mut PgConnection,
    app: &AppDb,
    before: DateTime<Utc>,
) -> Result<IdlePlan, AppDbError> {
    let roles = roles(db, app).await?;
    let named = |which: &dyn Fn(&&Role) -> bool| -> Vec<String> {
        let those = roles.iter().filter(|role| which(role));
        those.map(|role| role.name.clone()).collect()
    };
    let ours = named(&|role| !role.is_superuser);
    let idle = endable(db, before, &ours).await?;
    let (ourselves,): (String,) = sqlx::query_as("SELECT current_user::text")
        .persistent(false)
        .fetch_one(db)
        .await?;
    Ok(IdlePlan {
        left_alone: named(&|role| role.is_superuser),
        unseen: named(&|role| !role.is_superuser && !role.may_see),
        not_ours_to_end: named(&|role| !role.is_superuser && !role.may_end),
        roles: ours,
        idle,
        ourselves,
        pooled: app.pooled,
    })
}

impl AppDb {
    /// Ends those of the app's connections that were found, see [`AppDb::idle_connections`]. Each is looked at once more
    /// right before: its process id may be another's by now, and it may have found work.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when our role may not; some may have ended all the same.
    pub async fn end_idle(
        &self,
        mark: &Mark,
        found: &IdlePlan,
        before: DateTime<Utc>,
    ) -> Result<Ended, AppDbError> {
        let mut tx = match self.claim(mark).await? {
            Claim::Done(ended) => return Ok(ended),
            Claim::Ours(tx) => tx,
        };
        let mut ended = Ended::default();
        for idle in &found.idle {
            match end(&mut tx, idle, before, &found.roles).await? {
                Some(true) => {
                    let application = idle.application.clone();
                    *ended.by_application.entry(application).or_default() += 1;
                }
                Some(false) => ended.late += 1,
                None => ended.spared += 1,
            }
        }
        self.finish(tx, mark, &ended).await?;
        Ok(ended)
    }
}

/// Ends one connection if it is still the one that was found: whether it ended in time, `None` when it is not.
async fn end(
    db: &mut PgConnection,
    idle: &Idle,
    before: DateTime<Utc>,
    roles: &[String],
) -> Result<Option<bool>, sqlx::Error> {
    // Within a transaction the server shows the picture that it took at the first look, until it is told to forget it.
    sqlx::query("SELECT pg_stat_clear_snapshot()")
        .persistent(false)
        .execute(&mut *db)
        .await?;
    let text = format!(
        "SELECT pg_terminate_backend(a.pid, $6) FROM pg_stat_activity a
         WHERE {ENDABLE} AND a.pid = $4 AND a.backend_start = $5"
    );
    let ended: Option<(bool,)> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(before)
        .bind(roles)
        .bind(NAME)
        .bind(idle.pid)
        .bind(idle.backend_start)
        .bind(END_TIMEOUT_MS)
        .persistent(false)
        .fetch_optional(db)
        .await?;
    Ok(ended.map(|(ended,)| ended))
}

async fn endable(
    db: &mut PgConnection,
    before: DateTime<Utc>,
    roles: &[String],
) -> Result<Vec<Idle>, sqlx::Error> {
    let text = format!(
        "SELECT a.pid, a.backend_start, coalesce(a.application_name, '') AS application
         FROM pg_stat_activity a WHERE {ENDABLE} ORDER BY a.state_change, a.pid"
    );
    let mut idle: Vec<Idle> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(before)
        .bind(roles)
        .bind(NAME)
        .persistent(false)
        .fetch_all(db)
        .await?;
    for one in &mut idle {
        one.application = presentable(&one.application);
    }
    Ok(idle)
}

/// The roles that may be the app's, by the accounts' table, and what ours may do with their connections.
async fn roles(db: &mut PgConnection, app: &AppDb) -> Result<Vec<Role>, AppDbError> {
    let table = app.mapping.user_table();
    let may =
        |right: &str| format!("pg_has_role(r.oid, 'USAGE') OR pg_has_role('{right}', 'USAGE')");
    let text = format!(
        "WITH holder AS (
             SELECT DISTINCT h.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             CROSS JOIN LATERAL (
                 SELECT c.relowner AS oid UNION SELECT right_of.grantee FROM aclexplode(c.relacl) right_of
                 WHERE right_of.privilege_type = 'INSERT' AND right_of.grantee <> 0) h
             WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p'))
         SELECT r.rolname::text AS name, r.rolsuper AS is_superuser, {} AS may_see, {} AS may_end
         FROM pg_roles r WHERE r.rolcanlogin AND (r.oid IN (SELECT oid FROM holder)
             OR (NOT r.rolsuper AND EXISTS (SELECT FROM holder WHERE pg_has_role(r.oid, holder.oid, 'USAGE'))))
         ORDER BY 1",
        may("pg_read_all_stats"),
        may("pg_signal_backend"),
    );
    let roles: Vec<Role> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(&table.schema)
        .bind(&table.name)
        .persistent(false)
        .fetch_all(&mut *db)
        .await?;
    if roles.is_empty() {
        let at = app.open_in(db).await?;
        if at.schema.table(&table).is_none() {
            return Err(AppDbError::Schema(vec![at.missing("user.id")]));
        }
    }
    Ok(roles)
}

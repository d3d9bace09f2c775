//! The store's connections and schema.

use std::time::Duration;

use sqlx::{
    migrate::{Migration, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};
use thiserror::Error;

use super::{
    chain,
    store::{Connection, Store, TimeLimits, Whole},
};
use crate::audit_key::AuditKey;

/// The key of the advisory lock under which one replica at a time migrates: "countersg" as a number.
const MIGRATION_LOCK: i64 = 0x636f_756e_7465_7273;

/// The migrations, as they are in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// Where applied migrations are noted; made by sqlx's own migrator in earlier versions, so it has its form.
const TABLE: &str = r"
    create schema if not exists countersign;
    create table if not exists countersign.schema_migration (
        version bigint primary key,
        description text not null,
        installed_on timestamptz not null default now(),
        success boolean not null,
        checksum bytea not null,
        execution_time bigint not null)";

/// Why the store is not ready.
#[derive(Debug, Error)]
pub enum MigrateError {
    /// A migration failed.
    #[error("the store's schema: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// Opens a small pool for work in the background. It works through transaction-mode poolers; see [`super::store`].
#[must_use]
pub fn pool(options: PgConnectOptions, connections: u32, patience: Duration) -> Store {
    pool_for(options, connections, patience, TimeLimits::WORK)
}

/// Opens a small pool whose transactions have the given limits.
#[must_use]
pub fn pool_for(
    options: PgConnectOptions,
    connections: u32,
    patience: Duration,
    limits: TimeLimits,
) -> Store {
    // `extra_float_digits` is refused by poolers as a start-up parameter.
    let options = options
        .extra_float_digits(None)
        .statement_cache_capacity(0)
        .application_name(crate::NAME);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .connect_lazy_with(options);
    Store::new(pool, limits)
}

/// Brings the store's schema up to date. Safe when several replicas start at once: the lock is held by a
/// transaction, as session locks do not survive a transaction-mode pooler. All migrations run in that one
/// transaction and over its one connection.
pub async fn migrate(store: &Store, key: &AuditKey) -> Result<(), MigrateError> {
    let mut tx = store.begin_whole(Whole::Current).await?;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *tx)
        .await?;
    apply(&mut tx).await?;
    chain::ensure_head(&mut *tx, key).await?;
    tx.commit().await?;
    Ok(())
}

/// Applies what is missing. sqlx's own migrator prepares named statements, which collide behind a pooler.
async fn apply(db: &mut Connection) -> Result<(), MigrateError> {
    sqlx::raw_sql(TABLE).execute(&mut *db).await?;
    let applied: Vec<(i64, Vec<u8>, bool)> = sqlx::query_as(
        "select version, checksum, success from countersign.schema_migration order by version",
    )
    .fetch_all(&mut *db)
    .await?;
    for (version, checksum, success) in &applied {
        let known = MIGRATIONS.iter().find(|known| known.version == *version);
        let known = known.ok_or(sqlx::migrate::MigrateError::VersionMissing(*version))?;
        if !success {
            return Err(sqlx::migrate::MigrateError::Dirty(*version).into());
        }
        if *known.checksum != **checksum {
            return Err(sqlx::migrate::MigrateError::VersionMismatch(*version).into());
        }
    }
    for migration in MIGRATIONS.iter() {
        if applied
            .iter()
            .all(|(version, ..)| *version != migration.version)
        {
            apply_one(db, migration).await?;
        }
    }
    Ok(())
}

async fn apply_one(db: &mut Connection, migration: &Migration) -> Result<(), MigrateError> {
    let failed = |error| sqlx::migrate::MigrateError::ExecuteMigration(error, migration.version);
    sqlx::raw_sql(migration.sql.clone())
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    sqlx::query(
        r"insert into countersign.schema_migration (version, description, success, checksum, execution_time)
          values ($1, $2, true, $3, 0)",
    )
    .bind(migration.version)
    .bind(&*migration.description)
    .bind(&*migration.checksum)
    .execute(db)
    .await?;
    Ok(())
}

/// Whether the store answers.
pub async fn reachable(store: &Store) -> Result<(), sqlx::Error> {
    sqlx::query("select 1").execute(store).await.map(|_| ())
}

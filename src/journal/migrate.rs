//! The store's connections and schema.

use std::time::Duration;

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use thiserror::Error;

use super::{AuditKey, chain};

/// The key of the advisory lock under which one replica at a time migrates: "countersg" as a number.
const MIGRATION_LOCK: i64 = 0x636f_756e_7465_7273;

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

/// Opens a small pool that works through transaction-mode poolers: `extra_float_digits`, which they refuse
/// as a start-up parameter, is not sent.
#[must_use]
pub fn pool(options: PgConnectOptions, connections: u32, patience: Duration) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .connect_lazy_with(
            options
                .extra_float_digits(None)
                .application_name(crate::NAME),
        )
}

/// Brings the store's schema up to date. Safe when several replicas start at once: the lock is held by a
/// transaction, as session locks do not survive a transaction-mode pooler. All migrations run in that one
/// transaction and over its one connection.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(pool: &PgPool, key: &AuditKey) -> Result<(), MigrateError> {
    let mut tx = pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *tx)
        .await?;
    let mut migrator = sqlx::migrate!();
    migrator.dangerous_set_table_name("countersign.schema_migration");
    migrator.create_schema("countersign");
    migrator.set_locking(false);
    migrator.run(&mut *tx).await?;
    chain::ensure_head(&mut *tx, key).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the store answers.
///
/// # Errors
/// The store's.
pub async fn reachable(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("select 1").execute(pool).await.map(|_| ())
}

//! Time limits of transactions in the store.

use std::time::{Duration, Instant};

use countersign::journal::{
    Store as Connections,
    store::{TimeLimits, Whole, is_locked},
};

use super::store::Store;

/// A limit that a test waits for.
const SHORT: Duration = Duration::from_millis(300);

/// Other connections to the same store, with other limits.
async fn connections(store: &Store, limits: TimeLimits) -> Connections {
    let url: String =
        sqlx::query_scalar("select format('dbname=%s', current_database()) from (select 1) one")
            .fetch_one(store.pool())
            .await
            .expect("a name");
    let name = url.trim_start_matches("dbname=");
    let server = countersign_sandbox::postgres::Server::shared().await;
    let options = server.expect("a server").url(name).parse();
    let options = options.expect("an address");
    countersign::journal::migrate::pool_for(options, 2, Duration::from_secs(20), limits)
}

#[tokio::test]
async fn a_transaction_that_stands_still_is_ended_and_its_locks_are_free() {
    let store = Store::new().await;
    let driven = store.ask("f").await;
    let limits = TimeLimits {
        idle: SHORT,
        ..TimeLimits::WORK
    };
    let paused = connections(&store, limits).await;
    let mut tx = paused.begin().await.expect("a transaction");
    let lock = "update countersign.request set updated_at = updated_at where id = $1";
    sqlx::query(lock)
        .bind(driven.request.id.0)
        .execute(&mut *tx)
        .await
        .expect("a lock");
    // Waits until the server has ended the transaction that holds the row, within the limit for locks.
    sqlx::query(lock)
        .bind(driven.request.id.0)
        .execute(store.pool())
        .await
        .expect("the lock is free");
    assert!(tx.commit().await.is_err(), "it was rolled back");
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn a_wait_for_a_lock_ends_with_an_error_that_is_known_as_such() {
    let store = Store::new().await;
    let driven = store.ask("f").await;
    let limits = TimeLimits {
        lock: SHORT,
        ..TimeLimits::WORK
    };
    let others = connections(&store, limits).await;
    let mut holder = store.pool().begin().await.expect("a transaction");
    let lock = "update countersign.request set updated_at = updated_at where id = $1";
    sqlx::query(lock)
        .bind(driven.request.id.0)
        .execute(&mut *holder)
        .await
        .expect("a lock");
    let began = Instant::now();
    let refused = sqlx::query(lock)
        .bind(driven.request.id.0)
        .execute(&others)
        .await;
    let error = refused.expect_err("somebody else holds it");
    assert!(is_locked(&error), "{error}");
    assert!(began.elapsed() >= SHORT);
    holder.rollback().await.expect("a rollback");
}

#[tokio::test]
async fn every_transaction_has_limits_and_leaves_none_behind_in_the_session() {
    let store = Store::new().await;
    let shown = "select current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' '
                 || current_setting('idle_in_transaction_session_timeout')";
    let alone: String = sqlx::query_scalar(shown)
        .fetch_one(store.pool())
        .await
        .expect("settings");
    assert_eq!(alone, "30s 3s 10s");
    let mut tx = store
        .pool()
        .begin_whole(Whole::Snapshot)
        .await
        .expect("a transaction");
    let whole: String = sqlx::query_scalar(shown)
        .fetch_one(&mut *tx)
        .await
        .expect("settings");
    assert_eq!(whole, "10min 1min 5min");
    tx.rollback().await.expect("a rollback");
    let named: i64 =
        sqlx::query_scalar("select count(*) from pg_prepared_statements where name <> ''")
            .fetch_one(store.pool())
            .await
            .expect("a count");
    assert_eq!(named, 0, "statements have no names");
}

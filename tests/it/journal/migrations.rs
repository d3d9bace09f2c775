//! The schema.

use countersign::journal::migrate::{migrate, pool};

use super::store::{PATIENCE, Store, empty_pool, key};

#[tokio::test]
async fn migrations_run_twice_and_by_replicas_at_once() {
    let (database, first) = empty_pool(1).await;
    let second = pool(database.url().parse().expect("an address"), 1, PATIENCE);
    let key = key();
    // One connection each: more may not be left when the pools are small.
    let (one, two) = tokio::join!(migrate(&first, &key), migrate(&second, &key));
    one.expect("the schema");
    two.expect("the schema");
    migrate(&first, &key).await.expect("the schema again");
    let heads: i64 = sqlx::query_scalar("select count(*) from countersign.chain_head")
        .fetch_one(&second)
        .await
        .expect("a count");
    assert_eq!(heads, 1);
}

#[tokio::test]
async fn migrating_again_does_not_set_the_chain_back() {
    let store = Store::new().await;
    store.ask("f").await;
    store.seal().await;
    migrate(store.pool(), &key())
        .await
        .expect("the schema again");
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn the_journal_refuses_to_be_changed() {
    let store = Store::new().await;
    store.ask("f").await;
    store.seal().await;
    let changes = [
        "update countersign.event set body = '{}'",
        "update countersign.event set body = '{}' where false",
        "delete from countersign.event",
        "truncate countersign.event",
        "truncate countersign.event, countersign.request cascade",
        "update countersign.chain set position = position + 1",
        "delete from countersign.chain",
        "truncate countersign.chain",
    ];
    for change in changes {
        let refused = sqlx::query(change).execute(store.pool()).await;
        let refused = refused.expect_err(change);
        let code = refused.as_database_error().and_then(|it| it.code());
        assert_eq!(code.as_deref(), Some("23001"), "{change}: {refused}");
    }
    assert!(store.verify().await.is_sound());
}

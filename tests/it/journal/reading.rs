//! Events are verified when they are read: nothing is decided, shown or run from what somebody without the key wrote.

use countersign::{
    domain::{Event, Request},
    journal::{Journal, ReadError, RecordError, hash::GENESIS},
};

use super::store::{Store, key};

/// A request with four events, and a journal of a process that has read nothing yet.
async fn approved(store: &Store) -> (Request, Journal) {
    let mut driven = store.ask("f").await;
    driven.plan(1, 60).await.approve("BEN").await;
    let fresh = Journal::new(store.pool().clone(), key());
    (driven.request.clone(), fresh)
}

async fn first_wrong_version(tampering: &'static str) -> i64 {
    let store = Store::new().await;
    let (request, journal) = approved(&store).await;
    store.tamper(tampering).await;
    match journal.request(request.id).await {
        Err(ReadError::Tampered { version }) => version,
        other => panic!("{tampering}: {other:?}"),
    }
}

#[tokio::test]
async fn a_changed_event_is_not_read() {
    for change in [
        "body = replace(body, 'BEN', 'EVE')",
        "at = at + interval '1 second'",
        "name = 'denied'",
        "hash = sha256(hash)",
        "body = replace(body, 'BEN', 'EVE'), hash = sha256(body::bytea)",
        "stream = gen_random_uuid()",
        "kind = 'settings'",
    ] {
        let statement: &'static str =
            format!("update countersign.event set {change} where version = 3").leak();
        assert_eq!(first_wrong_version(statement).await, 3, "{change}");
    }
}

#[tokio::test]
async fn a_removed_or_inserted_event_is_noticed() {
    let middle = "delete from countersign.event where version = 2";
    assert_eq!(first_wrong_version(middle).await, 2);
    let last = "delete from countersign.event where version = 4";
    assert_eq!(first_wrong_version(last).await, 4);
    let added = r#"insert into countersign.event (kind, stream, version, name, body, at, hash)
        select kind, stream, 5, 'run_succeeded', '{"event":"run_succeeded"}', at, sha256(hash)
        from countersign.event where version = 4"#;
    assert_eq!(first_wrong_version(added).await, 5);
}

#[tokio::test]
async fn a_process_that_has_read_an_event_notices_that_it_was_taken_away_with_its_projection() {
    let store = Store::new().await;
    let (request, fresh) = approved(&store).await;
    assert_eq!(store.journal.request(request.id).await.unwrap(), request);
    store
        .tamper(
            "delete from countersign.event where version = 4;
             update countersign.request set version = 3",
        )
        .await;
    let read = store.journal.request(request.id).await;
    assert!(
        matches!(read, Err(ReadError::Tampered { version: 4 })),
        "{read:?}"
    );
    // A new process cannot know; verifying finds it.
    assert_eq!(fresh.request(request.id).await.unwrap().version, 3);
    assert!(!store.verify().await.is_sound());
}

#[tokio::test]
async fn nothing_is_chained_to_an_event_that_was_replaced_after_it_was_read() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    driven.plan(1, 60).await;
    store
        .tamper("update countersign.event set hash = sha256(hash) where version = 2")
        .await;
    let recorded = driven.record(&[Event::Expired], &[]).await;
    assert!(
        matches!(recorded, Err(RecordError::Tampered)),
        "{recorded:?}"
    );
}

#[tokio::test]
async fn a_forged_event_is_not_linked_and_the_others_are() {
    let store = Store::new().await;
    store.ask("a").await.plan(1, 60).await;
    let forged = r#"insert into countersign.event (kind, stream, version, name, body, at, hash)
        select kind, stream, 3, 'expired', '{"event":"expired"}', at, sha256(hash) from countersign.event where version = 2;
        insert into countersign.chain_pending select max(seq) from countersign.event"#;
    store.tamper(forged).await;
    store.ask("b").await;
    assert_eq!(store.seal().await, 3);
    let linked: i64 = sqlx::query_scalar("select count(*) from countersign.chain")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!(linked, 3);
    assert!(!store.verify().await.is_sound());
}

#[tokio::test]
async fn an_event_that_is_noted_again_for_linking_stops_nothing_and_is_linked_once() {
    let store = Store::new().await;
    store.ask("a").await;
    assert_eq!(store.seal().await, 1);
    let noted = "insert into countersign.chain_pending select max(seq) from countersign.event;
                 insert into countersign.chain_pending values (1000000)";
    store.tamper(noted).await;
    store.ask("b").await;
    store.seal().await;
    let linked: Vec<i64> = sqlx::query_scalar("select position from countersign.chain order by 1")
        .fetch_all(store.pool())
        .await
        .unwrap();
    assert_eq!(linked, [1, 2]);
}

#[tokio::test]
async fn texts_are_read_only_when_an_event_commits_to_them() {
    let store = Store::new().await;
    let (request, journal) = approved(&store).await;
    let before = journal.private_data(request.id).await.unwrap();
    assert!(before.asking.is_some() && !before.changed);
    // A second asking that no event commits to.
    store
        .tamper(
            "insert into countersign.private_text (id, request_id, kind, salt, text)
             select gen_random_uuid(), request_id, kind, salt, replace(text, 'because', 'forged')
             from countersign.private_text where kind = 'asking'",
        )
        .await;
    assert_eq!(journal.private_data(request.id).await.unwrap(), before);
    store
        .tamper("update countersign.private_text set text = replace(text, 'because', 'forged')")
        .await;
    let after = journal.private_data(request.id).await.unwrap();
    assert!(after.changed && after.asking.is_none());
}

#[tokio::test]
async fn the_hash_that_a_request_is_read_with_is_that_of_its_last_event() {
    let store = Store::new().await;
    let (request, journal) = approved(&store).await;
    let events = journal.events(request.id).await.unwrap();
    assert_eq!(events.last().unwrap().hash, request.last_hash);
    assert_ne!(request.last_hash, GENESIS);
}

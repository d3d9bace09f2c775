//! What all events together say is only called certain when every event on record was read.

use countersign::{
    domain::{Event, Instant},
    journal::{Journal, hash::Entry},
};

use super::store::{Store, key};

/// Whether a process that starts now, and this one, hold that they know everything.
async fn are_whole(store: &Store) -> (bool, bool) {
    let new = Journal::new(store.pool().clone(), key());
    let new = new.known().await.expect("an answer").is_whole();
    let running = store.journal.known().await.expect("an answer").is_whole();
    (new, running)
}

/// How many requests are known.
async fn known(journal: &Journal) -> usize {
    let known = journal.known().await.expect("an answer");
    let asked = |it| {
        known.asked_for(
            &format!("user delete {it}"),
            Instant::MIN_UTC,
            Instant::MIN_UTC,
        )
    };
    ["a", "b", "c"].into_iter().flat_map(asked).count()
}

#[tokio::test]
async fn an_event_that_is_gone_before_it_was_linked_is_missed() {
    let store = Store::new().await;
    store.ask("a").await;
    assert_eq!(are_whole(&store).await, (true, true));
    store.ask("b").await;
    store
        .tamper("delete from countersign.event where seq = 2")
        .await;
    assert_eq!(are_whole(&store).await, (false, false));
}

#[tokio::test]
async fn an_event_that_is_kept_from_being_linked_is_known() {
    let store = Store::new().await;
    store.ask("a").await;
    assert_eq!(known(&store.journal).await, 1);
    store.ask("b").await;
    store.tamper("delete from countersign.chain_pending").await;
    store.ask("c").await;
    store.seal().await;
    let new = Journal::new(store.pool().clone(), key());
    assert_eq!((known(&new).await, known(&store.journal).await), (3, 3));
    // Nothing is lost in another turn either.
    assert_eq!((known(&new).await, known(&store.journal).await), (3, 3));
}

#[tokio::test]
async fn an_event_that_is_changed_before_it_is_linked_waits_until_it_is_put_right() {
    let store = Store::new().await;
    store.ask("a").await.plan(1, 60).await;
    store
        .tamper("update countersign.event set at = at + interval '1 day' where seq = 1")
        .await;
    assert_eq!(store.seal().await, 0);
    assert_eq!(are_whole(&store).await, (false, false));
    store
        .tamper("update countersign.event set at = at - interval '1 day' where seq = 1")
        .await;
    assert_eq!(store.seal().await, 2);
    assert_eq!(are_whole(&store).await, (true, true));
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn a_head_that_is_set_back_to_an_earlier_one_is_noticed() {
    let store = Store::new().await;
    store.ask("a").await;
    store.seal().await;
    store
        .tamper("create table old_head as select * from countersign.chain_head")
        .await;
    store.ask("b").await;
    store.seal().await;
    store
        .tamper(
            "delete from countersign.chain_head; insert into countersign.chain_head select * from old_head",
        )
        .await;
    assert_eq!(are_whole(&store).await, (false, false));
}

#[tokio::test]
async fn behind_a_wrong_link_events_are_known_and_all_is_certain_again_once_it_is_put_right() {
    let store = Store::new().await;
    for fingerprint in ["a", "b", "c"] {
        store.ask(fingerprint).await;
    }
    store.seal().await;
    store
        .tamper(
            "create table old_link as select * from countersign.chain where position = 2;
             update countersign.chain set hash = sha256(hash) where position = 2",
        )
        .await;
    assert_eq!(known(&store.journal).await, 3);
    assert_eq!(are_whole(&store).await, (false, false));
    store
        .tamper(
            "delete from countersign.chain where position = 2; insert into countersign.chain select * from old_link",
        )
        .await;
    assert_eq!(are_whole(&store).await, (true, true));
    assert_eq!(known(&store.journal).await, 3);
}

#[tokio::test]
async fn an_event_of_a_later_version_is_not_readable_and_not_taken_for_a_change() {
    let store = Store::new().await;
    let asked = store.ask("a").await;
    let (stream, at) = (asked.request.id.0, asked.at);
    let body = r#"{"event":"foreseen"}"#;
    assert!(serde_json::from_str::<Event>(body).is_err());
    let entry = Entry::new(("request", stream), 2, "foreseen", at, body);
    let hash = key().event(&asked.request.last_hash, &entry);
    sqlx::query(
        "insert into countersign.event (kind, stream, version, name, body, at, hash)
         values ('request', $1, 2, 'foreseen', $2, $3, $4)",
    )
    .bind(stream)
    .bind(body)
    .bind(at)
    .bind(hash.to_vec())
    .execute(store.pool())
    .await
    .expect("an event");
    let known = store.journal.known().await.expect("an answer");
    assert!(known.is_whole() && !known.is_readable());
}

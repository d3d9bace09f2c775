//! Leases and fencing.

use std::time::Duration;

use countersign::{
    domain::{Event, Instant},
    journal::{
        Fence, RecordError,
        append::Batch,
        lease::{self, Lease},
    },
    runtime,
};
use uuid::Uuid;

use super::{
    driven::Driven,
    store::{Store, start},
};

/// Longer than any of these tests.
const LENGTH: Duration = Duration::from_secs(600);

fn later(minutes: i64) -> Instant {
    start() + chrono::Duration::minutes(minutes)
}

async fn claim(store: &Store, owner: Uuid, minute: i64) -> Option<Lease> {
    let lease = lease::claim(store.pool(), owner, later(minute), LENGTH).await;
    lease.expect("an answer")
}

/// What its holder does not renew any more, once its time is over.
async fn runs_out(store: &Store) {
    sqlx::raw_sql("update countersign.lease set until = now()")
        .execute(store.pool())
        .await
        .expect("an update");
}

async fn record(driven: &Driven<'_>, fence: Fence) -> Result<(), RecordError> {
    let batch = Batch {
        before: Some(driven.request.clone()),
        id: driven.request.id,
        events: &[Event::Refused {
            blockers: vec![],
            test_mode: false,
        }],
        private_data: &[],
        at: driven.at,
        fence: Some(fence),
    };
    driven.journal.record(batch).await.map(|_| ())
}

#[tokio::test]
async fn a_lease_is_held_renewed_given_back_and_taken_over_with_a_higher_fence() {
    let store = Store::new().await;
    let driven = store.ask("f").await;
    let pool = store.pool();
    let (one, two) = (runtime::new_id(), runtime::new_id());
    let first = claim(&store, one, 1).await.expect("a lease");
    assert_eq!((first.request, first.fence), (driven.request.id, Fence(1)));
    assert!(!first.is_taken_over, "nobody held it");
    assert!(claim(&store, two, 1).await.is_none(), "it is held");
    assert_eq!(lease::next_due(pool).await.expect("an answer"), None);

    runs_out(&store).await;
    assert!(lease::renew(pool, first, LENGTH).await.expect("renewed"));
    assert!(claim(&store, two, 1).await.is_none(), "it is held longer");

    runs_out(&store).await;
    let second = claim(&store, two, 1).await.expect("a takeover");
    assert_eq!(second.fence, Fence(2));
    assert!(second.is_taken_over, "its holder had not given it back");
    assert!(!lease::renew(pool, first, LENGTH).await.expect("an answer"));
    lease::release(pool, first, i64::MAX, later(2))
        .await
        .expect("ignored");
    assert!(
        claim(&store, one, 3).await.is_none(),
        "an old holder cannot release"
    );

    lease::release(pool, second, second.version, later(24))
        .await
        .expect("released");
    assert_eq!(
        lease::next_due(pool).await.expect("a time"),
        Some(later(24))
    );
    assert!(claim(&store, one, 23).await.is_none(), "it rests");
    let third = claim(&store, one, 24).await.expect("a lease again");
    assert_eq!(third.fence, Fence(3));
    assert!(!third.is_taken_over, "it was given back");
}

#[tokio::test]
async fn what_was_appended_while_a_lease_was_given_back_is_looked_at_at_once() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    let held = claim(&store, runtime::new_id(), 1).await.expect("a lease");
    driven.plan(1, 0).await;
    let due = driven.request.due_at(driven.at);
    let long = due.expect("it expires") + chrono::Duration::days(10);
    lease::release(store.pool(), held, held.version, long)
        .await
        .expect("released");
    let next = lease::next_due(store.pool()).await.expect("an answer");
    assert_eq!(next, due, "it does not rest");
}

#[tokio::test]
async fn of_many_claims_at_once_each_gets_a_request_as_long_as_one_is_due() {
    let store = Store::new().await;
    for n in 0..6 {
        store.ask(&n.to_string()).await;
    }
    let claims = (0..6).map(|_| claim(&store, runtime::new_id(), 1));
    let claimed = futures::future::join_all(claims).await;
    let requests: std::collections::BTreeSet<_> = claimed
        .into_iter()
        .flatten()
        .map(|lease| lease.request)
        .collect();
    assert_eq!(requests.len(), 6);
}

#[tokio::test]
async fn a_replica_whose_clock_is_far_ahead_takes_no_living_run_over() {
    let store = Store::new().await;
    store.ask("f").await;
    let first = claim(&store, runtime::new_id(), 1).await.expect("a lease");
    let taken = claim(&store, runtime::new_id(), 60 * 24 * 365).await;
    assert!(taken.is_none(), "it is held: {taken:?}");
    let renewed = lease::renew(store.pool(), first, LENGTH).await;
    assert!(renewed.expect("an answer"));
}

#[tokio::test]
async fn a_stale_fence_cannot_append() {
    let store = Store::new().await;
    let driven = store.ask("f").await;
    let stale = claim(&store, runtime::new_id(), 1).await.expect("a lease");
    runs_out(&store).await;
    let fresh = claim(&store, runtime::new_id(), 1)
        .await
        .expect("a takeover");
    let refused = record(&driven, stale.fence).await;
    assert!(matches!(refused, Err(RecordError::Fenced)), "{refused:?}");
    record(&driven, fresh.fence)
        .await
        .expect("the holder appends");
}

#[tokio::test]
async fn nobody_takes_a_lease_over_between_the_check_of_the_fence_and_the_commit() {
    let store = Store::new().await;
    let driven = store.ask("f").await;
    let held = claim(&store, runtime::new_id(), 1).await.expect("a lease");
    let mut tx = store.pool().begin().await.expect("a transaction");
    let batch = Batch {
        before: Some(driven.request.clone()),
        id: driven.request.id,
        events: &[Event::Expired],
        private_data: &[],
        at: driven.at,
        fence: Some(held.fence),
    };
    // Expired does not fit here: the transaction fails after the fence was checked, and still holds it.
    let refused = store.journal.record_in(&mut tx, batch).await;
    assert!(
        matches!(refused, Err(RecordError::Misplaced(_))),
        "{refused:?}"
    );
    let mut other = store.pool().begin().await.expect("a transaction");
    sqlx::raw_sql("set local lock_timeout = '50ms'")
        .execute(&mut *other)
        .await
        .expect("a setting");
    let taken = sqlx::query("update countersign.lease set fence = fence + 1")
        .execute(&mut *other)
        .await;
    let code = taken
        .expect_err("it waits")
        .as_database_error()
        .and_then(|it| it.code().map(String::from));
    assert_eq!(code.as_deref(), Some("55P03"));
}

#[tokio::test]
async fn many_owners_at_once_get_every_request_once() {
    let store = Store::new().await;
    for number in 0..6 {
        store.ask(&format!("f{number}")).await;
    }
    let claims = (0..6).map(|_| async {
        let mut claimed = vec![];
        // A claim that meets another one may come back empty while requests are left, so it asks again.
        for _ in 0..12 {
            let lease = claim(&store, runtime::new_id(), 1).await;
            claimed.extend(lease.map(|it| it.request));
        }
        claimed
    });
    let mut all = futures::future::join_all(claims).await.concat();
    assert_eq!(all.len(), 6);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 6, "nobody holds what another holds");
}

#[tokio::test]
async fn a_claim_passes_over_a_request_that_is_being_written() {
    let store = Store::new().await;
    let busy = store.ask("busy").await;
    let free = store.ask("free").await;
    let mut writer = store.pool().begin().await.expect("a transaction");
    sqlx::query("select from countersign.request where id = $1 for update")
        .bind(busy.request.id.0)
        .execute(&mut *writer)
        .await
        .expect("a lock");
    let lease = claim(&store, runtime::new_id(), 1).await.expect("a lease");
    assert_eq!(lease.request, free.request.id);
}

#[tokio::test]
async fn a_replica_that_is_paused_inside_a_transaction_keeps_others_from_its_own_request_only() {
    let store = Store::new().await;
    let (one, two) = (store.ask("one").await, store.ask("two").await);
    let (paused, other) = (runtime::new_id(), runtime::new_id());
    let held = claim(&store, paused, 1).await.expect("a lease");
    assert_eq!(held.request, one.request.id);
    runs_out(&store).await;
    for locks in [
        // Before its event: the append holds the lease.
        "select from countersign.lease where request_id = $1 for share",
        // After its event: the append has changed the request.
        "update countersign.request set updated_at = updated_at where id = $1",
        // Between the statement and the commit of a heartbeat.
        "update countersign.lease set until = until where request_id = $1",
    ] {
        let mut tx = store.pool().begin().await.expect("a transaction");
        sqlx::query(locks)
            .bind(one.request.id.0)
            .execute(&mut *tx)
            .await
            .expect(locks);
        let next = claim(&store, other, 1).await.expect("the other request");
        assert_eq!(next.request, two.request.id, "{locks}");
        assert!(claim(&store, other, 1).await.is_none(), "{locks}");
        tx.rollback().await.expect("a rollback");
        runs_out(&store).await;
    }
    let last = claim(&store, other, 1).await.expect("a lease");
    assert_eq!(last.request, one.request.id, "the oldest comes first again");
}

//! Projections made anew.

use std::collections::BTreeSet;

use countersign::journal::{
    rebuild::{RebuildError, rebuild},
    verify::Kind,
};

use super::{
    states::one_in_every_state,
    store::{Store, key},
};

async fn dump(store: &Store) -> Vec<String> {
    sqlx::query_scalar(
        r#"select 'request ' || row_to_json(r) from countersign.request r
           union all select 'party ' || row_to_json(p) from countersign.party p
           order by 1"#,
    )
    .fetch_all(store.pool())
    .await
    .expect("a dump")
}

#[tokio::test]
async fn rebuilding_gives_what_appending_gave_for_every_state() {
    let store = Store::new().await;
    let all = one_in_every_state(&store).await;
    let words: BTreeSet<_> = all.iter().map(|it| it.1).collect();
    assert_eq!(words.len(), 16, "{words:?}");
    sqlx::query("update countersign.request set undelivered = false where number % 2 = 0")
        .execute(store.pool())
        .await
        .expect("delivered");
    let before = dump(&store).await;
    let rebuilt = rebuild(store.pool(), &key()).await.expect("rebuilt");
    assert_eq!(rebuilt, all.len() as u64);
    assert_eq!(dump(&store).await, before);
}

#[tokio::test]
async fn lost_and_changed_projections_come_back_and_are_told_to_slack_again() {
    let store = Store::new().await;
    let all = one_in_every_state(&store).await;
    let before = dump(&store).await;
    store
        .tamper(
            r#"delete from countersign.request where number % 3 = 0;
               update countersign.request set state = 'succeeded', open = false where number % 3 = 1;
               update countersign.request set version = 1, undelivered = false where version > 4;
               delete from countersign.party"#,
        )
        .await;
    let report = store.verify().await;
    assert!(
        report.by_kind.contains_key(&Kind::ProjectionStale),
        "{report}"
    );
    assert!(
        report.events_are_sound() && report.exit_status() == 1,
        "{report}"
    );
    let rebuilt = rebuild(store.pool(), &key()).await.expect("rebuilt");
    assert_eq!(rebuilt, all.len() as u64);
    assert_eq!(dump(&store).await, before);
    assert!(store.verify().await.is_sound());
}

#[tokio::test]
async fn nothing_is_rebuilt_over_the_traces_of_tampering() {
    let store = Store::new().await;
    store.ask("f").await.plan(1, 60).await;
    // The tail before it was sealed: only the projection still knows of it.
    store
        .tamper(
            r#"delete from countersign.chain_pending where event_seq = (select max(seq) from countersign.event);
               delete from countersign.event where version = 2"#,
        )
        .await;
    let before = dump(&store).await;
    let refused = rebuild(store.pool(), &key()).await;
    let Err(RebuildError::Unsound(report)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        report.by_kind.keys().collect::<Vec<_>>(),
        [&Kind::ProjectionAhead, &Kind::TextUncommitted]
    );
    assert_eq!(dump(&store).await, before);
}

#[tokio::test]
async fn appends_wait_for_a_rebuild_and_go_on_after_it() {
    let store = Store::new().await;
    let appends = futures::future::join_all((0..10).map(|number| {
        let store = &store;
        async move {
            store
                .ask(&format!("f{number}"))
                .await
                .plan(1, 60)
                .await
                .deny()
                .await;
        }
    }));
    let rebuilds = async {
        for _ in 0..5 {
            rebuild(store.pool(), &key()).await.expect("rebuilt");
        }
    };
    tokio::join!(appends, rebuilds);
    let report = store.verify().await;
    assert!(report.is_sound(), "{report}");
}

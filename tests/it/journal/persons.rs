//! The two-person rule in the database: it holds even for events that nobody decided.

use countersign::{
    domain::{Event, person::Party},
    journal::RecordError,
};

use super::{
    driven::Driven,
    people::{person, second_account},
    store::Store,
};

async fn waiting(store: &Store) -> Driven<'_> {
    let mut driven = store.ask("f").await;
    driven.plan(2, 60).await;
    driven
}

async fn refused(driven: &Driven<'_>, by: Party) {
    let plan = driven.digest();
    let outcome = driven.record(&[Event::Approved { by, plan }], &[]).await;
    assert!(
        matches!(outcome, Err(RecordError::SameHuman)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_database_refuses_the_requester_under_another_account() {
    let store = Store::new().await;
    let driven = waiting(&store).await;
    refused(&driven, person("REQ").party()).await;
    refused(&driven, second_account("REQ")).await;
}

#[tokio::test]
async fn the_database_refuses_the_subject() {
    let store = Store::new().await;
    let driven = waiting(&store).await;
    refused(&driven, second_account("SUBJECT")).await;
}

#[tokio::test]
async fn the_database_refuses_the_same_approver_under_another_account() {
    let store = Store::new().await;
    let mut driven = waiting(&store).await;
    driven.approve("BEN").await;
    refused(&driven, second_account("BEN")).await;
}

#[tokio::test]
async fn the_database_refuses_one_human_twice_in_one_batch() {
    let store = Store::new().await;
    let driven = waiting(&store).await;
    let plan = driven.digest();
    let approved = |by| Event::Approved { by, plan };
    let both = [
        approved(person("BEN").party()),
        approved(second_account("BEN")),
    ];
    let outcome = driven.record(&both, &[]).await;
    assert!(
        matches!(outcome, Err(RecordError::SameHuman)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_same_approver_may_approve_the_next_round() {
    let store = Store::new().await;
    let mut driven = store.ask("f").await;
    driven
        .plan(1, 60)
        .await
        .approve("BEN")
        .await
        .step("hold")
        .await;
    driven.begin(&["3 more rows"]).await.undo("hold").await;
    driven.approve("BEN").await;
    assert_eq!(driven.request.plan.as_ref().expect("a plan").round, 2);
}

//! Credits are taken back as far as they are there.

use serde_json::json;

use super::{asked, credits_of, done, events_of, set_credits};
use crate::support::{World, boundary::Boundary, once::results, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_are_there_are_removed_and_noted() {
    let world = World::start().await;
    let line = "/ops credits remove maria@example.com 5 the payment was refunded";
    done(&world, OLGA, line).await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(7));
    let noted = json!({
        "credits": 5, "reason": "the payment was refunded", "admin": OLGA, "request": "OPS-1001",
    });
    let events = events_of(&world, "usr_1").await;
    assert_eq!(events, [("MANUAL_CREDIT_REMOVED".to_owned(), noted)]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_spent_cannot_be_removed_and_the_shortfall_is_said() {
    let world = World::start().await;
    let id = done(&world, OLGA, "/ops credits remove usr_1 20 refunded").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(0));
    let events = events_of(&world, "usr_1").await;
    assert_eq!(events[0].1["credits"], 12);
    let told = world.told_of(OLGA, id).await;
    insta::assert_snapshot!("told_of_a_shortfall", seen(&[told]));
    let results = results(&world, id).await;
    assert_eq!(results[0].1["removed"], 12);
    assert_eq!(results[0].1["not_there_to_remove"], 8);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_credits_is_refused() {
    let world = World::start().await;
    set_credits(&world, "usr_1", 0).await;
    world
        .ask_and_be_refused("/ops credits remove usr_1 5 refunded")
        .await;
    world
        .until_told(ADA, "there are no credits to remove")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_were_spent_since_the_plan_are_not_said_to_be_removed() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'run_started'").await;
    let id = asked(&world, OLGA, "/ops credits remove usr_1 5 refunded").await;
    boundary.reached(&world).await;
    set_credits(&world, "usr_1", 0).await;
    boundary.open().await;
    world.until_state(id, "done").await;
    let results = results(&world, id).await;
    assert_eq!(results[0].1["removed"], 0);
    assert_eq!(results[0].1["not_there_to_remove"], 5);
    assert_eq!(events_of(&world, "usr_1").await, []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortfall_that_was_not_there_when_it_was_approved_is_shown_first() {
    let world = World::start().await;
    set_credits(&world, "usr_1", 100).await;
    let id = world
        .ask(ADA, "/ops credits remove usr_1 60 refunded")
        .await;
    set_credits(&world, "usr_1", 30).await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_event(id, "superseded", 1).await;
    world
        .until_card_says(id, "the account has only 30 of the 60 credits")
        .await;
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(0));
    world.finish().await;
}

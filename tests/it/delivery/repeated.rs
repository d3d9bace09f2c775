//! The same command again within a minute: people press twice, and Slack says `operation_timeout` of what went through.

use std::time::Duration;

use crate::support::{World, story::*};

const LINE: &str = "/ops credits add usr_1 10 a gift";
const REPEATED: &str = "You asked for the same less than a minute ago: *OPS-1001*";

async fn credits(world: &World) -> i32 {
    sqlx::query_scalar(r#"select credits from "User" where id = 'usr_1'"#)
        .fetch_one(&world.db)
        .await
        .unwrap()
}

/// Waits until so many grants that were asked for are processed.
async fn all_worked_off(world: &World, many: i64) {
    world
        .until("all grants are processed", async |world| {
            let done = "select count(*) from countersign.inbox where kind = 'credits add' and done_at is not null";
            (world.count(done).await == many).then_some(())
        })
        .await;
}

async fn requests(world: &World) -> i64 {
    world
        .count("select count(*) from countersign.request")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_repeated_within_a_minute_is_pointed_to_and_not_given_twice() {
    let world = World::start().await;
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    for seconds in [1, 30, 20] {
        world.clock.advance(Duration::from_secs(seconds));
        world.slack.slash(OLGA, OPS, LINE).await.unwrap();
    }
    all_worked_off(&world, 4).await;
    let told = world.until_told(OLGA, REPEATED).await;
    assert!(
        told.all_text()
            .contains("wait a minute or give another reason"),
        "{told:#?}"
    );
    assert_eq!(requests(&world).await, 1);
    assert_eq!(credits(&world).await, 22);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_with_another_reason_by_somebody_else_or_a_minute_later_is_another_grant() {
    let world = World::start().await;
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    let id = world
        .asks(OLGA, "/ops credits add usr_1 10 a second gift")
        .await;
    world.until_state(id, "done").await;
    let id = world.asks(ADA, LINE).await;
    world.until_state(id, "done").await;
    world.clock.advance(Duration::from_secs(61));
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    assert_eq!(credits(&world).await, 52);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_grant_typed_several_times_at_once_is_given_once() {
    let world = World::start().await;
    let all = (0..6).map(|_| world.slack.slash(OLGA, OPS, LINE));
    for delivery in futures::future::join_all(all).await {
        assert!(delivery.unwrap().ok());
    }
    all_worked_off(&world, 6).await;
    let id = world.newest().await.unwrap();
    world.until_state(id, "done").await;
    assert_eq!(requests(&world).await, 1);
    assert_eq!(credits(&world).await, 22);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_without_an_effect_may_be_asked_again_at_once() {
    let world = World::start().await;
    let refused = "/ops credits add nobody@example.com 10 a gift";
    world.ask_and_be_refused(refused).await;
    world.ask_and_be_refused(refused).await;

    let id = world.ask_for_maria().await;
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    let again = world.ask_for_maria().await;
    assert_ne!(again, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_sets_something_can_be_switched_to_and_fro_within_a_minute() {
    let world = World::start().await;
    for state in ["on", "off", "on", "off"] {
        let id = world
            .asks(OLGA, &format!("/ops freeze {state} an incident"))
            .await;
        world.until_state(id, "done").await;
    }
    for what in ["ban", "unban", "ban"] {
        let id = world
            .asks(OLGA, &format!("/ops user {what} usr_10 spam"))
            .await;
        world.until_state(id, "done").await;
    }
    assert!(world.is_blocked("usr_10").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_submitted_for_the_same_grant_right_after_the_command_gives_nothing_twice() {
    let world = World::start().await;
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "done").await;
    world
        .slack
        .slash(OLGA, OPS, "/ops credits add")
        .await
        .unwrap();
    let view = world
        .until("the form", async |world| {
            let view = world.slack.open_views(OLGA).pop();
            view.filter(|view| !view.all_text().contains(LOOKING))
        })
        .await;
    let values = serde_json::json!({
        "user": { "user": "usr_1" }, "credits": { "credits": "10" }, "reason": { "reason": "a gift" },
    });
    world.slack.submit(OLGA, &view.id, &values).await.unwrap();
    world.until_told(OLGA, REPEATED).await;
    assert_eq!(credits(&world).await, 22);
    world.finish().await;
}

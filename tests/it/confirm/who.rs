//! Who confirms, and how often.

use super::{LINE, click, credits, shown, times, until_decided};
use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_who_clicks_is_refused_on_record() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    for (action, says) in [
        ("confirm", "only the person who asked may confirm this"),
        ("cancel", "only the person who asked may cancel"),
    ] {
        let click = click(&world, GRACE, id, action).await;
        world.slack.send(&click).await;
        world.until_told(GRACE, says).await;
        let audited = format!("<@U0GRACE> tried `{action}` and was refused");
        world.until_audit(id, &audited).await;
    }
    assert_eq!(
        world.request(id).await.state.word(),
        "awaiting confirmation"
    );
    assert_eq!(credits(&world).await, 12);
    // The clicks of others do not make the requester's message out of date.
    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "done").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clicks_confirm_once() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    let again = click(&world, OLGA, id, "confirm").await;
    world.press(OLGA, id, "confirm").await;
    world.slack.send(&again).await;
    world.until_state(id, "done").await;
    world.until_told(OLGA, "there is nothing to decide").await;
    assert_eq!(times(&world, id, "confirmed").await, 1);
    assert_eq!(credits(&world).await, 22);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_confirm_and_cancel_the_first_counts() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    let late = click(&world, OLGA, id, "confirm").await;
    world.press(OLGA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.slack.send(&late).await;
    world.until_told(OLGA, "there is nothing to decide").await;
    until_decided(&world, id, "*Cancelled*").await;
    assert_eq!(credits(&world).await, 12);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_the_role_since_confirms_nothing() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, LINE).await;
    world
        .slack
        .edit_group("S0OPERATORS", |group| group.users.retain(|one| one != OLGA))
        .unwrap();
    world.let_facts_age();
    world.press(OLGA, id, "confirm").await;
    world.until_told(OLGA, "that needs the role operator").await;
    world
        .until_audit(id, "<@U0OLGA> tried `confirm` and was refused")
        .await;
    assert_eq!(
        world.request(id).await.state.word(),
        "awaiting confirmation"
    );
    assert_eq!(credits(&world).await, 12);
    world.finish().await;
}

//! What is confirmed is done as it was shown, or shown again.

use super::{REMOVE, click, credits, shown, times, until_decided, until_shown};
use crate::support::{World, story::*};

/// What is said of an account that has fewer credits than are to go.
const FEWER: &str = "the account has only 5 of the 10 credits";

async fn has_five_credits(world: &World) {
    world
        .run(r#"update "User" set credits = 5 where id = 'usr_1'"#)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_changed_in_between_is_shown_again_and_the_old_click_counts_for_nothing() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, REMOVE).await;
    let old = click(&world, OLGA, id, "confirm").await;
    has_five_credits(&world).await;
    world.press(OLGA, id, "confirm").await;
    world.until_event(id, "superseded", 1).await;
    world
        .until_told(OLGA, "The plan has changed since you confirmed it")
        .await;
    until_shown(&world, id, FEWER).await;

    world.slack.send(&old).await;
    world
        .until_told(OLGA, "the plan has changed since this card was drawn")
        .await;
    assert_eq!(
        world.request(id).await.state.word(),
        "awaiting confirmation"
    );
    assert_eq!(credits(&world).await, 5);

    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "done").await;
    until_decided(&world, id, "*Done*").await;
    assert_eq!(credits(&world).await, 0);
    assert_eq!(times(&world, id, "confirmed").await, 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forbidden_by_now_is_refused_although_it_was_confirmed() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, REMOVE).await;
    world
        .run(r#"update "User" set credits = 0 where id = 'usr_1'"#)
        .await;
    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "refused").await;
    until_decided(&world, id, "there are no credits to remove").await;
    world
        .until_told(OLGA, "there are no credits to remove")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_changes_nothing_material_runs_as_it_was_confirmed() {
    let world = World::start().await;
    world.nobody_confirms();
    let id = shown(&world, REMOVE).await;
    world
        .run(r#"update "User" set credits = 30 where id = 'usr_1'"#)
        .await;
    world.press(OLGA, id, "confirm").await;
    world.until_state(id, "done").await;
    assert_eq!(credits(&world).await, 20);
    assert_eq!(times(&world, id, "superseded").await, 0);
    world.finish().await;
}

//! A replay beside other operations on the same account.

use std::time::Duration;

use super::restored::LINE;
use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_replay_holds_is_neither_unbanned_nor_deleted() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let id = world.ask(ADA, LINE).await;
    world.approve_typing(GRACE, id, "erase 1").await;
    world.until_event(id, "step_succeeded", 1).await;
    let told = world
        .refusal_of(OLGA, "/ops user unban usr_1 it was a mistake")
        .await;
    assert!(told.contains("OPS-1002 is deleting this account"), "{told}");
    let told = world
        .refusal_of(ADA, "/ops user delete usr_1 asked for it again")
        .await;
    assert!(
        told.contains("OPS-1002 is erasing this account again"),
        "{told}"
    );
    assert!(world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_replay_only_waits_for_approval_the_ban_can_be_lifted() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world
        .run_sql(r#"update "User" set "isBlocked" = true where id = 'usr_1'"#)
        .await;
    world.ask(ADA, LINE).await;
    world
        .ask_and_read(OLGA, "/ops user unban usr_1 it was a mistake")
        .await;
    assert!(!world.is_blocked("usr_1").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_deletion_is_asked_for_is_left_to_it() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    world.ask(ADA, "/ops user delete usr_1 asked for it").await;
    let told = world.refusal_of(ADA, LINE).await;
    assert!(
        told.contains("usr_1: OPS-1002 is about its deletion"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_asked_for_after_the_replay_waits_for_its_end_and_takes_over() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let replay = world.ask(ADA, LINE).await;
    let deletion = world.ask(ADA, "/ops user delete usr_1 asked for it").await;
    world.approve_typing(GRACE, replay, "erase 1").await;
    world.until_event(replay, "step_succeeded", 1).await;
    world.approve(GRACE, deletion).await;
    world.until_event(deletion, "step_deferred", 1).await;
    world.clock.advance(Duration::from_secs(602));
    world.hurry_until_state(replay, "refused").await;
    world
        .hurry_until("the deletion's block", async |world| {
            let names = world.event_names(deletion).await;
            names.contains(&"step_succeeded".to_owned()).then_some(())
        })
        .await;
    assert!(world.is_blocked("usr_1").await);
    world.cool_off().await;
    world.hurry_until_state(deletion, "done").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_does_not_lean_on_the_block_of_a_deletion() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let replay = world.ask(ADA, LINE).await;
    let deletion = world.ask(ADA, "/ops user delete usr_1 asked for it").await;
    world.approve(GRACE, deletion).await;
    world.until_event(deletion, "step_succeeded", 1).await;
    world.approve_typing(GRACE, replay, "erase 1").await;
    world.until_event(replay, "step_deferred", 1).await;
    let delivery = world.click(LINUS, deletion, "stop").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_state(deletion, "stopped").await;
    assert!(!world.is_blocked("usr_1").await);
    world
        .hurry_until("the replay's block", async |world| {
            let names = world.event_names(replay).await;
            names.contains(&"step_succeeded".to_owned()).then_some(())
        })
        .await;
    assert!(world.is_blocked("usr_1").await);
    world.hurry_until_delivered().await;
    world.finish().await;
}

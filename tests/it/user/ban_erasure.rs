//! A ban and an erasure block the same account, and do not undo each other.

use countersign::domain::RequestId;

use crate::support::{World, boundary::Boundary, story::*};

const ERASE: &str = "/ops user delete usr_22 asked for erasure";
const UNBAN: &str = "/ops user unban usr_22 it was a mistake";

/// The erasure of the banned `usr_22` is approved, and its hold in place.
async fn held(world: &World, id: RequestId) {
    world.approve_typing(GRACE, id, "usr_22").await;
    world.until_event(id, "step_succeeded", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_erasure_holds_is_neither_unbanned_nor_banned() {
    let world = World::start().await;
    let id = world.ask(ADA, ERASE).await;
    held(&world, id).await;
    let told = world.refusal_of(OLGA, UNBAN).await;
    assert!(
        told.contains("OPS-1001 is deleting this account and keeps it blocked"),
        "{told}"
    );
    let told = world
        .refusal_of(OLGA, "/ops user ban usr_22 once more")
        .await;
    assert!(told.contains("OPS-1001 is deleting this account"), "{told}");
    assert!(world.is_blocked("usr_22").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unban_that_was_planned_before_the_erasure_was_approved_does_not_lift_its_block() {
    let world = World::start().await;
    let erasure = world.ask(ADA, ERASE).await;
    let boundary = Boundary::at(
        &world,
        "new.name = 'step_started' and new.body like '%\"flag\"%'",
    )
    .await;
    let unban = world.ask_freely(OLGA, UNBAN).await;
    boundary.reached(&world).await;
    held(&world, erasure).await;
    boundary.open().await;
    world.until_state(unban, "failed").await;
    let told = world.told_directly(OLGA, unban).await;
    assert!(told.contains("OPS-1001 is deleting this account"), "{told}");
    assert!(world.is_blocked("usr_22").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ban_outlives_an_erasure_that_is_stopped_and_can_be_lifted_then() {
    let world = World::start().await;
    let id = world.ask(ADA, ERASE).await;
    held(&world, id).await;
    let delivery = world.click(LINUS, id, "stop").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_state(id, "stopped").await;
    assert!(world.is_blocked("usr_22").await);
    world.ask_and_read(OLGA, UNBAN).await;
    assert!(!world.is_blocked("usr_22").await);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_erasure_only_waits_for_approval_the_ban_can_be_lifted() {
    let world = World::start().await;
    world.ask(ADA, ERASE).await;
    world.ask_and_read(OLGA, UNBAN).await;
    assert!(!world.is_blocked("usr_22").await);
    world.finish().await;
}

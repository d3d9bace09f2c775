//! A crash and an outage in the middle of a replay.

use countersign_sandbox::{
    data,
    s3::{DeletesOf, Failure, Times},
};

use super::restored::{LINE, MARIA};
use crate::support::{World, boundary::Boundary, environment::DOCUMENTS, once::results, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_rows_and_their_entry_erases_once_and_goes_on() {
    let mut world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let id = world.ask(ADA, LINE).await;
    let boundary = Boundary::at(
        &world,
        "new.name = 'step_succeeded' and new.body like '%rows:usr_1%'",
    )
    .await;
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    boundary.reached(&world).await;
    assert_eq!(world.count(MARIA).await, 0);
    world.crash().await;
    boundary.roll_back(&world).await;
    world.holds_run_out().await;
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    let results = results(&world, id).await;
    let rows = results.iter().find(|(step, _)| step == "rows:usr_1");
    assert_eq!(rows.unwrap().1["rows"], 1 + 12 + 60);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_deleted_for_a_while_are_tried_again() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let key = "user-usr_1/came-back.webm";
    world
        .s3
        .put(data::BUCKET, key, "again", "audio/webm")
        .unwrap();
    let faults = world.s3.faults();
    faults.fail_deletes(
        DeletesOf::Prefix("user-usr_1/".to_owned()),
        Failure::SlowDown,
        Times::UntilCleared,
    );
    let id = world.replay().await;
    world
        .hurry_until("a pause", async |world| {
            let names = world.event_names(id).await;
            names.contains(&"step_deferred".to_owned()).then_some(())
        })
        .await;
    faults.clear();
    world.hurry_until_state(id, "done").await;
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_waits_for_certificates_that_cannot_be_read() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let faults = world.s3.faults();
    faults.fail_calls("ListObjectVersions", Failure::SlowDown, Times::UntilCleared);
    let id = world.asks(ADA, LINE).await;
    world
        .hurry_until("a plan that was put off", async |world| {
            let sql = "select count(*) from countersign.lease where fence > 1";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "being planned");
    faults.clear();
    world.hurry_until_state(id, "awaiting approval").await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

/// The program dies when a step has had its effect and is not on record; the next one goes on, and it happens once.
async fn survives_a_crash_at(step: &str) {
    let mut world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let id = world.ask(ADA, LINE).await;
    let at = format!("new.name = 'step_succeeded' and new.body like '%\"{step}\"%'");
    let boundary = Boundary::at(&world, &at).await;
    world.approve_typing(GRACE, id, "erase 1").await;
    if !step.starts_with("block") {
        world.cool_off().await;
    }
    world.crash_after_effect(boundary).await;
    world.holds_run_out().await;
    if step.starts_with("block") {
        world.cool_off().await;
    }
    world.hurry_until_state(id, "done").await;
    results(&world, id).await;
    assert_eq!(world.count(MARIA).await, 0);
    assert_eq!(world.s3.objects(DOCUMENTS).len(), 2);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_the_block_blocks_once_and_goes_on() {
    survives_a_crash_at("block:usr_1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_the_certificate_leaves_one_certificate() {
    survives_a_crash_at("certificate").await;
}

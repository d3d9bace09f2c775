//! The program is killed in the middle of a call to Slack or S3, whose answer it never sees.

use countersign::domain::RequestId;
use countersign_sandbox::slack::Call;

use crate::support::{
    Options, World, leftovers,
    once::{every_message_stands_once, maria_is_erased_once},
    process::Process,
    story::*,
};

async fn world() -> World {
    World::without_service(Options::default().with("COUNTERSIGN_COOLING_OFF", "1s")).await
}

/// Kills the program once Slack has carried out a post that `is_it`, and before it has answered.
async fn killed_after_post(world: &World, process: Process, is_it: impl Fn(&Call) -> bool) {
    let mut gate = world.slack.faults().hold_answer("chat.postMessage");
    let held = loop {
        let held = gate.arrived().await.unwrap();
        if is_it(&held.call) {
            break held;
        }
        held.release();
    };
    process.kill().await;
    held.hang_up();
}

/// A new program goes on; everything must be there once.
async fn goes_on(mut world: World, id: RequestId) {
    world.holds_run_out().await;
    world.start_replica().await;
    world.until_state(id, "done").await;
    leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

fn text_of(call: &Call) -> &str {
    call.args["text"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_card_is_posted_it_finds_the_card_and_does_not_post_it_twice() {
    let mut world = world().await;
    let process = Process::start(&world).await;
    let (asked, ()) = tokio::join!(
        world.slack.slash(ADA, OPS, LINE),
        killed_after_post(&world, process, |call| call.args["channel"] == APPROVALS)
    );
    assert!(asked.unwrap().ok());
    world.holds_run_out().await;
    world.start_replica().await;
    let id = world.newest().await.unwrap();
    let card = world.until_card_shows(id, "approve").await;
    assert_eq!(world.slack.messages(APPROVALS).len(), 1);
    leftovers::check(&world).await;
    every_message_stands_once(&world).await;
    assert_eq!(world.card(id).await.ts, card.ts);
    world.approve(GRACE, id).await;
    world.until_state(id, "done").await;
    leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_an_audit_entry_is_posted_it_finds_the_entry_and_does_not_post_it_twice() {
    let world = world().await;
    let process = Process::start(&world).await;
    let (asked, ()) = tokio::join!(
        world.slack.slash(ADA, OPS, LINE),
        killed_after_post(&world, process, |call| {
            call.args["channel"] == AUDIT && call.args["thread_ts"].is_string()
        })
    );
    assert!(asked.unwrap().ok());
    let id = world.newest().await.unwrap();
    let process = Process::start(&world).await;
    world.holds_run_out().await;
    world.approve(GRACE, id).await;
    world.until_state(id, "done").await;
    process.kill().await;
    goes_on(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_requester_is_told_it_does_not_tell_them_twice() {
    let world = world().await;
    let process = Process::start(&world).await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    killed_after_post(&world, process, |call| {
        let channel = call.args["channel"].as_str().unwrap_or_default();
        channel.starts_with('D') && text_of(call).contains("OPS-1001")
    })
    .await;
    goes_on(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_s3_deletes_it_deletes_after_the_restart() {
    let world = world().await;
    let process = Process::start(&world).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    gate.arrived().await;
    process.kill().await;
    gate.drop_connections();
    goes_on(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_s3_deleted_it_repeats_the_step_and_counts_the_same() {
    let world = world().await;
    let process = Process::start(&world).await;
    let gate = world.s3.faults().hold_answers("DeleteObjects");
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    gate.arrived().await;
    process.kill().await;
    gate.drop_connections();
    goes_on(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_of_a_dead_program_that_arrives_late_does_no_harm() {
    let mut world = world().await;
    let process = Process::start(&world).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    gate.arrived().await;
    process.kill().await;
    world.holds_run_out().await;
    world.start_replica().await;
    // Both calls stand at the gate now: the dead program's and its successor's.
    gate.arrivals(2).await;
    gate.release();
    world.until_state(id, "done").await;
    leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

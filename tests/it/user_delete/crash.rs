//! The program is killed at every boundary between an effect and its entry in the journal, and a new one goes on.

use std::ops::RangeInclusive;

use countersign::domain::event::StepResult;
use futures::StreamExt;

use crate::support::{
    Options, World,
    boundary::Boundary,
    once::{maria_is_erased_once, results},
    process::Process,
    story::*,
};

/// Worlds that run side by side.
const AT_ONCE: usize = 4;
/// Entries of an undisturbed erasure, from "asked" to "run succeeded".
const ENTRIES: usize = 24;

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_any_entry_up_to_the_approval_it_goes_on_and_does_everything_once() {
    killed_before_each_of(1..=4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_any_entry_of_the_hold_and_the_first_steps_it_goes_on_and_does_everything_once()
 {
    killed_before_each_of(5..=11).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_any_entry_about_rows_and_files_it_goes_on_and_does_everything_once() {
    killed_before_each_of(12..=17).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_any_entry_up_to_the_last_it_goes_on_and_does_everything_once() {
    killed_before_each_of(18..=24).await;
}

async fn killed_before_each_of(entries: RangeInclusive<i64>) {
    let undisturbed = undisturbed().await;
    futures::stream::iter(entries)
        .for_each_concurrent(AT_ONCE, |version| killed_before(version, &undisturbed))
        .await;
}

/// What every step gives when nothing goes wrong.
async fn undisturbed() -> Vec<(String, StepResult)> {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(world.event_names(id).await.len(), ENTRIES);
    let results = results(&world, id).await;
    world.finish().await;
    comparable(results)
}

/// The certificate holds times and is looked at by itself.
fn comparable(mut results: Vec<(String, StepResult)>) -> Vec<(String, StepResult)> {
    for (_, result) in &mut results {
        result.remove("certificate");
    }
    results
}

/// Kills the program while it writes the entry with this number, which is lost with everything in its
/// transaction; what the step did outside of it is there.
async fn killed_before(version: i64, undisturbed: &[(String, StepResult)]) {
    let options = Options::default().with("COUNTERSIGN_COOLING_OFF", "1s");
    let mut world = World::without_service(options).await;
    let mut process = Process::start(&world).await;
    let boundary = Boundary::at(&world, &format!("new.version = {version}")).await;
    let mut boundary = Some(boundary);
    if version <= 2 {
        let delivery = world.slack.slash(ADA, OPS, LINE).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        process = killed_at(&world, process, boundary.take()).await;
    } else {
        world.ask_for_maria().await;
    }
    let id = world
        .until("the request", async |world| world.newest().await)
        .await;
    world.approve(GRACE, id).await;
    if boundary.is_some() {
        process = killed_at(&world, process, boundary.take()).await;
    }
    world.until_state(id, "done").await;
    // The rest is delivered by one that need not keep Slack's pace.
    process.kill().await;
    world.holds_run_out().await;
    world.start_replica().await;
    crate::support::leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    assert_eq!(comparable(results(&world, id).await), undisturbed);
    world.finish().await;
}

async fn killed_at(world: &World, process: Process, boundary: Option<Boundary>) -> Process {
    let boundary = boundary.expect("a boundary");
    boundary.reached(world).await;
    process.kill().await;
    boundary.roll_back(world).await;
    world.holds_run_out().await;
    Process::start(world).await
}

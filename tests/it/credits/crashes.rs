//! The program dies between an effect and its entry in the journal.

use super::{asked, credits_of, events_of};
use crate::support::{
    Options, World, boundary::Boundary, once::results, process::Process, story::*,
};

/// Kills the program while it writes an event, and lets another one go on.
async fn killed_before(event: &str, line: &str, credits: i32) {
    let mut world = World::without_service(Options::default()).await;
    let process = Process::start(&world).await;
    let boundary = Boundary::at(&world, &format!("new.name = '{event}'")).await;
    let id = asked(&world, OLGA, line).await;
    boundary.reached(&world).await;
    process.kill().await;
    boundary.roll_back(&world).await;
    world.holds_run_out().await;
    world.start_replica().await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(credits));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    let marks = "select count(*) from countersign.applied_step";
    assert_eq!(world.count(marks).await, 1);
    let results = results(&world, id).await;
    assert_eq!(results[0].1["credits"], format!("12 → {credits}"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_whose_entry_was_lost_is_not_made_again() {
    killed_before("step_succeeded", "/ops credits add usr_1 10 pi_1 paid", 22).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_whose_plan_was_lost_is_planned_again_and_keeps_its_payment() {
    killed_before("planned", "/ops credits add usr_1 10 pi_1 paid", 22).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_whose_entry_was_lost_is_not_made_again() {
    killed_before("step_succeeded", "/ops credits remove usr_1 5 refunded", 7).await;
}

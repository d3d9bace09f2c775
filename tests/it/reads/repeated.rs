//! The program, or the store, goes in the middle: between the look and its entry in the journal.

use super::{all, answered_once, world};
use crate::support::{boundary::Boundary, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_between_the_look_and_its_entry_every_read_is_told_once() {
    let (mut world, first) = world().await;
    for line in all() {
        let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
        let id = world.ask_freely(ADA, line).await;
        world.crash_after_effect(boundary).await;
        answered_once(&world, id).await;
    }
    world.until_state(first, "cancelled").await;
    let cancelled = world.event_names(first).await;
    assert_eq!(cancelled, ["asked", "planned", "cancelled"]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_store_breaks_off_between_the_look_and_its_entry_every_read_is_told_once() {
    let (world, first) = world().await;
    for line in all() {
        let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
        let id = world.ask_freely(ADA, line).await;
        boundary.reached(&world).await;
        boundary.roll_back(&world).await;
        answered_once(&world, id).await;
    }
    world.until_state(first, "cancelled").await;
    world.finish().await;
}

//! A crash at each boundary of what is confirmed.

use super::{LINE, credits, times};
use crate::support::{World, boundary::Boundary, once::results, story::*};

/// The service dies while it writes one event, and another one goes on.
async fn crash_at(event: &str) {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, &format!("new.name = '{event}'")).await;
    let id = world.asks(OLGA, LINE).await;
    boundary.reached(&world).await;
    world.crash().await;
    boundary.roll_back(&world).await;
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(times(&world, id, "confirmed").await, 1, "{event}");
    assert_eq!(results(&world, id).await.len(), 1, "{event}");
    assert_eq!(credits(&world).await, 22, "{event}");
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_to_confirm_that_was_lost_is_worked_out_again() {
    crash_at("planned").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_was_clicked_is_not_lost() {
    crash_at("confirmed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_begins_after_a_crash() {
    crash_at("run_started").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_has_its_effect_once() {
    crash_at("step_succeeded").await;
}

//! What a read looks at does not answer for a while: it is asked again, and the person is answered once.

use std::time::Duration;

use countersign_sandbox::{slack, stripe};

use super::{answered_once, world};
use crate::support::{World, boundary::Boundary, story::*};

/// What is looked up in the app's database or beside it, without Stripe.
const OF_THE_APP: &[&str] = &[
    "/ops user show usr_10",
    "/ops user activity usr_10",
    "/ops admins review",
    "/ops db connections",
    "/ops stats users",
    "/ops stats revenue",
];
const LOCK: &str = r#"lock table "User", "TestSession", "Subscription", countersign.pool_sample in access exclusive mode"#;
const AT_STRIPE: &[&str] = &[
    "/ops payment find maria@example.com",
    "/ops stats revenue",
    "/ops stripe review",
];
const ABOUT_PEOPLE: &[&str] = &["/ops whoami", "/ops cancel OPS-1001"];
/// Longer than what is known of people is used.
const AGES: Duration = Duration::from_secs(6 * 60);

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_the_database_breaks_off_is_made_again_and_told_once() {
    let world = World::start().await;
    for line in OF_THE_APP {
        let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
        let id = world.ask_freely(ADA, line).await;
        let app = world.cut_off_at(boundary, id, LOCK).await;
        app.rollback().await.unwrap();
        answered_once(&world, id).await;
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_is_down_the_look_is_made_again_and_told_once() {
    let (world, first) = world().await;
    for line in AT_STRIPE {
        let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
        let id = world.ask_freely(ADA, line).await;
        boundary.reached(&world).await;
        let faults = world.stripe.faults();
        faults.set_outage(stripe::Outage::Unavailable);
        boundary.open().await;
        world.until_event(id, "step_deferred", 1).await;
        faults.set_outage(stripe::Outage::Off);
        answered_once(&world, id).await;
    }
    assert!(world.click(ADA, first, "cancel").await.ok());
    world.until_state(first, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_can_say_who_people_are_the_look_is_made_again_and_told_once() {
    let (world, first) = world().await;
    for line in ABOUT_PEOPLE {
        let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
        let id = world.ask_freely(ADA, line).await;
        boundary.reached(&world).await;
        let faults = world.slack.faults();
        faults.set_outage(slack::Outage::Unavailable);
        world.clock.advance(AGES);
        boundary.open().await;
        world.until_event(id, "step_deferred", 1).await;
        faults.set_outage(slack::Outage::Off);
        answered_once(&world, id).await;
    }
    world.until_state(first, "cancelled").await;
    world.finish().await;
}

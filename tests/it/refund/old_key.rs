//! A key that Stripe may have forgotten is never sent again: a day later the same call would be a second refund.

use std::time::Duration;

use countersign_sandbox::stripe::{ANY_OPERATION, Failure, Outage, Times};

use super::*;

const SEND: &str = "POST /v1/refunds";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Stripe goes away right after the first try, and comes back a day later.
async fn a_day_without_stripe(world: &World, first_try: Failure) -> RequestId {
    let faults = world.stripe.faults();
    let gate = faults.hold(SEND);
    faults.fail(SEND, first_try, Times::First(1));
    let id = approved(world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    faults.fail("GET /v1/refunds", Failure::ErrorBefore, Times::UntilCleared);
    gate.release();
    world.until_event(id, "step_deferred", 1).await;
    world.clock.advance(DAY);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_made_is_found_by_what_is_written_in_it() {
    let world = shop().await;
    let id = a_day_without_stripe(&world, Failure::LostAnswer).await;
    world.stripe.faults().clear();
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_was_not_made_is_given_up_and_the_credits_come_back() {
    let world = shop().await;
    let id = a_day_without_stripe(&world, Failure::ErrorBefore).await;
    world.stripe.faults().clear();
    world.hurry_until_state(id, "failed").await;
    world.hurry_until_delivered().await;
    world.until_card_says(id, "too old to be sent again").await;
    assert!(refunds_of(&world, PRO).is_empty());
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_may_have_been_made_by_somebody_else_asks_a_person() {
    let world = shop().await;
    let id = a_day_without_stripe(&world, Failure::ErrorBefore).await;
    let intent = world.stripe.account().intents.get(PRO).cloned().unwrap();
    let charge = intent.latest_charge.unwrap();
    world.stripe.refund_at_dashboard(&charge, None).unwrap();
    world.stripe.faults().clear();
    world.hurry_until_state(id, "indeterminate").await;
    world.hurry_until_delivered().await;
    world
        .until_card_says(id, "look in Stripe whose it is")
        .await;
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_half_a_day_is_waited_out_under_the_same_key() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::LostAnswer, Times::First(1));
    world.cool_off().await;
    world.until_event(id, "step_deferred", 1).await;
    faults.set_outage(Outage::Unavailable);
    faults.fail(ANY_OPERATION, Failure::ErrorBefore, Times::First(1));
    world.clock.advance(DAY / 2);
    world
        .hurry_until("some tries", async |world| {
            let names = world.event_names(id).await;
            let tries = names.iter().filter(|name| *name == "step_deferred").count();
            (tries >= 3).then_some(())
        })
        .await;
    world.stripe.faults().clear();
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    world.finish().await;
}

//! Somebody refunds by hand, or the payer goes to the bank, between plan and run.

use super::*;
use crate::support::boundary::Boundary;

/// The charge of Maria's payment.
fn charge(world: &World) -> String {
    let intent = world.stripe.account().intents.get(PRO).cloned().unwrap();
    intent.latest_charge.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_at_the_dashboard_voids_the_approval_and_shows_the_new_plan() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world
        .stripe
        .refund_at_dashboard(&charge(&world), Some(400))
        .unwrap();
    world.cool_off().await;
    world.until_state(id, "awaiting approval").await;
    world.until_card_says(id, "4.00 USD → 9.99 USD").await;
    assert_eq!(asked_for(&world), 0);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);

    world.approve_typing(GRACE, id, "5.99 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let amounts: Vec<i64> = refunds_of(&world, PRO).iter().map(|it| it.amount).collect();
    assert_eq!(amounts, [400, 599]);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 6);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_between_plan_and_run_refuses_it() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world
        .stripe
        .dispute(&charge(&world), "fraudulent", "needs_response", None);
    world.cool_off().await;
    world.until_card_says(id, "disputes it at the bank").await;
    assert_eq!(asked_for(&world), 0);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    let state = world.request(id).await.state.word();
    if state == "awaiting approval" {
        world.click(ADA, id, "cancel").await;
        world.until_state(id, "cancelled").await;
    }
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_at_the_dashboard_in_the_last_moment_stops_it_and_the_credits_come_back() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let begun = "new.name = 'step_started' and new.body like '%\"send\"%'";
    let boundary = Boundary::at(&world, begun).await;
    world.cool_off().await;
    boundary.reached(&world).await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world
        .stripe
        .refund_at_dashboard(&charge(&world), Some(400))
        .unwrap();
    boundary.open().await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "4.00 USD are refunded").await;
    world.until_card_says(id, "credits are given back").await;
    assert_eq!(asked_for(&world), 0);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_in_the_last_moment_stops_it_and_the_credits_come_back() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let begun = "new.name = 'step_started' and new.body like '%\"send\"%'";
    let boundary = Boundary::at(&world, begun).await;
    world.cool_off().await;
    boundary.reached(&world).await;
    world
        .stripe
        .dispute(&charge(&world), "fraudulent", "needs_response", None);
    boundary.open().await;
    world.until_state(id, "failed").await;
    world
        .until_card_says(id, "the payer disputes it at the bank")
        .await;
    world
        .until_card_says(id, "The 10 credits are given back")
        .await;
    assert_eq!(asked_for(&world), 0);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_plan_cannot_be_looked_at_again_for_long_is_refused_with_the_reason() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.until_state(id, "cooling off").await;
    world
        .stripe
        .faults()
        .set_outage(countersign_sandbox::stripe::Outage::Unavailable);
    world.cool_off().await;
    world.clock.advance(std::time::Duration::from_secs(31 * 60));
    world.hurry_until_state(id, "refused").await;
    world.until_told(ADA, "Ask again later").await;
    world.stripe.faults().clear();
    assert_eq!(asked_for(&world), 0);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.hurry_until_delivered().await;
    world.finish().await;
}

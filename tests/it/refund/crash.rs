//! The service dies between an effect and its entry in the journal, and a new one goes on.

use super::*;
use crate::support::{boundary::Boundary, once::results};

/// Crashes after a step's effect; everything happens once all the same.
async fn crashed_after(step: &str) {
    let mut world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let after = format!("new.name = 'step_succeeded' and new.body like '%\"{step}\"%'");
    let boundary = Boundary::at(&world, &after).await;
    world.cool_off().await;
    world.crash_after_effect(boundary).await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    results(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_credits_were_taken_they_are_not_taken_again() {
    crashed_after("prepare").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_money_went_it_does_not_go_again() {
    crashed_after("send").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_it_had_settled_it_is_looked_at_again() {
    crashed_after("settle").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_stripe_answers_the_next_one_finds_what_the_dead_one_sent() {
    let mut world = shop().await;
    let gate = world.stripe.faults().hold_answers("POST /v1/refunds");
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    assert_eq!(refunds_of(&world, PRO).len(), 1);
    world.crash().await;
    gate.drop_connections();
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_credits_were_given_back_they_are_not_given_back_again() {
    let mut world = shop().await;
    let intent = world.stripe.account().intents.get(PRO).cloned().unwrap();
    let charge = intent.latest_charge.unwrap();
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let started = Boundary::at(&world, "new.name = 'run_started'").await;
    world.cool_off().await;
    started.reached(&world).await;
    world
        .stripe
        .refund_at_dashboard(&charge, Some(100))
        .unwrap();
    started.open().await;
    world.until_state(id, "failed").await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    let boundary = Boundary::at(&world, "new.name = 'run_failed'").await;
    world.click(LINUS, id, "resume").await;
    world.crash_after_effect(boundary).await;
    world.hurry_until_state(id, "failed").await;
    world.hurry_until_delivered().await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

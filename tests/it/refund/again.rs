//! A refund that is tried again: the payment is looked at before every try, as somebody may have refunded by hand.

use countersign::journal::sealed::RefundRow;
use std::time::Duration;

use super::*;

const SEND: &str = "POST /v1/refunds";
/// Five of the 19.99 USD that Maria paid for 20 credits.
const PART: &str = "pi_maria_credits";
const PART_LINE: &str = "/ops refund pi_maria_credits 5.00 a lesson fell out";

/// The first try never reaches Stripe; something happens before the next one.
async fn lost_on_the_way(world: &World, meanwhile: impl FnOnce(&World)) -> RequestId {
    let gate = world.stripe.faults().hold(SEND);
    let id = approved(world, PART_LINE, "5.00 USD").await;
    gate.arrived().await;
    meanwhile(world);
    gate.drop_connections();
    world.until_event(id, "step_deferred", 1).await;
    id
}

fn refund_by_hand(world: &World, payment: &str, amount: Option<i64>) {
    let charge = charge_of(world, payment);
    world.stripe.refund_at_dashboard(&charge, amount).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_refunded_by_hand_in_the_meantime_is_not_refunded_once_more() {
    let world = shop().await;
    let by_dashboard = |world: &World| refund_by_hand(world, PART, Some(500));
    let id = lost_on_the_way(&world, by_dashboard).await;
    world.hurry_until_state(id, "indeterminate").await;
    // Nobody knows whether the money that is out is ours, so the credits stay taken, and the card says how many.
    let by_hand = by_hand(&world, id, "usr_1", 5).await;
    let card = world.until_card_says(id, &by_hand).await;
    let says = card.all_text();
    assert!(says.contains("5.00 USD are refunded"), "{says}");
    assert!(says.contains("look in Stripe whose it is"), "{says}");
    assert_eq!(refunds_of(&world, PART).len(), 1);

    // Trying again looks again and sends nothing.
    world.click(LINUS, id, "resume").await;
    world
        .hurry_until("it asks a person again", async |world| {
            let names = world.event_names(id).await;
            let times = names.iter().filter(|it| *it == "run_indeterminate").count();
            (times == 2).then_some(())
        })
        .await;
    world.hurry_until_delivered().await;
    assert_eq!(refunds_of(&world, PART).len(), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 5);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_because_somebody_refunded_by_hand_gives_no_credits_back() {
    let world = shop().await;
    let gate = world.stripe.faults().hold(SEND);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    refund_by_hand(&world, PRO, None);
    gate.release();
    world.hurry_until_state(id, "indeterminate").await;
    world
        .until_card_says(id, "look in Stripe whose it is")
        .await;
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    world.until_card_says(id, &by_hand).await;
    world.hurry_until_delivered().await;
    assert_eq!(refunds_of(&world, PRO).len(), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_after_the_first_try_sends_nothing_more_and_a_day_later_the_credits_come_back() {
    let world = shop().await;
    let dispute = |world: &World| {
        let charge = charge_of(world, PART);
        let stripe = &world.stripe;
        stripe.dispute(&charge, "fraudulent", "needs_response", None);
    };
    let id = lost_on_the_way(&world, dispute).await;
    let sent = asked_for(&world);
    world.hurry_until_state(id, "indeterminate").await;
    world
        .until_card_says(id, "the payer disputes it at the bank")
        .await;
    world.hurry_until_delivered().await;
    assert_eq!(asked_for(&world), sent);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 5);

    // By then no try of ours can be under way any more.
    world.clock.advance(Duration::from_secs(25 * 3600));
    world.click(LINUS, id, "resume").await;
    world.hurry_until_state(id, "failed").await;
    world.hurry_until_delivered().await;
    assert_eq!(asked_for(&world), sent);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_else_touched_is_sent_again_under_the_same_key() {
    let world = shop().await;
    let id = lost_on_the_way(&world, |_| {}).await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PART, 500, id);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 5);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_restored_to_before_the_call_finds_the_refund_that_it_made() {
    let mut world = shop().await;
    let gate = world.stripe.faults().hold_answers(SEND);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    world.crash().await;
    gate.drop_connections();
    world
        .run("update countersign.refund set sent_at = null, refund_id = null")
        .await;
    world.seal_again::<RefundRow>().await;
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_ours_over_another_amount_than_was_approved_asks_a_person() {
    let mut world = shop().await;
    let gate = world.stripe.faults().hold_answers(SEND);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    world.crash().await;
    gate.drop_connections();
    world
        .run("update countersign.refund set amount = 400")
        .await;
    world.seal_again::<RefundRow>().await;
    world.start_replica().await;
    world.hurry_until_state(id, "indeterminate").await;
    world
        .until_card_says(id, "Stripe refunded 9.99 USD, 4.00 USD were approved")
        .await;
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    world.until_card_says(id, &by_hand).await;
    world.hurry_until_delivered().await;
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

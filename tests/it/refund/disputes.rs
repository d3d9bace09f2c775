//! Stripe marks a payment as disputed for ever. What counts is how the dispute stands.

use super::*;

/// Maria's payment with a dispute of this status.
async fn disputed(status: &str) -> (World, String) {
    let world = shop().await;
    let charge = charge_of(&world, PRO);
    let dispute = world.stripe.dispute(&charge, "fraudulent", status, None);
    (world, dispute.unwrap())
}

/// It is refunded, and the approver reads how it stands.
async fn goes_back(world: World, says: &str) {
    let id = world.ask(ADA, PRO_LINE).await;
    let card = world.until_card_says(id, says).await.all_text();
    assert!(card.contains("see the warning"), "{card}");
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    only_refund(&world, PRO, 999, id);
    world.finish().await;
}

/// It is refused for this reason.
async fn stays(world: World, why: &str) {
    let says = world.refusal_of(ADA, PRO_LINE).await;
    assert!(says.contains(why), "{says}");
    assert!(says.contains("a refund could pay twice"), "{says}");
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_was_won_is_said_and_is_not_in_the_way() {
    let (world, dispute) = disputed("needs_response").await;
    world.stripe.close_dispute(&dispute, "won");
    goes_back(world, "the dispute was won").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inquiry_is_said_and_is_not_in_the_way() {
    let (world, _) = disputed("warning_needs_response").await;
    goes_back(world, "the payer's bank inquired about it").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_was_lost_has_paid_the_money_back_already() {
    let (world, dispute) = disputed("needs_response").await;
    world.stripe.close_dispute(&dispute, "lost");
    stays(world, "the bank has given the money back").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_inquiry_and_a_dispute_the_dispute_counts() {
    let (world, inquiry) = disputed("warning_needs_response").await;
    world.stripe.close_dispute(&inquiry, "warning_closed");
    let charge = charge_of(&world, PRO);
    world
        .stripe
        .dispute(&charge, "fraudulent", "under_review", None);
    stays(world, "disputes it at the bank").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_the_key_may_not_read_is_in_the_way() {
    let (world, _) = disputed("warning_needs_response").await;
    let rights = [
        "rak_charge_write",
        "rak_payment_intent_read",
        "rak_checkout_session_read",
        "rak_balance_transaction_read",
        "rak_radar_read",
    ];
    let mut key = countersign_sandbox::stripe::Key::restricted(true, &rights);
    key.secret = world.stripe.secret_key();
    world.stripe.set_keys(vec![key]);
    stays(world, "rak_dispute_read").await;
}

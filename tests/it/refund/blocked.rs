//! What is not refunded, and why.

use countersign_sandbox::stripe::Key;

use super::*;

/// Asks, and gives what the requester reads; nothing was asked of Stripe.
async fn refusal(line: &str) -> String {
    let world = shop().await;
    let says = world.refusal_of(ADA, line).await;
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
    says
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disputed_payment_is_left_to_the_dispute() {
    let says = refusal("/ops refund pi_elif she asked for it").await;
    assert!(says.contains("disputes it at the bank"), "{says}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_went_back_already_does_not_go_back_again() {
    let world = shop().await;
    let intent = world.stripe.account().intents.get(PRO).cloned().unwrap();
    let charge = intent.latest_charge.unwrap();
    world.stripe.refund_at_dashboard(&charge, None).unwrap();
    let says = world.refusal_of(ADA, PRO_LINE).await;
    assert!(says.contains("refunded already: 9.99 USD"), "{says}");
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_received_cannot_go_back() {
    let says = refusal("/ops refund pi_other_15 declined").await;
    assert!(says.contains("nothing was received"), "{says}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_is_left_is_refused() {
    let says = refusal("/ops refund pi_tara 15.00 the rest and more").await;
    assert!(
        says.contains("15.00 USD is more than the 14.99 USD that are left"),
        "{says}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_that_the_currency_has_not_got_is_refused_and_not_rounded() {
    let says = refusal("/ops refund pi_keiko 600.50 a lesson fell out").await;
    assert!(says.contains("JPY has 0 decimals"), "{says}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_stripe_does_not_have_is_said_to_be_none() {
    let says = refusal("/ops refund pi_nobody whose is it").await;
    assert!(says.contains("Stripe has no pi_nobody"), "{says}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_it_is_said_which_setting_is_missing() {
    let world = World::start().await;
    let says = world.refusal_of(ADA, PRO_LINE).await;
    assert!(says.contains("set STRIPE_SECRET_KEY"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_amount_has_to_be_typed_exactly() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    let view = world.open_modal(GRACE, id, "approve").await;
    world.submit(GRACE, &view, "19.99 USD").await;
    world.clock.advance(std::time::Duration::from_secs(5));
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_the_right_to_refund_stops_it_and_the_credits_come_back() {
    let world = shop().await;
    let id = world.ask(ADA, PRO_LINE).await;
    let mut key = Key::restricted(
        true,
        &[
            "rak_charge_read",
            "rak_payment_intent_read",
            "rak_checkout_session_read",
            "rak_balance_transaction_source_read",
            "rak_radar_read",
        ],
    );
    key.secret = world.stripe.secret_key();
    world.approve_typing(GRACE, id, PRO_ALL).await;
    world.stripe.set_keys(vec![key]);
    world.cool_off().await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "lacks the permission rak_").await;
    world
        .until_card_says(id, "The 10 credits are given back")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert!(refunds_of(&world, PRO).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_which_the_network_warned_is_shown_with_the_warning() {
    let world = shop().await;
    let id = world.ask(ADA, "/ops refund pi_umar it was not him").await;
    world
        .until_card_says(id, "may be fraud (made_with_stolen_card)")
        .await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

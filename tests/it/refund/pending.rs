//! A refund that Stripe has and has not settled: followed, for days if need be.

use std::time::Duration;

use countersign_sandbox::stripe::{Key, NewRefunds, Settlement};

use super::*;

/// Approved and sent; Stripe has it and it is pending.
async fn sent(world: &World, what: NewRefunds) -> (RequestId, Refund) {
    world.stripe.set_new_refunds(what);
    let id = approved(world, PRO_LINE, PRO_ALL).await;
    world.until_card_says(id, "has not settled it yet").await;
    (id, only_refund(world, PRO, 999, id))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_refund_is_done_when_the_webhook_says_so() {
    let world = shop().await;
    let (id, refund) = sent(&world, NewRefunds::Processing).await;
    assert_eq!(world.request(id).await.state.word(), "running");
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    // The clock stands: only the webhook can have had it looked at again.
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    assert_eq!(asked_for(&world), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_fails_days_later_gives_the_credits_back_and_says_so() {
    let world = shop().await;
    let (id, refund) = sent(&world, NewRefunds::Processing).await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.clock.advance(Duration::from_secs(3 * 24 * 3600));
    let failed = Settlement::Failed("lost_or_stolen_card".to_owned());
    world.stripe.settle_refund(&refund.id, &failed);
    world.until_state(id, "failed").await;
    let card = world.until_card_says(id, "lost_or_stolen_card").await;
    let says = card.all_text();
    assert!(says.contains("The 10 credits are given back"), "{says}");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);

    // Trying again changes nothing: this refund is at its end.
    world.click(LINUS, id, "resume").await;
    world.until_event(id, "run_failed", 2).await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert_eq!(asked_for(&world), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_refund_gives_the_credits_back() {
    let world = shop().await;
    let (id, refund) = sent(&world, NewRefunds::WaitForFunds).await;
    world
        .until_card_says(id, "balance at Stripe is too low")
        .await;
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Canceled);
    world.until_state(id, "failed").await;
    world.until_card_says(id, "was canceled").await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_webhook_the_pauses_find_it_out() {
    let world = shop().await;
    world.stripe.hold_webhooks(true);
    let (id, refund) = sent(&world, NewRefunds::Processing).await;
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_while_it_is_followed_is_waited_out_and_never_called_failed() {
    let world = shop().await;
    let (id, refund) = sent(&world, NewRefunds::Processing).await;
    world
        .stripe
        .faults()
        .set_outage(countersign_sandbox::stripe::Outage::CutOff);
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    world.until_card_says(id, "Stripe did not answer").await;
    assert_eq!(world.request(id).await.state.word(), "running");
    world.stripe.faults().clear();
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_changed_while_it_is_followed_is_waited_for() {
    let world = shop().await;
    let (id, refund) = sent(&world, NewRefunds::Processing).await;
    let key = Key {
        secret: world.stripe.secret_key(),
        ..Key::full(true)
    };
    world.stripe.set_keys(vec![Key::full(true)]);
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    world.until_card_says(id, "does not accept the key").await;
    assert_eq!(world.request(id).await.state.word(), "running");
    world.stripe.set_keys(vec![key]);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

/// Whatever Stripe calls it, it is followed until it has ended.
async fn followed(what: NewRefunds, says: &str) {
    let world = shop().await;
    world.stripe.set_new_refunds(what);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.until_card_says(id, says).await;
    let refund = only_refund(&world, PRO, 999, id);
    assert_eq!(world.request(id).await.state.word(), "running");
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    assert_eq!(asked_for(&world), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_for_which_the_payer_has_to_act_is_waited_for() {
    let says = "the payer has to do something";
    followed(NewRefunds::RequiresAction, says).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_a_payment_that_has_not_settled_is_waited_for() {
    let says = "the payment itself has not settled";
    followed(NewRefunds::ChargePending, says).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_is_not_known_is_taken_for_pending_and_said() {
    let says = "`in_transit`, which this version does not know: it is taken for pending";
    followed(NewRefunds::Unheard, says).await;
}

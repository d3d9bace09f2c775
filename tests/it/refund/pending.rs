//! A refund that Stripe has and has not settled: followed, for days if need be.

use std::time::Duration;

use countersign_sandbox::stripe::{NewRefunds, Settlement};

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
async fn a_refund_that_comes_back_after_it_had_succeeded_is_told_once_to_whoever_asked() {
    let world = shop().await;
    let id = refunded(&world, PRO_LINE, PRO_ALL).await;
    let refund = only_refund(&world, PRO, 999, id);
    let failed = Settlement::Failed("expired_or_canceled_card".to_owned());
    world.stripe.settle_refund(&refund.id, &failed);
    let told = world.until_told(ADA, "failed after it had succeeded").await;
    let says = told.all_text();
    assert!(says.contains("expired_or_canceled_card"), "{says}");
    assert!(says.contains("/ops credits add usr_1 10"), "{says}");
    world
        .until("every event is followed", async |world| {
            let open = "select count(*) from countersign.stripe_event where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
    let dm = world.slack.dm(ADA).into_iter();
    let times = dm
        .filter(|message| message.all_text().contains("failed after it had succeeded"))
        .count();
    assert_eq!(times, 1);
    // The request is at its end: nothing changes by itself.
    assert_eq!(world.request(id).await.state.word(), "done");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

//! The call that moves money gets no good answer. However that comes about, the money goes once or not at all.

use countersign_sandbox::stripe::{Failure, Times};

use super::*;

const SEND: &str = "POST /v1/refunds";
const LOOK: &str = "GET /v1/refunds";

/// Lets time pass until the request is done, then looks that the money went once.
async fn ends_well(world: World, id: RequestId) {
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    only_refund(&world, PRO, 999, id);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_after_the_effect_is_found_to_have_had_it() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::ErrorAfter, Times::First(1));
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_after_the_effect_is_found_to_have_had_it() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::LostAnswer, Times::First(1));
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_for_is_not_sent_again_until_it_can() {
    let world = shop().await;
    let faults = world.stripe.faults();
    let gate = faults.hold(SEND);
    faults.fail(SEND, Failure::LostAnswer, Times::First(1));
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    let before = world.stripe.calls_of(LOOK).len();
    faults.fail(LOOK, Failure::ErrorBefore, Times::First(3));
    gate.release();
    world
        .hurry_until("three looks", async |world| {
            (world.stripe.calls_of(LOOK).len() >= before + 3).then_some(())
        })
        .await;
    assert_eq!(asked_for(&world), 1);
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_is_waited_for_as_long_as_it_asks() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::RateLimit(40), Times::First(1));
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.until_card_says(id, "asks for patience").await;
    assert_eq!(asked_for(&world), 1);
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_that_never_ends_ends_the_refund_and_the_credits_come_back() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::RateLimit(1), Times::UntilCleared);
    let begun = countersign::runtime::Clock::now(&*world.clock);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.skip_pauses_until_state(id, "failed").await;
    let card = world.until_card_says(id, "nothing was sent").await;
    let says = card.all_text();
    assert!(says.contains("The 10 credits are given back"), "{says}");
    // However short a wait Stripe asks for, it is left alone for longer and longer.
    let took = countersign::runtime::Clock::now(&*world.clock) - begun;
    assert!(took > chrono::Duration::hours(3), "{took}");
    assert_eq!(keys(&world).len(), 1);
    assert!(refunds_of(&world, PRO).is_empty());
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_timeout_is_tried_again_under_the_same_key() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::LockTimeout, Times::First(2));
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.hurry_until_state(id, "done").await;
    let calls = world.stripe.calls_of(SEND);
    let keys: std::collections::BTreeSet<_> =
        calls.iter().map(|it| it.idempotency_key.clone()).collect();
    assert_eq!((calls.len(), keys.len()), (3, 1));
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_stripe_has_stored_is_never_sent_under_another_key_and_asks_a_person() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::ErrorBefore, Times::First(1));
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.hurry_until_state(id, "indeterminate").await;
    let card = world.until_card_says(id, "not known").await;
    assert!(
        card.all_text().contains("Look at the payment in Stripe"),
        "{}",
        card.all_text()
    );
    let by_hand = by_hand(&world, id, "usr_1", 10).await;
    world.until_card_says(id, &by_hand).await;
    // Nobody knows, so nothing is given back.
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    let keys: std::collections::BTreeSet<_> = world
        .stripe
        .calls_of(SEND)
        .into_iter()
        .map(|it| it.idempotency_key)
        .collect();
    assert_eq!(keys.len(), 1);

    // A day later it is known: Stripe has none, and the key is too old to be sent again.
    world
        .clock
        .advance(std::time::Duration::from_secs(25 * 3600));
    let sent = asked_for(&world);
    world.click(LINUS, id, "resume").await;
    world.hurry_until_state(id, "failed").await;
    world.hurry_until_delivered().await;
    assert_eq!(asked_for(&world), sent);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert!(refunds_of(&world, PRO).is_empty());
    world.finish().await;
}

/// The keys under which Stripe was asked for a refund.
fn keys(world: &World) -> std::collections::BTreeSet<Option<String>> {
    let calls = world.stripe.calls_of(SEND).into_iter();
    calls.map(|call| call.idempotency_key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_too_much_at_once_that_is_final_is_not_tried_again() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::RateLimit(1), Times::UntilCleared);
    faults.advise(SEND, false);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "nothing was refunded").await;
    assert_eq!(asked_for(&world), 1);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_failure_that_is_worth_another_try_is_sent_under_the_same_key() {
    let world = shop().await;
    let faults = world.stripe.faults();
    faults.fail(SEND, Failure::ErrorBefore, Times::First(1));
    faults.advise(SEND, true);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    // More tries than a stored failure would get by itself.
    world
        .hurry_until("seven tries", async |world| {
            (asked_for(world) >= 7).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "running");
    assert_eq!(keys(&world).len(), 1);
    // Without the advice it is what it is: stored, and a person has to look.
    faults.clear();
    world.hurry_until_state(id, "indeterminate").await;
    world.hurry_until_delivered().await;
    assert!(refunds_of(&world, PRO).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_dead_replicas_call_still_holds_ends_as_one_refund() {
    let mut world = shop().await;
    let gate = world.stripe.faults().hold(SEND);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    world.crash().await;
    world.start_replica().await;
    // The first call is still before its effect; the second one meets its key.
    world
        .hurry_until("a conflict", async |world| {
            let calls = world.stripe.calls_of(SEND);
            calls.iter().any(|call| call.status == 409).then_some(())
        })
        .await;
    assert!(refunds_of(&world, PRO).is_empty());
    gate.release();
    world
        .hurry_until("the refund", async |world| {
            (refunds_of(world, PRO).len() == 1).then_some(())
        })
        .await;
    assert_eq!(keys(&world).len(), 1);
    ends_well(world, id).await;
}

/// Something happens to the payment after the last look at it and before the call has its effect.
async fn raced(happens: impl FnOnce(&World, &str)) -> (World, RequestId) {
    let world = shop().await;
    let gate = world.stripe.faults().hold(SEND);
    let id = approved(&world, PRO_LINE, PRO_ALL).await;
    gate.arrived().await;
    happens(&world, &charge_of(&world, PRO));
    gate.release();
    (world, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_after_the_last_look_is_told_by_stripe_and_the_credits_come_back() {
    let dispute = |world: &World, charge: &str| {
        world
            .stripe
            .dispute(charge, "fraudulent", "needs_response", None);
    };
    let (world, id) = raced(dispute).await;
    world.until_state(id, "failed").await;
    let card = world
        .until_card_says(id, "charge_disputed")
        .await
        .all_text();
    assert!(card.contains("nothing was refunded"), "{card}");
    assert!(card.contains("The 10 credits are given back"), "{card}");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    assert_eq!(asked_for(&world), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_by_hand_after_the_last_look_is_told_by_stripe_and_left_to_a_person() {
    let refund = |world: &World, charge: &str| {
        world.stripe.refund_at_dashboard(charge, None).unwrap();
    };
    let (world, id) = raced(refund).await;
    world.hurry_until_state(id, "indeterminate").await;
    let card = world
        .until_card_says(id, "10 credits of usr_1 are taken")
        .await
        .all_text();
    let why = "by no refund that carries this request's id";
    assert!(card.contains(why), "{card}");
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS - 10);
    assert_eq!(asked_for(&world), 1);
    let view = world.open_modal(LINUS, id, "settle").await;
    world.submit(LINUS, &view, "refunded by hand").await;
    world.until_state(id, "settled").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

//! Money that was authorised and never taken is no money that went back.

use countersign_sandbox::stripe::{NewPayment, Settlement};

use super::*;

const PART: &str = "pi_part";
const LINE: &str = "/ops refund pi_part the course was cancelled";

/// 206.75 USD were authorised and 203.00 taken.
async fn partly_captured() -> World {
    let world = shop().await;
    let payment = NewPayment::of(20_675, "usd").named("part").captured(20_300);
    world.stripe.add_payment(payment);
    world
}

/// The amounts that really went back of a payment.
fn went_back(world: &World) -> Vec<i64> {
    let all = refunds_of(world, PART).into_iter();
    let moved = all.filter(|refund| refund.balance_transaction.is_some());
    moved.map(|refund| refund.amount).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_was_taken_of_a_partial_capture_can_go_back() {
    let world = partly_captured().await;
    let id = world.ask(ADA, LINE).await;
    let card = world.card(id).await.all_text();
    assert!(!card.contains("went back before"), "{card}");
    assert!(card.contains("203.00 USD"), "{card}");
    world.approve_typing(GRACE, id, "203.00 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(went_back(&world), [20_300]);
    let says = world.refusal_of(ADA, LINE).await;
    assert!(says.contains("refunded already: 203.00 USD"), "{says}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_was_taken_of_a_partial_capture_can_go_back() {
    let world = partly_captured().await;
    let line = "/ops refund pi_part 203.01 the course was cancelled";
    let says = world.refusal_of(ADA, line).await;
    assert!(
        says.contains("203.01 USD is more than the 203.00 USD that are left"),
        "{says}"
    );
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_refund_of_a_partial_capture_counts_and_the_release_does_not() {
    let world = partly_captured().await;
    let charge = charge_of(&world, PART);
    world
        .stripe
        .refund_at_dashboard(&charge, Some(5_000))
        .unwrap();
    let id = world.ask(ADA, LINE).await;
    let card = world.card(id).await.all_text();
    assert!(
        card.contains("50.00 USD of 203.00 USD went back before"),
        "{card}"
    );
    world.approve_typing(GRACE, id, "153.00 USD").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(went_back(&world), [5_000, 15_300]);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_failed_can_be_made_again() {
    let world = partly_captured().await;
    let charge = charge_of(&world, PART);
    let failed = world.stripe.refund_at_dashboard(&charge, None).unwrap();
    let how = Settlement::Failed("lost_or_stolen_card".to_owned());
    world.stripe.settle_refund(&failed.id, &how);
    let id = world.ask(ADA, LINE).await;
    let card = world.card(id).await.all_text();
    assert!(!card.contains("went back before"), "{card}");
    let plan = world.request(id).await.plan.unwrap().plan;
    assert_eq!(plan.confirm.as_deref(), Some("203.00 USD"));
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_payment_that_was_authorised_and_given_up_nothing_can_go_back() {
    let world = shop().await;
    let payment = NewPayment::of(20_675, "usd").named("part").captured(0);
    world.stripe.add_payment(payment);
    let says = world.refusal_of(ADA, LINE).await;
    let why = "nothing was received: the payment's status is requires_capture";
    assert!(says.contains(why), "{says}");
    world.stripe.cancel_payment(PART);
    let says = world.refusal_of(ADA, LINE).await;
    assert!(says.contains("the payment's status is canceled"), "{says}");
    assert!(!says.contains("went back before"), "{says}");
    assert_eq!(asked_for(&world), 0);
    world.finish().await;
}

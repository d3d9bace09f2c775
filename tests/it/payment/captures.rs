//! What was authorised and never taken, and what the bank has taken.

use countersign_sandbox::stripe::NewPayment;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_partial_capture_is_shown_as_released_and_not_as_refunded() {
    let world = shop().await;
    let part = NewPayment::of(20_675, "usd").named("part").captured(20_300);
    world.stripe.add_payment(part);
    let (id, told) = world
        .ask_and_read(VICTOR, "/ops payment find pi_part")
        .await;
    assert!(told.contains("203.00 USD"), "{told}");
    assert!(told.contains("0.00 USD"), "{told}");
    assert!(told.contains("released, was never"), "{told}");
    assert!(!told.contains("199.25"), "{told}");
    assert_eq!(results(&world, id).await[0].1["refunds"], 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_to_refund_of_a_payment_whose_dispute_was_lost() {
    let world = shop().await;
    let payment = NewPayment::of(1_234, "usd").named("lost");
    let payment = world.stripe.add_payment(payment);
    let dispute = world
        .stripe
        .dispute(&payment.charge, "fraudulent", "needs_response", None)
        .unwrap();
    world.stripe.close_dispute(&dispute, "lost");
    let (_, told) = world
        .ask_and_read(VICTOR, "/ops payment find pi_lost")
        .await;
    let (_, left) = told.split_once("Left to refund").unwrap();
    assert!(
        left.trim_start_matches(['*', '\n', ' '])
            .starts_with("0.00 USD"),
        "{told}"
    );
    world.finish().await;
}

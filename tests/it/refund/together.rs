//! Several refunds at once: of one payment, and of one account.

use super::*;
use crate::support::boundary::Boundary;
use countersign::journal::sealed::RefundRow;

const GUESTS: &str = "pi_stranger";
const FIRST: &str = "/ops refund pi_stranger 5 a lesson fell out";
const SECOND: &str = "/ops refund pi_stranger 5.00 the same lesson";
const FIVE: &str = "5.00 USD";
const AT_AN_END: [&str; 3] = ["done", "failed", "refused"];

/// What each of them has come to, once both have.
async fn ends(world: &World, both: [RequestId; 2]) -> [&'static str; 2] {
    world
        .hurry_until("both are at an end", async |world| {
            let [one, other] = both;
            let one = world.request(one).await.state.word();
            let other = world.request(other).await.state.word();
            let ended = AT_AN_END.contains(&one) && AT_AN_END.contains(&other);
            ended.then_some([one, other])
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_being_refunded_is_not_refunded_by_another_request() {
    let world = shop().await;
    let gate = world.stripe.faults().hold("POST /v1/refunds");
    let id = approved(&world, FIRST, FIVE).await;
    gate.arrived().await;
    let label = world.request(id).await.label();
    let says = world.refusal_of(ADA, SECOND).await;
    assert!(
        says.contains(&format!("{label} refunds this payment already")),
        "{says}"
    );
    gate.release();
    world.until_state(id, "done").await;
    only_refund(&world, GUESTS, 500, id);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_were_approved_and_are_due_in_the_same_second_one_is_sent() {
    let world = shop().await;
    let gate = world.stripe.faults().hold("POST /v1/refunds");
    let first = world.ask(ADA, FIRST).await;
    let second = world.ask(ADA, SECOND).await;
    world.approve_typing(GRACE, first, FIVE).await;
    world.approve_typing(GRACE, second, FIVE).await;
    world.until_state(first, "cooling off").await;
    // Both begin to send at the same moment.
    let begun = "new.name = 'step_started' and new.body like '%\"send\"%'";
    let boundary = Boundary::at(&world, begun).await;
    world.cool_off().await;
    boundary.reached(&world).await;
    boundary.open().await;
    gate.arrived().await;
    let ended = world
        .hurry_until("the other one is at an end", async |world| {
            for (id, other) in [(first, second), (second, first)] {
                if AT_AN_END.contains(&world.request(id).await.state.word()) {
                    return Some((id, other));
                }
            }
            None
        })
        .await;
    gate.release();
    ends(&world, [first, second]).await;
    world.hurry_until_delivered().await;
    only_refund(&world, GUESTS, 500, ended.1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_sent_a_moment_before_stops_the_other_and_its_credits_come_back() {
    let world = shop().await;
    // The other one waits for its approval; that it was sent is written past it.
    let other = world.ask(ADA, FIRST).await;
    let id = world.ask(ADA, PRO_LINE).await;
    world.approve_typing(GRACE, id, PRO_ALL).await;
    let begun = "new.name = 'step_started' and new.body like '%\"send\"%'";
    let boundary = Boundary::at(&world, begun).await;
    world.cool_off().await;
    boundary.reached(&world).await;
    world
        .run(format!(
            "insert into countersign.refund (request_id, idempotency_key, payment, amount, currency, refunded_before,
                                             written_at, sent_at, mac)
             values ('{}', 'other', '{PRO}', 100, 'usd', 0, now() - interval '1 hour', now() - interval '1 hour', '')",
            other.0
        ))
        .await;
    world.seal_again::<RefundRow>().await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    let label = world.request(other).await.label();
    let refunds = format!("{label} refunds this payment");
    world.until_card_says(id, &refunds).await;
    world
        .until_card_says(id, "The 10 credits are given back")
        .await;
    assert_eq!(asked_for(&world), 0);
    assert_eq!(credits_of(&world, "usr_1").await, MARIAS);
    world.click(ADA, other, "cancel").await;
    world.until_state(other, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_payments_of_one_account_go_back_beside_each_other() {
    let world = shop().await;
    world
        .run(r#"update "User" set credits = 100 where id = 'usr_1'"#)
        .await;
    let first = world.ask(ADA, PRO_LINE).await;
    let line = "/ops refund pi_maria_credits the microphone never worked";
    let second = world.ask(ADA, line).await;
    world.approve_typing(GRACE, first, PRO_ALL).await;
    world.approve_typing(GRACE, second, "19.99 USD").await;
    world.until_state(first, "cooling off").await;
    world.until_state(second, "cooling off").await;
    world.cool_off().await;
    world.until_state(first, "done").await;
    world.until_state(second, "done").await;
    only_refund(&world, PRO, 999, first);
    only_refund(&world, "pi_maria_credits", 1999, second);
    assert_eq!(credits_of(&world, "usr_1").await, 70);
    world.finish().await;
}

//! Idempotency keys.

use chrono::TimeDelta;
use countersign_sandbox::stripe::{Failure, Times};

use crate::World;

const REFUND: &str = "POST /v1/refunds";

fn refunds(world: &World) -> usize {
    world.stripe.account().refunds.iter().count()
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer() {
    let world = World::start().await;
    let form = format!("charge={}&amount=100", world.payment().charge);
    let first = world.refund(&form, "key").await;
    let second = world.refund(&form, "key").await;
    assert_eq!(first.body, second.body);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(
        second.header("original-request"),
        first.header("request-id")
    );
    assert_ne!(second.header("request-id"), first.header("request-id"));
    assert_eq!(refunds(&world), 1);
}

#[tokio::test]
async fn other_parameters_under_the_same_key_are_refused() {
    let world = World::start().await;
    let charge = world.payment().charge;
    world
        .refund(&format!("charge={charge}&amount=100"), "key")
        .await
        .good();
    let other = world
        .refund(&format!("charge={charge}&amount=200"), "key")
        .await;
    assert_eq!(other.status, 400);
    assert_eq!(other.body["error"]["type"], "idempotency_error");
    assert_eq!(refunds(&world), 1);
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let world = World::start().await;
    let form = format!("charge={}", world.payment().charge);
    let gate = world.stripe.faults().hold_answers(REFUND);
    let (first, second) = tokio::join!(world.refund(&form, "key"), async {
        gate.arrived().await;
        let second = world.refund(&form, "key").await;
        gate.release();
        second
    });
    first.good();
    assert_eq!(second.refusal().0, 409);
    assert_eq!(second.refusal().1, "idempotency_key_in_use");
    assert_eq!(second.header("stripe-should-retry"), Some("true"));
    assert_eq!(refunds(&world), 1);
}

#[tokio::test]
async fn after_a_day_the_same_key_is_a_new_refund() {
    let world = World::start().await;
    let form = format!("charge={}&amount=100", world.payment().charge);
    world.refund(&form, "key").await.good();
    world.clock.advance(TimeDelta::hours(23));
    world.refund(&form, "key").await.good();
    assert_eq!(refunds(&world), 1);
    world.clock.advance(TimeDelta::hours(2));
    world.refund(&form, "key").await.good();
    assert_eq!(refunds(&world), 2);
}

#[tokio::test]
async fn an_error_of_stripe_is_saved_whether_the_effect_is_there_or_not() {
    for (failure, effects) in [(Failure::ErrorBefore, 0), (Failure::ErrorAfter, 1)] {
        let world = World::start().await;
        let form = format!("charge={}", world.payment().charge);
        world.stripe.faults().fail(REFUND, failure, Times::First(1));
        assert_eq!(world.refund(&form, "key").await.status, 500);
        let again = world.refund(&form, "key").await;
        assert_eq!(again.status, 500);
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.header("stripe-should-retry"), Some("false"));
        assert_eq!(refunds(&world), effects);
    }
}

#[tokio::test]
async fn what_is_refused_before_it_began_is_not_saved() {
    let world = World::start().await;
    let payment = world.payment();
    let unknown = format!("charge={}&surprise=1", payment.charge);
    assert_eq!(world.refund(&unknown, "key").await.status, 400);
    world
        .stripe
        .faults()
        .fail(REFUND, Failure::RateLimit(7), Times::First(1));
    let form = format!("charge={}", payment.charge);
    let limited = world.refund(&form, "key").await;
    assert_eq!(limited.status, 429);
    assert_eq!(limited.header("retry-after"), Some("7"));
    assert_eq!(limited.header("stripe-should-retry"), Some("true"));
    world.refund(&form, "key").await.good();
}

#[tokio::test]
async fn a_cut_connection_leaves_the_effect_and_the_saved_answer() {
    let world = World::start().await;
    let form = format!("charge={}", world.payment().charge);
    world
        .stripe
        .faults()
        .fail(REFUND, Failure::LostAnswer, Times::First(1));
    assert!(world.try_post("/v1/refunds", &form, "key").await.is_none());
    assert_eq!(refunds(&world), 1);
    let again = world.refund(&form, "key").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    again.good();
    assert_eq!(refunds(&world), 1);
}

#[tokio::test]
async fn a_connection_cut_before_the_effect_leaves_nothing() {
    let world = World::start().await;
    let form = format!("charge={}", world.payment().charge);
    let gate = world.stripe.faults().hold(REFUND);
    let (first, ()) = tokio::join!(world.try_post("/v1/refunds", &form, "key"), async {
        gate.arrived().await;
        gate.drop_connections();
    });
    assert!(first.is_none());
    assert_eq!(refunds(&world), 0);
    assert!(
        world
            .refund(&form, "key")
            .await
            .header("idempotent-replayed")
            .is_none()
    );
    assert_eq!(refunds(&world), 1);
}

//! `POST /hooks/stripe`: only what Stripe has signed, lately and once, makes a waiting step look again.

use countersign::{domain::RequestId, runtime::Clock};
use countersign_sandbox::stripe::{NewRefunds, Refund, Settlement, sign};
use serde_json::{Value, json};

use crate::support::{Options, World, boundary::Boundary, story::*};

/// A delivery as it arrives.
struct Delivery {
    body: String,
    signature: Option<String>,
}

impl Delivery {
    fn signed(world: &World, secret: &str, at: i64, body: &str) -> Self {
        let at = Clock::now(&*world.clock).timestamp() + at;
        let signature = format!("t={at},v1={}", sign(secret, at, body));
        Self {
            body: body.to_owned(),
            signature: Some(signature),
        }
    }

    /// The status that it is answered with.
    async fn send(&self, world: &World) -> u16 {
        let url = format!("{}/hooks/stripe", world.addresses()[0]);
        let mut request = reqwest::Client::new().post(url).body(self.body.clone());
        if let Some(signature) = &self.signature {
            request = request.header("stripe-signature", signature);
        }
        request.send().await.unwrap().status().as_u16()
    }
}

fn secret(world: &World) -> String {
    world.environment["STRIPE_WEBHOOK_SECRET"].clone()
}

/// A request whose refund is pending. Stripe itself tells nothing of it.
async fn waiting() -> (World, RequestId, Refund) {
    let world = World::with(Options::default().and_stripe()).await;
    world.stripe.set_new_refunds(NewRefunds::Processing);
    world.stripe.hold_webhooks(true);
    let id = world
        .ask(ADA, "/ops refund pi_maria_pro the test was interrupted")
        .await;
    world.approve_typing(GRACE, id, "9.99 USD").await;
    world.cool_off().await;
    world.until_card_says(id, "has not settled it yet").await;
    let refund = world.stripe.account().refunds.iter().last().cloned();
    (world, id, refund.unwrap())
}

/// What Stripe would tell about a refund.
fn told(id: &str, refund: &Refund) -> String {
    let event = json!({
        "id": id, "object": "event", "type": "refund.updated", "livemode": true,
        "data": { "object": refund },
    });
    event.to_string()
}

/// Ends the world with the refund done.
async fn ends(world: World, id: RequestId, refund: &Refund) {
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    world.stripe.hold_webhooks(false);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

/// Events that are on record.
async fn on_record(world: &World) -> i64 {
    world
        .count("select count(*) from countersign.inbox where dedupe_key like 'stripe:evt_told%'")
        .await
}

/// How often the refund was looked at.
fn looks(world: &World) -> usize {
    world.stripe.calls_of("GET /v1/refunds/{id}").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_has_signed_makes_the_step_look_again_at_once() {
    let (world, id, refund) = waiting().await;
    let before = looks(&world);
    let body = told("evt_told1", &refund);
    let delivery = Delivery::signed(&world, &secret(&world), 0, &body);
    assert_eq!(delivery.send(&world).await, 200);
    world
        .until("another look", async |world| {
            (looks(world) > before).then_some(())
        })
        .await;
    // What the event says is not believed: Stripe says that it is pending still.
    world.until_event(id, "step_deferred", 3).await;
    assert_eq!(world.request(id).await.state.word(), "running");
    ends(world, id, &refund).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_delivered_twice_counts_once() {
    let (world, id, refund) = waiting().await;
    let body = told("evt_told1", &refund);
    for at in [0, 1] {
        let delivery = Delivery::signed(&world, &secret(&world), at, &body);
        assert_eq!(delivery.send(&world).await, 200);
    }
    assert_eq!(on_record(&world).await, 1);
    ends(world, id, &refund).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_same_bytes_again_are_refused() {
    let (world, id, refund) = waiting().await;
    let body = told("evt_told1", &refund);
    let delivery = Delivery::signed(&world, &secret(&world), 0, &body);
    assert_eq!(delivery.send(&world).await, 200);
    assert_eq!(delivery.send(&world).await, 401);
    ends(world, id, &refund).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_event_is_refused_and_nothing_follows() {
    let (world, id, refund) = waiting().await;
    let before = looks(&world);
    let body = told("evt_told1", &refund);
    let right = Delivery::signed(&world, &secret(&world), 0, &body);
    let other_body = Delivery {
        body: body.replace("refund.updated", "refund.failed"),
        signature: right.signature.clone(),
    };
    let unsigned = Delivery {
        body: body.clone(),
        signature: None,
    };
    let malformed = Delivery {
        body: body.clone(),
        signature: Some("t=now,v1=zz".to_owned()),
    };
    let others = Delivery::signed(&world, "whsec_somebody_elses", 0, &body);
    for forged in [other_body, unsigned, malformed, others] {
        assert_eq!(forged.send(&world).await, 401);
    }
    assert_eq!(on_record(&world).await, 0);
    assert_eq!(looks(&world), before);
    ends(world, id, &refund).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_event_is_refused_in_both_directions() {
    let (world, id, refund) = waiting().await;
    let body = told("evt_told1", &refund);
    for seconds in [-302, 302] {
        let delivery = Delivery::signed(&world, &secret(&world), seconds, &body);
        assert_eq!(delivery.send(&world).await, 401, "{seconds}");
    }
    for seconds in [-298, 298] {
        let delivery = Delivery::signed(&world, &secret(&world), seconds, &body);
        assert_eq!(delivery.send(&world).await, 200, "{seconds}");
    }
    ends(world, id, &refund).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_of_several_signatures_may_fit_while_the_secret_is_rolled() {
    let (world, id, refund) = waiting().await;
    let body = told("evt_told1", &refund);
    let new = Delivery::signed(&world, "whsec_the_next_one", 0, &body);
    let old = Delivery::signed(&world, &secret(&world), 0, &body);
    let (new, old) = (new.signature.unwrap(), old.signature.unwrap());
    let (time, old) = old.split_once(',').unwrap();
    let (_, new) = new.split_once(',').unwrap();
    let both = Delivery {
        signature: Some(format!("{time},{new},{old},v0=00")),
        body,
    };
    assert_eq!(both.send(&world).await, 200);
    ends(world, id, &refund).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_before_it_is_verified() {
    let world = World::with(Options::default().and_stripe()).await;
    let body = "a".repeat(countersign::config::limits::BODY_BYTES + 1);
    let delivery = Delivery::signed(&world, &secret(&world), 0, &body);
    assert_eq!(delivery.send(&world).await, 413);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_and_no_event_is_refused() {
    let world = World::with(Options::default().and_stripe()).await;
    let delivery = Delivery::signed(&world, &secret(&world), 0, "[]");
    assert_eq!(delivery.send(&world).await, 400);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_somebody_made_at_the_dashboard_concerns_nobody_here() {
    let world = World::with(Options::default().and_stripe()).await;
    let object: Value = json!({ "id": "re_1", "object": "refund", "metadata": {
        "countersign_request": countersign::runtime::new_id() } });
    let body = json!({ "id": "evt_told1", "type": "refund.failed", "data": { "object": object } });
    let delivery = Delivery::signed(&world, &secret(&world), 0, &body.to_string());
    assert_eq!(delivery.send(&world).await, 200);
    world
        .until("the event is processed", async |world| {
            let done = "select count(*) from countersign.inbox where done_at is not null";
            (world.count(done).await == 1).then_some(())
        })
        .await;
    assert_eq!(on_record(&world).await, 1);
    assert_eq!(looks(&world), 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_every_delivery_is_refused_and_may_come_again() {
    let world = World::start().await;
    let delivery = Delivery::signed(&world, "", 0, "{}");
    assert_eq!(delivery.send(&world).await, 503);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_tells_while_the_service_is_down_comes_again_and_is_taken() {
    let (mut world, id, refund) = waiting().await;
    world.stop().await;
    world.stripe.hold_webhooks(false);
    world
        .stripe
        .settle_refund(&refund.id, &Settlement::Succeeded);
    let tried = |world: &World, taken: bool| {
        let all = world.stripe.deliveries();
        all.iter().any(|one| (one.outcome == Ok(200)) == taken)
    };
    world
        .until("a delivery that nobody took", async |world| {
            tried(world, false).then_some(())
        })
        .await;
    world.start_replica().await;
    world
        .hurry_until("the same delivered again and taken", async |world| {
            tried(world, true).then_some(())
        })
        .await;
    world.hurry_until_state(id, "done").await;
    let open = "select count(*) from countersign.inbox where done_at is null";
    world
        .hurry_until("what was told is processed", async |world| {
            (world.count(open).await == 0).then_some(())
        })
        .await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_on_record_is_followed_after_a_crash() {
    let (mut world, id, refund) = waiting().await;
    let boundary = Boundary::at(&world, "new.name = 'step_deferred'").await;
    let before = looks(&world);
    let body = told("evt_told1", &refund);
    let delivery = Delivery::signed(&world, &secret(&world), 0, &body);
    assert_eq!(delivery.send(&world).await, 200);
    world.crash_after_effect(boundary).await;
    let open = "select count(*) from countersign.inbox where done_at is null";
    world
        .hurry_until("the event is followed", async |world| {
            let done = world.count(open).await == 0;
            (done && looks(world) > before).then_some(())
        })
        .await;
    assert_eq!(on_record(&world).await, 1);
    ends(world, id, &refund).await;
}

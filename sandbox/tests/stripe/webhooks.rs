//! Events, their signatures, and deliveries that fail.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU16, Ordering},
};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use chrono::TimeDelta;
use countersign_sandbox::stripe::{NewPayment, Reach, sign};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::World;

/// An application that takes webhooks.
#[derive(Clone, Default)]
struct App {
    status: Arc<AtomicU16>,
    got: Arc<Mutex<Vec<(String, String)>>>,
}

impl App {
    async fn start() -> (Self, Reach) {
        let app = Self::default();
        app.status.store(200, Ordering::SeqCst);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hooks", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/hooks", post(take))
            .with_state(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (app, Reach::Address(address))
    }

    fn got(&self) -> Vec<(String, String)> {
        self.got.lock().unwrap().clone()
    }

    fn kinds(&self) -> Vec<String> {
        let kind = |(_, body): (String, String)| {
            let event: Value = serde_json::from_str(&body).unwrap();
            event["type"].as_str().unwrap().to_owned()
        };
        let mut kinds: Vec<_> = self.got().into_iter().map(kind).collect();
        kinds.sort();
        kinds
    }
}

async fn take(State(app): State<App>, headers: HeaderMap, body: String) -> StatusCode {
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    app.got.lock().unwrap().push((signature, body));
    StatusCode::from_u16(app.status.load(Ordering::SeqCst)).unwrap()
}

#[tokio::test]
async fn events_go_out_signed_to_whoever_wants_them() {
    let world = World::start().await;
    let (app, reach) = App::start().await;
    let wanted = ["refund.created", "charge.refunded"];
    let (_, secret) = world
        .stripe
        .add_endpoint("https://ops.example/hooks", &wanted, reach);
    let payment = world.payment();
    world
        .refund(&format!("charge={}", payment.charge), "key")
        .await
        .good();
    world
        .until("two events", |_| (app.got().len() == 2).then_some(()))
        .await;
    assert_eq!(app.kinds(), ["charge.refunded", "refund.created"]);
    for (signature, body) in app.got() {
        let (time, given) = signature.split_once(",v1=").unwrap();
        let time: i64 = time.strip_prefix("t=").unwrap().parse().unwrap();
        assert_eq!(given, sign(&secret, time, &body));
    }
    let delivered = |stripe: &countersign_sandbox::stripe::Stripe| {
        let account = stripe.account();
        let open = account
            .events
            .iter()
            .any(|event| event.pending_webhooks > 0);
        (!open).then_some(())
    };
    world.until("all deliveries are noted", delivered).await;
}

#[tokio::test]
async fn while_a_secret_is_rolled_both_sign() {
    let world = World::start().await;
    let (app, reach) = App::start().await;
    let (endpoint, old) = world
        .stripe
        .add_endpoint("https://ops.example/", &["*"], reach);
    let until = world.now() + TimeDelta::hours(1);
    let new = world.stripe.roll_secret(&endpoint, until).unwrap();
    let payment = world.payment();
    let count = |wanted: usize| {
        let app = app.clone();
        move |_: &_| (app.got().len() >= wanted).then(|| app.got()[wanted - 1].clone())
    };
    let (signature, body) = world.until("an event", count(3)).await;
    assert_eq!(signature.matches(",v1=").count(), 2);
    let time: i64 = signature[2..].split(',').next().unwrap().parse().unwrap();
    for secret in [&old, &new] {
        assert!(signature.contains(&sign(secret, time, &body)));
    }
    world.clock.advance(TimeDelta::hours(2));
    world
        .stripe
        .refund_at_dashboard(&payment.charge, None)
        .unwrap();
    let (signature, _) = world.until("one more", count(4)).await;
    assert_eq!(signature.matches(",v1=").count(), 1);
}

#[tokio::test]
async fn a_failed_delivery_is_tried_again_as_time_goes_on() {
    let world = World::start().await;
    let (app, reach) = App::start().await;
    app.status.store(500, Ordering::SeqCst);
    world
        .stripe
        .add_endpoint("https://ops.example/", &["charge.succeeded"], reach);
    world.payment();
    world
        .until("a try", |stripe| stripe.deliveries().first().cloned())
        .await;
    let failed = "/v1/events?delivery_success=false&types[]=charge.succeeded";
    let events = world.get(failed).await;
    assert_eq!(events.body["data"][0]["pending_webhooks"], 1);
    app.status.store(200, Ordering::SeqCst);
    world.clock.advance(TimeDelta::minutes(6));
    world
        .until("another try", |stripe| stripe.deliveries().get(1).cloned())
        .await;
    assert!(world.get(failed).await.ids().is_empty());
    assert_eq!(app.got().len(), 2);
}

#[tokio::test]
async fn payments_of_the_past_are_missed_only_where_the_endpoint_is_broken() {
    let world = World::start().await;
    let (app, reach) = App::start().await;
    world
        .stripe
        .add_endpoint("https://ops.example/", &["*"], reach);
    let broken = Reach::Answers(500);
    world.stripe.add_endpoint(
        "https://ieltseq.com/api/stripe",
        &["charge.succeeded"],
        broken,
    );
    let at = world.now() - TimeDelta::days(3);
    world.stripe.add_payment(NewPayment::of(999, "usd").at(at));
    let failed = world.get("/v1/events?delivery_success=false").await;
    assert_eq!(failed.ids().len(), 1);
    assert_eq!(failed.body["data"][0]["type"], "charge.succeeded");
    assert!(app.got().is_empty());
    world.clock.advance(TimeDelta::days(28));
    assert!(
        world.get("/v1/events").await.ids().is_empty(),
        "kept for 30 days"
    );
}

#[tokio::test]
async fn an_event_can_come_twice_and_can_be_held_back() {
    let world = World::start().await;
    let (app, reach) = App::start().await;
    let wanted = ["charge.succeeded"];
    let (endpoint, _) = world
        .stripe
        .add_endpoint("https://ops.example/", &wanted, reach);
    world.stripe.hold_webhooks(true);
    world.payment();
    assert!(app.got().is_empty());
    world.stripe.hold_webhooks(false);
    world
        .until("the event", |_| (app.got().len() == 1).then_some(()))
        .await;
    world
        .until("its end", |stripe| stripe.deliveries().first().cloned())
        .await;
    let account = world.stripe.account();
    let event = account
        .events
        .iter()
        .find(|event| event.kind == wanted[0])
        .unwrap();
    world.stripe.send_again(&event.id, &endpoint);
    world
        .until("the same event", |_| (app.got().len() == 2).then_some(()))
        .await;
    assert_eq!(app.got()[0].1.lines().nth(1), app.got()[1].1.lines().nth(1));
}

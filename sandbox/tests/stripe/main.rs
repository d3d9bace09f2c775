//! The sandbox's Stripe, called as any client calls it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a step that fails fails its test"
)]

mod idempotency;
mod reading;
mod refunds;
mod strictness;
mod webhooks;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use countersign_sandbox::{
    runtime::{self, Now},
    stripe::{API_VERSION, Key, NewPayment, Payment, Settings, Stripe},
};
use serde_json::Value;

/// How long a test waits for what happens by itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(10);

/// An account, a client for it, and the account's clock.
struct World {
    stripe: Stripe,
    http: reqwest::Client,
    clock: Clock,
}

/// The machine's clock, moved by a number of seconds.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_seconds(), Ordering::SeqCst);
    }

    fn now(&self) -> Now {
        let (machine, moved) = (runtime::system_now(), self.0.clone());
        Arc::new(move || machine() + TimeDelta::seconds(moved.load(Ordering::SeqCst)))
    }
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The answer of a call that works.
    fn good(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// Status, code and message of a refusal.
    fn refusal(&self) -> (u16, &str, &str) {
        let error = &self.body["error"];
        (
            self.status,
            error["code"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default(),
        )
    }

    fn ids(&self) -> Vec<&str> {
        let data = self.body["data"].as_array().expect("a list");
        data.iter().map(|it| it["id"].as_str().unwrap()).collect()
    }
}

impl World {
    async fn start() -> Self {
        let clock = Clock::default();
        let settings = Settings {
            now: clock.now(),
            ..Settings::default()
        };
        let stripe = Stripe::start(settings).await.unwrap();
        Self {
            stripe,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            clock,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()()
    }

    async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(self.url(path));
        self.send(request).await.expect("an answer")
    }

    async fn post(&self, path: &str, form: &str, key: &str) -> Answer {
        self.try_post(path, form, key).await.expect("an answer")
    }

    /// As [`World::post`]; `None` when the connection was cut.
    async fn try_post(&self, path: &str, form: &str, key: &str) -> Option<Answer> {
        let request = self.http.post(self.url(path));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        let request = match key {
            "" => request,
            key => request.header("idempotency-key", key),
        };
        self.send(request).await
    }

    async fn refund(&self, form: &str, key: &str) -> Answer {
        self.post("/v1/refunds", form, key).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Option<Answer> {
        let request = request
            .bearer_auth(self.stripe.secret_key())
            .header("stripe-version", API_VERSION);
        answer(request).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stripe.url())
    }

    /// A payment of 9.99 dollars by a guest.
    fn payment(&self) -> Payment {
        self.stripe
            .add_payment(NewPayment::of(999, "usd").by_guest("hana@example.com", "Hana Sato"))
    }

    fn allow(&self, rights: &[&str]) {
        self.stripe.set_keys(vec![Key::restricted(true, rights)]);
    }

    /// Waits until `look` finds something.
    async fn until<T>(&self, what: &str, look: impl Fn(&Stripe) -> Option<T>) -> T {
        let looking = async {
            let mut every = tokio::time::interval(LOOK);
            loop {
                every.tick().await;
                if let Some(found) = look(&self.stripe) {
                    return found;
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        found.unwrap_or_else(|_| unreachable!("never came: {what}"))
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.json().await.ok()?;
    Some(Answer {
        status,
        headers,
        body,
    })
}

//! Tests of the simulated workspace: what Slack documents, it does.

mod api;
mod app;
mod deliveries;
mod faults;
mod grid;
mod page;
mod response_urls;
mod signature;
mod validation;
mod views;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Settings, Workspace};

/// A clock that tests move.
#[derive(Clone)]
struct Clock(Arc<Mutex<DateTime<Utc>>>);

impl Clock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(
            DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        )))
    }

    fn forward(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }

    fn settings(&self) -> Settings {
        let time = Arc::clone(&self.0);
        Settings {
            now: Arc::new(move || *time.lock().unwrap()),
            ..Settings::default()
        }
    }
}

async fn start(settings: Settings) -> Workspace {
    Workspace::start(settings).await.unwrap()
}

/// Calls a method as slack-morphism does: writing methods by JSON, with the right token.
async fn call(slack: &Workspace, method: &str, body: Value) -> Value {
    let url = format!("{}/{method}", slack.api_url());
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth(slack.bot_token())
        .json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

/// Calls a reading method by GET.
async fn read(slack: &Workspace, method: &str, query: &[(&str, &str)]) -> Value {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    let url = format!("{}/{method}?{query}", slack.api_url());
    let request = reqwest::Client::new()
        .get(url)
        .bearer_auth(slack.bot_token());
    request.send().await.unwrap().json().await.unwrap()
}

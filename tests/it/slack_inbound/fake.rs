use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use countersign::slack::client::{SlackApi, SlackApiSettings};
use http::{HeaderMap, Uri};
use serde_json::Value;
use tokio::net::TcpListener;

pub(super) const TOKEN: &str = "xoxb-very-secret";

/// What is answered to one call.
pub(super) enum Answer {
    Json(Value),
    Limited(&'static str),
    Text(u16, &'static str),
    Hang,
}

/// One call as it came in.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) query: HashMap<String, String>,
    pub(super) body: Value,
    pub(super) authorization: Option<String>,
}

/// A Web API that answers each method with what it was told to, in order; the last answer stays.
#[derive(Clone)]
pub(super) struct FakeSlack {
    pub(super) origin: String,
    script: Arc<Script>,
}

#[derive(Default)]
struct Script {
    answers: Mutex<HashMap<&'static str, VecDeque<Answer>>>,
    calls: Mutex<Vec<Call>>,
}

impl FakeSlack {
    pub(super) async fn start() -> Self {
        let script = Arc::<Script>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, script }
    }

    pub(super) fn will(&self, method: &'static str, answer: Answer) -> &Self {
        let mut answers = self.script.answers.lock().unwrap();
        answers.entry(method).or_default().push_back(answer);
        self
    }

    pub(super) fn says(&self, method: &'static str, json: Value) -> &Self {
        self.will(method, Answer::Json(json))
    }

    /// Forgets what was to be answered to a method.
    pub(super) fn forget(&self, method: &'static str) -> &Self {
        self.script.answers.lock().unwrap().remove(method);
        self
    }

    pub(super) fn calls(&self, method: &str) -> Vec<Call> {
        let calls = self.script.calls.lock().unwrap();
        let of_method = calls.iter().filter(|call| call.method == method);
        of_method.cloned().collect()
    }

    pub(super) fn api(&self) -> SlackApi {
        api(&format!("{}/api/", self.origin), Duration::from_secs(5))
    }

    /// An API that gives up soon, for calls that are never answered.
    pub(super) fn impatient_api(&self) -> SlackApi {
        api(&format!("{}/api", self.origin), Duration::from_millis(50))
    }
}

pub(super) fn api(url: &str, timeout: Duration) -> SlackApi {
    SlackApi::new(SlackApiSettings {
        api_url: url.to_owned(),
        token: TOKEN.to_owned(),
        timeout,
    })
    .unwrap()
}

async fn answer(
    State(script): State<Arc<Script>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let method = uri.path().trim_start_matches("/api/").to_owned();
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let authorization = headers.get("authorization");
    script.calls.lock().unwrap().push(Call {
        method: method.clone(),
        query: query.into_owned().collect(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        authorization: authorization.map(|value| value.to_str().unwrap().to_owned()),
    });
    let hangs = {
        let mut answers = script.answers.lock().unwrap();
        let queue = answers.get_mut(method.as_str());
        let queue = queue.unwrap_or_else(|| panic!("nobody said what {method} answers"));
        match queue.front().unwrap() {
            Answer::Hang => None,
            said => {
                let response = respond(said);
                if queue.len() > 1 {
                    queue.pop_front();
                }
                Some(response)
            }
        }
    };
    match hangs {
        Some(response) => response,
        None => std::future::pending().await,
    }
}

fn respond(answer: &Answer) -> Response {
    match answer {
        Answer::Json(json) => axum::Json(json.clone()).into_response(),
        Answer::Limited(seconds) => (
            http::StatusCode::TOO_MANY_REQUESTS,
            [("retry-after", *seconds)],
            axum::Json(serde_json::json!({"ok": false, "error": "ratelimited"})),
        )
            .into_response(),
        Answer::Text(status, text) => {
            (http::StatusCode::from_u16(*status).unwrap(), *text).into_response()
        }
        Answer::Hang => unreachable!("a call that hangs is not answered"),
    }
}

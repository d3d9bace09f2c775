//! Something between the service and Slack that refuses what it is told to refuse, and passes the rest on.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Options, World};

/// How a call is refused.
#[derive(Debug, Clone, Copy)]
pub enum Refusal {
    /// With this HTTP status, as a proxy does.
    Status(u16),
    /// With this code of Slack.
    Code(&'static str),
}

#[derive(Clone)]
pub struct Between {
    slack: String,
    client: reqwest::Client,
    refusals: Arc<Mutex<HashMap<&'static str, Refusal>>>,
}

impl Between {
    /// A world whose service reaches Slack through this.
    pub async fn world() -> (World, Self) {
        let mut world = World::without_service(Options::default()).await;
        let between = Self {
            slack: world.slack.base_url().to_owned(),
            client: reqwest::Client::new(),
            refusals: Arc::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass).with_state(between.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        world.environment.insert("SLACK_API_URL".to_owned(), url);
        world.start_replica().await;
        (world, between)
    }

    /// Refuses every call of a method.
    pub fn refuse(&self, method: &'static str, how: Refusal) {
        self.refusals.lock().unwrap().insert(method, how);
    }

    /// Passes everything on again.
    pub fn lift(&self) {
        self.refusals.lock().unwrap().clear();
    }

    fn refusal(&self, path: &str) -> Option<Refusal> {
        let method = path.trim_start_matches("/api/");
        self.refusals.lock().unwrap().get(method).copied()
    }
}

async fn pass(
    State(between): State<Between>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    match between.refusal(uri.path()) {
        Some(Refusal::Status(status)) => {
            return (StatusCode::from_u16(status).unwrap(), "no").into_response();
        }
        Some(Refusal::Code(code)) => {
            return axum::Json(json!({"ok": false, "error": code})).into_response();
        }
        None => {}
    }
    headers.remove(header::HOST);
    let url = format!("{}{uri}", between.slack);
    let call = between.client.request(method, url);
    // A connection that Slack cuts is cut here as well: the handler's end without an answer would be a 500.
    let Ok(answer) = call.headers(headers).body(body).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, kind) = (
        answer.status(),
        answer.headers()[header::CONTENT_TYPE].clone(),
    );
    let body = answer.bytes().await.unwrap();
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

//! A small app for the workspace to talk to.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::slack::Workspace;

/// What the app received.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Received {
    /// A form field.
    pub(super) fn field(&self, name: &str) -> String {
        let found = form_urlencoded::parse(self.body.as_bytes()).find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// The JSON in the form field `payload`.
    pub(super) fn payload(&self) -> Value {
        serde_json::from_str(&self.field("payload")).unwrap()
    }
}

/// What the app answers next: status, content type, body.
type Answer = (u16, &'static str, String);

#[derive(Clone, Default)]
pub(super) struct App {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl App {
    /// Starts an app that answers 200 with nothing unless told otherwise, and introduces it to the workspace.
    pub(super) async fn start(slack: &Workspace) -> Self {
        let app = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        slack.set_app_url(&format!("http://{}", listener.local_addr().unwrap()));
        let router = Router::new().fallback(answer).with_state(app.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        app
    }

    pub(super) fn next(&self, status: u16, kind: &'static str, body: impl Into<String>) {
        self.answers
            .lock()
            .unwrap()
            .push_back((status, kind, body.into()));
    }

    pub(super) fn next_json(&self, body: &Value) {
        self.next(200, "application/json", body.to_string());
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn answer(State(app): State<App>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    app.received.lock().unwrap().push(Received {
        path: uri.path().to_owned(),
        headers,
        body,
    });
    let (status, kind, body) =
        app.answers
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or((200, "text/plain", String::new()));
    (
        StatusCode::from_u16(status).unwrap(),
        [("content-type", kind)],
        body,
    )
        .into_response()
}

//! One simulated vendor on a local port.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context as _;
use axum::{
    Extension, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::record;
use crate::hosting::{self, HangUp};

/// A vendor's state and its interface.
pub trait Simulated: Send + 'static {
    /// The vendor's name in the descriptions.
    const NAME: &'static str;

    /// Answers one call. A call that no correct client makes is refused with [`Reply::unexpected`].
    fn answer(&mut self, request: &Request) -> Reply;
}

/// A call as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    /// The key, when there is one.
    pub(crate) bearer: Option<String>,
    pub(crate) content_type: Option<String>,
    /// `Null` when there is none, or when it is no JSON.
    pub(crate) body: Value,
}

impl Request {
    /// A parameter of the query.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let mut query = self.query.iter();
        query
            .find(|(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }

    /// The names of parameters that are none of these.
    pub(crate) fn unknown_params(&self, known: &[&str]) -> Vec<String> {
        let names = self.query.iter().map(|(name, _)| name.clone());
        names
            .filter(|name| !known.contains(&name.as_str()))
            .collect()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
    /// Why no correct client makes this call.
    pub(crate) fault: Option<String>,
}

impl Reply {
    pub(crate) fn of(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: vec![],
            body,
            fault: None,
        }
    }

    /// The same for a call that no correct client makes.
    pub(crate) fn unexpected(self, why: impl Into<String>) -> Self {
        Self {
            fault: Some(why.into()),
            ..self
        }
    }
}

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `PATCH /v1/security/firewall/config`
    pub operation: String,
    /// The body; `Null` when there was none.
    pub body: Value,
    /// The status that was answered; 0 when the connection was cut.
    pub status: u16,
}

/// What goes wrong with the next call of an operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// The connection is cut, and nothing was done.
    CutBefore,
    /// The call has its effect, and the connection is cut before the answer.
    CutAfter,
    /// This status with this body, and nothing is done.
    Answers(u16, Value),
    /// The same with a `Retry-After` in seconds.
    Limits(u16, Value, u64),
    /// A good status with text that is no JSON; what was asked for is done.
    Garbage,
}

struct Shared<S> {
    state: Mutex<S>,
    rest: Mutex<Rest>,
    stop: CancellationToken,
    tasks: TaskTracker,
    record: Option<PathBuf>,
}

#[derive(Default)]
struct Rest {
    failures: VecDeque<(String, Failure)>,
    is_away: bool,
    calls: Vec<Call>,
    unexpected: Vec<String>,
}

/// A simulated vendor that is running. Clones are the same vendor.
pub struct Running<S> {
    shared: Arc<Shared<S>>,
    url: String,
}

impl<S> Clone for Running<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            url: self.url.clone(),
        }
    }
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Simulated> Running<S> {
    pub(crate) async fn start(state: S, record: Option<PathBuf>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.with_context(|| format!("cannot listen for {}", S::NAME))?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            rest: Mutex::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            record,
        });
        let router = Router::new()
            .fallback(receive::<S>)
            .with_state(Arc::clone(&shared));
        let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
        shared
            .tasks
            .spawn(hosting::serve(listener, router, stop, tasks));
        Ok(Self { shared, url })
    }

    /// Changes or reads the state.
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        change(&mut held(&self.shared.state))
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Has the next call of an operation (`PATCH /path`) go wrong; several are used up in order.
    pub fn fail(&self, operation: &str, failure: Failure) {
        let mut rest = held(&self.shared.rest);
        rest.failures.push_back((operation.to_owned(), failure));
    }

    /// Cuts every call off from now on, or answers again.
    pub fn set_away(&self, is_away: bool) {
        held(&self.shared.rest).is_away = is_away;
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        held(&self.shared.rest).calls.clone()
    }

    /// The calls of one operation so far.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| call.operation == operation);
        calls
    }

    /// Calls that no correct client makes.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        held(&self.shared.rest).unexpected.clone()
    }
}

async fn receive<S: Simulated>(
    State(shared): State<Arc<Shared<S>>>,
    Extension(hang_up): Extension<HangUp>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = read(&method, &uri, &headers, &body);
    let operation = format!("{method} {}", request.path);
    let failure = {
        let mut rest = held(&shared.rest);
        let at = rest.failures.iter().position(|(of, _)| *of == operation);
        let failure = at
            .and_then(|at| rest.failures.remove(at))
            .map(|(_, failure)| failure);
        if rest.is_away {
            Some(Failure::CutBefore)
        } else {
            failure
        }
    };
    let reply = match &failure {
        Some(Failure::CutBefore) => None,
        Some(Failure::Answers(status, body)) => Some(Reply::of(*status, body.clone())),
        Some(Failure::Limits(status, body, seconds)) => {
            let mut reply = Reply::of(*status, body.clone());
            reply.headers.push(("retry-after", seconds.to_string()));
            Some(reply)
        }
        Some(Failure::CutAfter | Failure::Garbage) | None => {
            let reply = held(&shared.state).answer(&request);
            if let Some(file) = shared.record.as_ref().filter(|_| reply.fault.is_none()) {
                record::add(file, S::NAME, &request, &reply);
            }
            Some(reply)
        }
    };
    let is_cut = matches!(failure, Some(Failure::CutBefore | Failure::CutAfter));
    {
        let mut rest = held(&shared.rest);
        let answered = reply.as_ref().filter(|_| !is_cut);
        rest.calls.push(Call {
            operation: operation.clone(),
            body: request.body.clone(),
            status: answered.map_or(0, |reply| reply.status),
        });
        if let Some(fault) = reply.as_ref().and_then(|reply| reply.fault.clone()) {
            rest.unexpected.push(format!("{operation}: {fault}"));
        }
    }
    match reply {
        Some(reply) if !is_cut => answered(reply, failure == Some(Failure::Garbage)),
        _ => hang_up.now().await,
    }
}

fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Request {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let bearer = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let query = uri.query().unwrap_or_default();
    Request {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        bearer: bearer.map(str::to_owned),
        content_type: text(header::CONTENT_TYPE).map(str::to_owned),
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
    }
}

fn answered(reply: Reply, is_garbage: bool) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (status, body) = match is_garbage {
        true => (StatusCode::OK, "<html>Welcome</html>".to_owned()),
        false => (status, reply.body.to_string()),
    };
    let json = (header::CONTENT_TYPE, "application/json");
    let mut response = (status, [json], body).into_response();
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

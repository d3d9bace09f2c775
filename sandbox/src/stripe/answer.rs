//! What is answered, with the headers that Stripe sends.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

use super::{faults::Failure, idempotency::Saved, refusal::Refusal, settings::API_VERSION};

const SHOULD_RETRY: &str = "stripe-should-retry";

/// An answer before it is sent.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    /// For the record of calls.
    pub(super) error: Option<String>,
    /// No correct client sends such a request.
    pub(super) malformed: bool,
    pub(super) replayed: bool,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(super) fn ok(body: Value, id: &str) -> Self {
        Self {
            status: 200,
            body,
            error: None,
            malformed: false,
            replayed: false,
            headers: vec![("request-id", id.to_owned())],
        }
    }

    pub(super) fn refused(refusal: &Refusal, id: &str) -> Self {
        let mut answer = Self {
            status: refusal.status.as_u16(),
            error: Some(refusal.summary()),
            malformed: refusal.malformed,
            ..Self::ok(refusal.body(id), id)
        };
        // A conflict over a key goes away by itself.
        if refusal.status == StatusCode::CONFLICT {
            answer.headers.push((SHOULD_RETRY, "true".into()));
        }
        answer
    }

    /// Says whether the same call may be made again, when this is a failure.
    pub(super) fn advise(&mut self, retry: bool) {
        if self.status >= 400 {
            self.headers.retain(|(name, _)| *name != SHOULD_RETRY);
            self.headers.push((SHOULD_RETRY, retry.to_string()));
        }
    }

    /// What stands before the API answers; it knows nothing of the API's errors.
    pub(super) fn unavailable(id: &str) -> Self {
        Self {
            status: 503,
            error: Some("outage".into()),
            ..Self::ok(Value::from("upstream connect error"), id)
        }
    }

    /// 429.
    pub(super) fn limited(failure: Failure, id: &str) -> Self {
        let refusal = match failure {
            Failure::LockTimeout => Refusal::limited(
                "lock_timeout",
                "This object cannot be accessed right now because another API request or Stripe process is currently \
                 accessing it.",
            ),
            _ => Refusal::limited("rate_limit", "Request rate limit exceeded."),
        };
        let mut answer = Self::refused(&refusal, id);
        if let Failure::RateLimit(seconds) = failure {
            answer.headers.push(("retry-after", seconds.to_string()));
        }
        answer.headers.push((SHOULD_RETRY, "true".into()));
        answer
    }

    /// A saved answer, given again.
    pub(super) fn replayed(saved: &Saved, id: &str) -> Self {
        let message = saved.body["error"]["message"].as_str();
        let mut answer = Self {
            status: saved.status,
            error: message.map(str::to_owned),
            replayed: true,
            ..Self::ok(saved.body.clone(), id)
        };
        answer.headers.push(("idempotent-replayed", "true".into()));
        answer
            .headers
            .push(("original-request", saved.request.clone()));
        // The same again would be answered the same again.
        if saved.status >= 400 {
            answer.headers.push((SHOULD_RETRY, "false".into()));
        }
        answer
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(format!("{:#}", self.body)));
        // Every status here is one of HTTP's.
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(
            HeaderName::from_static("stripe-version"),
            HeaderValue::from_static(API_VERSION),
        );
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

//! The way of every request of the app: written down, put through the faults that are switched on, carried out.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::Value;

use super::{
    core::{Core, Shared},
    faults::{Lost, Outage},
    gate::Verdict,
};
use crate::hosting::HangUp;

/// An answer of Slack.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Content,
    /// Slack's error code.
    pub(super) error: Option<String>,
    /// Seconds, with 429.
    pub(super) retry_after: Option<u64>,
    /// What was malformed about the request, when something was.
    pub(super) complaint: Option<String>,
}

pub(super) enum Content {
    Json(Value),
    Text(String),
}

impl Reply {
    pub(super) fn json(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body: Content::Json(body),
            error: None,
            retry_after: None,
            complaint: None,
        }
    }

    pub(super) fn text(status: StatusCode, body: &str) -> Self {
        let error = (!status.is_success()).then(|| body.to_owned());
        Self {
            status,
            body: Content::Text(body.to_owned()),
            error,
            retry_after: None,
            complaint: None,
        }
    }

    pub(super) fn rate_limited(seconds: u64) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            body: Content::Json(serde_json::json!({"ok": false, "error": "ratelimited"})),
            error: Some("ratelimited".into()),
            retry_after: Some(seconds),
            complaint: None,
        }
    }
}

/// Takes one request through. `name` is the method, or `response_url`, or `upload`.
pub(super) async fn handle(
    shared: &Shared,
    hang_up: &HangUp,
    name: &str,
    args: Value,
    carry_out: impl FnOnce(&mut Core) -> Reply,
) -> Response {
    let at = shared.change(|core| core.log(name, args));
    let cut = |error: &str| {
        let error = error.to_owned();
        shared.change(|core| core.world.calls[at].error = Some(error));
    };
    match shared.faults.outage() {
        Outage::Off => {}
        Outage::CutOff => {
            cut("outage");
            return hang_up.now().await;
        }
        Outage::Unavailable => {
            return send(
                shared,
                at,
                Reply::text(StatusCode::SERVICE_UNAVAILABLE, "service_unavailable"),
            );
        }
    }
    if !pass(shared, name, at, false).await {
        cut("cut off before it was carried out");
        return hang_up.now().await;
    }
    let reply = match shared.faults.limited(Some(name)) {
        Some(seconds) => Reply::rate_limited(seconds),
        None => shared.change(carry_out),
    };
    let slow = shared.faults.slow();
    if !slow.is_zero() {
        // A slow answer is one that waits for its time, or for the end of the workspace.
        let _ = tokio::time::timeout(slow, shared.stop.cancelled()).await;
    }
    match shared.faults.take_lost(name) {
        None => {}
        Some(Lost::CutOff) => {
            cut("answer lost");
            return hang_up.now().await;
        }
        Some(Lost::Withheld) => {
            cut("answer withheld");
            shared.stop.cancelled().await;
        }
    }
    if !pass(shared, name, at, true).await {
        cut("cut off after it was carried out");
        return hang_up.now().await;
    }
    send(shared, at, reply)
}

async fn pass(shared: &Shared, name: &str, at: usize, after: bool) -> bool {
    let Some(barrier) = shared.faults.barrier(name, after) else {
        return true;
    };
    let call = shared.read(|core| core.world.calls[at].clone());
    barrier.pass(call).await == Verdict::GoOn
}

fn send(shared: &Shared, at: usize, reply: Reply) -> Response {
    shared.change(|core| {
        let call = &mut core.world.calls[at];
        call.status = reply.status.as_u16();
        call.error = reply.error;
        let method = call.method.clone();
        if let Some(complaint) = reply.complaint {
            core.unexpected(format!("{method}: {complaint}"));
        }
    });
    let (kind, text) = match reply.body {
        Content::Json(value) => ("application/json; charset=utf-8", value.to_string()),
        Content::Text(text) => ("text/plain; charset=utf-8", text),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = reply.status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(seconds) = reply.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

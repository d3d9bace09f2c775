//! The way to the app and back.

use super::Outcome;
use crate::slack::{
    core::{Core, Shared},
    faults::Duplicates,
    signing::{Outgoing, sign},
};

/// Slack reads no more of an answer than this.
const ANSWER_MAX: usize = 1_000_000;

/// Sends a request to the app, freshly signed unless it says otherwise.
pub(in crate::slack) async fn post(shared: &Shared, out: &Outgoing) -> Outcome {
    let Some(app) = shared.read(|core| core.app_url.clone()) else {
        return Outcome::Unreachable("the app has no URL yet".into());
    };
    let timestamp = out
        .timestamp
        .unwrap_or_else(|| shared.read(Core::now).timestamp());
    let signature = out
        .signature
        .clone()
        .unwrap_or_else(|| sign(&shared.settings.signing_secret, timestamp, &out.body));
    let mut request = shared.http.post(format!("{app}{}", out.path));
    request = request
        .header("content-type", &out.content_type)
        .header("accept", "application/json,*/*");
    request = request.header("x-slack-request-timestamp", timestamp.to_string());
    if !signature.is_empty() {
        request = request.header("x-slack-signature", signature);
    }
    for (name, value) in &out.headers {
        request = request.header(name, value);
    }
    let exchange = read_answer(request.body(out.body.clone()));
    match tokio::time::timeout(shared.settings.answer_limit, exchange).await {
        Err(_) => Outcome::TimedOut,
        Ok(Err(error)) => Outcome::Unreachable(error.to_string()),
        Ok(Ok(outcome)) => outcome,
    }
}

async fn read_answer(request: reqwest::RequestBuilder) -> anyhow::Result<Outcome> {
    let response = request.send().await?;
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let (status, content_type) = (response.status().as_u16(), header("content-type"));
    let no_retry = header("x-slack-no-retry") == "1";
    let body = response.bytes().await?;
    anyhow::ensure!(body.len() <= ANSWER_MAX, "the answer is too long");
    Ok(Outcome::Answered {
        status,
        content_type,
        body: String::from_utf8_lossy(&body).into_owned(),
        no_retry,
    })
}

/// Sends a click or a command, twice where that is switched on.
pub(super) async fn post_click(shared: &Shared, out: &Outgoing) -> (Outcome, Option<Outcome>) {
    // The second delivery is signed anew, a second later: the very same bytes would be a replay.
    let mut again = out.clone();
    let sent_at = out
        .timestamp
        .unwrap_or_else(|| shared.read(Core::now).timestamp());
    again.timestamp = Some(sent_at + 1);
    match shared.faults.duplicates() {
        Duplicates::Off => (post(shared, out).await, None),
        Duplicates::InTurn => {
            let first = post(shared, out).await;
            (first, Some(post(shared, &again).await))
        }
        Duplicates::AtOnce => {
            let (first, second) = tokio::join!(post(shared, out), post(shared, &again));
            (first, Some(second))
        }
    }
}

/// The error that Slack names for an outcome; `None` for success.
pub(super) fn error_of(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Answered {
            status: 200..=299, ..
        } => None,
        Outcome::Answered {
            status: 400..=499, ..
        } => Some("http_client_error"),
        Outcome::Answered { .. } => Some("http_service_error"),
        Outcome::TimedOut => Some("operation_timeout"),
        Outcome::Unreachable(_) => Some("dispatch_failed"),
    }
}

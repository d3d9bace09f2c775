//! One call: form-encoded out, JSON in, and what a failure means.

use http::{HeaderMap, Method, header::CONTENT_TYPE};
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Stripe,
    error::{Doing, Refusal, StripeError},
};
use crate::{
    systems::http::{self as vendor, NoAnswer, exchange, named, retry_after},
    telemetry::{self, VendorCall},
};

/// The vendor's name in metrics.
const VENDOR: &str = "stripe";

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const SHOULD_RETRY: &str = "stripe-should-retry";
const REPLAYED: &str = "idempotent-replayed";
pub(super) const REQUEST_ID: &str = "request-id";

/// Names and values of a query or a form, in order.
pub(super) type Fields<'a> = [(&'a str, &'a str)];

/// `/v1/refunds/re_1` of `refunds` and `re_1`.
pub(super) fn path(list: &str, id: &str) -> String {
    format!("{list}/{}", vendor::segment(id))
}

impl Stripe {
    /// Reads.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        what: &'static str,
        path: &str,
        query: &Fields<'_>,
    ) -> Result<T, StripeError> {
        let url = match encoded(query) {
            query if query.is_empty() => self.url(path),
            query => format!("{}?{query}", self.url(path)),
        };
        let request = self.http.request(Method::GET, url);
        self.send(what, request, Doing::Reading).await
    }

    /// Changes something, once per key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        what: &'static str,
        path: &str,
        form: &Fields<'_>,
        key: &str,
    ) -> Result<T, StripeError> {
        let request = self
            .http
            .request(Method::POST, self.url(path))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(IDEMPOTENCY_KEY, key)
            .body(encoded(form));
        self.send(what, request, Doing::Writing).await
    }

    /// Deletes something. That is idempotent by itself: there is no key, and a second call finds nothing to delete.
    pub(super) async fn delete<T: DeserializeOwned>(
        &self,
        what: &'static str,
        path: &str,
    ) -> Result<T, StripeError> {
        let request = self.http.request(Method::DELETE, self.url(path));
        self.send(what, request, Doing::Writing).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.base)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        doing: Doing,
    ) -> Result<T, StripeError> {
        let measure = VendorCall::begin(VENDOR, what);
        let answer = self.send_unmeasured(what, request, doing).await;
        if let Err(StripeError::Busy { .. }) = &answer {
            telemetry::rate_limited(VENDOR);
        }
        measure.end(answer.is_ok());
        answer
    }

    async fn send_unmeasured<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        doing: Doing,
    ) -> Result<T, StripeError> {
        let answer = exchange(request).await.map_err(|none| match none {
            NoAnswer::Unreachable => StripeError::Unreachable,
            NoAnswer::Unanswered => StripeError::Unanswered(doing),
        })?;
        let body = answer.body.ok_or(StripeError::Unanswered(doing));
        if !(200..300).contains(&answer.status) {
            let body = body.unwrap_or_default();
            return Err(failure(answer.status, &answer.headers, &body, doing));
        }
        serde_json::from_slice(&body?).map_err(|_| StripeError::Unreadable { what, doing })
    }
}

fn encoded(fields: &Fields<'_>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

#[derive(Deserialize, Default)]
struct Envelope {
    #[serde(default)]
    error: Words,
}

#[derive(Deserialize, Default)]
struct Words {
    #[serde(default, rename = "type")]
    kind: String,
    code: Option<String>,
    param: Option<String>,
    #[serde(default)]
    message: String,
}

/// The header `Stripe-Should-Retry` wins over the status, as in Stripe's own libraries.
fn failure(status: u16, headers: &HeaderMap, body: &[u8], doing: Doing) -> StripeError {
    let header = |name: &str| vendor::header(headers, name);
    let should_retry = header(SHOULD_RETRY).and_then(|value| value.parse::<bool>().ok());
    let replayed = header(REPLAYED) == Some("true");
    let request_id = header(REQUEST_ID).and_then(named);
    let words = serde_json::from_slice::<Envelope>(body)
        .unwrap_or_default()
        .error;
    match status {
        429 if should_retry != Some(false) => StripeError::Busy {
            after: retry_after(headers),
        },
        // Whatever Stripe advises: the call that holds the key may have its effect yet.
        409 => StripeError::UnderWay {
            again: should_retry != Some(false),
        },
        400..=499 if should_retry == Some(true) => StripeError::Busy { after: None },
        400..=499 => StripeError::Refused(Box::new(Refusal {
            status,
            kind: named(&words.kind).unwrap_or_default(),
            code: words.code.as_deref().and_then(named),
            param: words.param.as_deref().and_then(named),
            message: words.message,
            request_id,
        })),
        _ => StripeError::Failing {
            status,
            doing,
            again: should_retry.unwrap_or(!replayed),
            request_id,
        },
    }
}

/// A reason or a status of Stripe's as it may go on record: only what is a code is repeated.
#[must_use]
pub fn as_code(text: &str) -> &str {
    match vendor::is_name(text) {
        true => text,
        false => "not a known code",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::systems::stripe::error::Retry;

    fn of(status: u16, header: &[(&'static str, &'static str)], body: &str) -> StripeError {
        let mut headers = HeaderMap::new();
        for (name, value) in header {
            headers.insert(*name, http::HeaderValue::from_static(value));
        }
        failure(status, &headers, body.as_bytes(), Doing::Writing)
    }

    #[test]
    fn a_rate_limit_names_its_pause_and_a_lock_timeout_is_one_too() {
        let after = Some(Duration::from_secs(3));
        assert_eq!(
            of(429, &[("retry-after", "3")], "").retry(),
            Retry::Harmless { after }
        );
        let body = r#"{"error":{"type":"invalid_request_error","code":"lock_timeout"}}"#;
        assert_eq!(of(429, &[], body).retry(), Retry::Harmless { after: None });
    }

    #[test]
    fn the_header_wins_over_the_status_in_both_directions() {
        let (no, yes) = (
            [("stripe-should-retry", "false")],
            [
                ("stripe-should-retry", "true"),
                ("idempotent-replayed", "true"),
            ],
        );
        assert_eq!(of(429, &no, "").retry(), Retry::Pointless);
        assert_eq!(of(409, &no, "").retry(), Retry::InDoubt { again: false });
        assert_eq!(of(500, &no, "").retry(), Retry::InDoubt { again: false });
        assert_eq!(of(500, &yes, "").retry(), Retry::InDoubt { again: true });
        assert_eq!(of(400, &yes, "").retry(), Retry::Harmless { after: None });
    }

    #[test]
    fn a_failure_that_is_stored_under_its_key_is_not_worth_the_same_call() {
        let again = |error: StripeError| error.retry() == Retry::InDoubt { again: true };
        assert!(again(of(500, &[], "")));
        assert!(again(of(502, &[("stripe-should-retry", "true")], "<html>")));
        assert!(!again(of(500, &[("stripe-should-retry", "false")], "")));
        assert!(!again(of(500, &[("idempotent-replayed", "true")], "")));
        assert!(again(of(409, &[], "")));
    }

    #[test]
    fn a_refusal_keeps_what_stripe_says_of_it() {
        let body = r#"{"error":{"type":"invalid_request_error","code":"charge_disputed","message":"m","param":"charge"}}"#;
        let error = of(400, &[("request-id", "req_9")], body);
        let refusal = error.refusal().expect("a refusal");
        assert_eq!(refusal.code.as_deref(), Some("charge_disputed"));
        assert_eq!(refusal.request_id.as_deref(), Some("req_9"));
        assert_eq!(error.retry(), Retry::Pointless);
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(path("refunds", "../x?y"), "refunds/..%2Fx%3Fy");
    }
}

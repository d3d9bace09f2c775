//! The one client for the HTTP interfaces of vendors: base URL, key, time limits, bounded answers, and what a failure means.
//!
//! Nothing is tried again in here: whoever calls knows what a second call would cost. A [`VendorError`] says whether the same
//! call may be made again ([`Kind`]), and its text holds no key, no body and no word of the vendor's but a code: those words
//! may name people and are kept apart, see [`VendorError::words`].

use std::{fmt, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, InvalidHeaderValue, RETRY_AFTER},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::crypto::{CryptoProvider, ring};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::telemetry::{self, VendorCall};

/// The largest answer that is read, in bytes. A page of a hundred expanded payments stays well below.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;
/// The longest pause that an answer can ask for.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// The longest code or id of a vendor's that is repeated, in bytes.
const NAME_BYTES: usize = 80;
/// What stands unescaped in one segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');

/// Where a vendor is, and how it is asked.
#[derive(Debug, Clone)]
pub struct VendorSettings {
    /// The vendor's name, as people know it.
    pub vendor: &'static str,
    /// The setting that holds the key.
    pub key_setting: &'static str,
    /// The key, sent as a bearer token.
    pub key: String,
    /// The base URL; paths of calls follow it.
    pub base: String,
    /// The header in which the vendor names a call.
    pub request_id: &'static str,
    /// Codes of a 429 that no waiting mends.
    pub final_codes: &'static [&'static str],
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a whole call may take.
    pub timeout: Duration,
}

/// A client of one vendor. Cheap to clone; its `Debug` does not show the key.
#[derive(Debug, Clone)]
pub struct VendorClient {
    http: reqwest::Client,
    vendor: &'static str,
    key_setting: &'static str,
    base: String,
    request_id: &'static str,
    final_codes: &'static [&'static str],
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The key holds what no header can.
    #[error("{setting} cannot be sent in a header")]
    Key {
        setting: &'static str,
        #[source]
        source: InvalidHeaderValue,
    },
    /// TLS cannot be set up.
    #[error("the HTTP client for {vendor} cannot be set up")]
    Http {
        vendor: &'static str,
        #[source]
        source: reqwest::Error,
    },
}

/// Whether a call only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Nothing changes, or what changes does no harm when it is done twice.
    Reading,
    /// Something is to change.
    Writing,
}

#[derive(Debug)]
pub struct Call<'a> {
    /// What it does, as errors say it: `read the firewall`.
    pub what: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below the base URL, with a slash; see [`segment`].
    pub path: &'a str,
    /// Names and values of the query, in order.
    pub query: &'a [(&'a str, &'a str)],
    /// The body, sent as JSON.
    pub body: Option<Value>,
    /// Whether it only reads.
    pub doing: Doing,
}

/// A successful answer.
#[derive(Debug)]
pub struct Answer<T> {
    pub body: T,
    pub headers: HeaderMap,
}

/// What follows from a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing was done, and the same call may succeed.
    Retry,
    /// It may have had its effect: only a look at the effect is safe.
    InDoubt,
    /// Nothing was done, and the same call fails again until somebody changes something.
    Permanent,
}

/// A call that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorError {
    /// What follows from it.
    pub kind: Kind,
    pub vendor: &'static str,
    pub call: &'static str,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The vendor's code or type of the error, when it gave one.
    pub code: Option<String>,
    /// The vendor's name for the call, when it gave one.
    pub request_id: Option<String>,
    /// Not before this time from now, when the vendor said so.
    pub after: Option<Duration>,
    what_happened: String,
    words: Option<String>,
}

impl VendorError {
    /// What the vendor said in its own words: for the person who asked alone. They may repeat what was asked for.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        self.words.as_deref()
    }

    /// Whether the vendor says that there is no such thing.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.status == Some(404)
    }
}

impl fmt::Display for VendorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.vendor, self.what_happened)?;
        let status = self.status.map(|status| format!("status {status}"));
        let call = format!("to {}", self.call);
        let facts = [status, self.code.clone(), self.request_id.clone()];
        let facts = std::iter::once(call).chain(facts.into_iter().flatten());
        write!(f, " ({})", facts.collect::<Vec<_>>().join(", "))
    }
}

impl std::error::Error for VendorError {}

impl VendorClient {
    /// Makes a client. Nothing is asked yet.
    pub fn new(settings: &VendorSettings) -> Result<Self, SetupError> {
        Ok(Self {
            http: client(settings, [])?,
            vendor: settings.vendor,
            key_setting: settings.key_setting,
            base: settings.base.trim_end_matches('/').to_owned(),
            request_id: settings.request_id,
            final_codes: settings.final_codes,
        })
    }

    /// Makes a call and reads its answer as JSON.
    pub async fn call<T: DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<Answer<T>, VendorError> {
        let mut url = format!("{}{}", self.base, call.path);
        if !call.query.is_empty() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            url = format!("{url}?{}", query.extend_pairs(call.query).finish());
        }
        let mut request = self.http.request(call.method.clone(), url);
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let measure = VendorCall::begin(self.vendor, call.what);
        let exchange = exchange(request).await;
        measure.end(exchange.as_ref().is_ok_and(|one| one.status < 400));
        let exchange = exchange.map_err(|none| self.unanswered(&call, none))?;
        if exchange.status == 429 {
            telemetry::rate_limited(self.vendor);
        }
        if !(200..300).contains(&exchange.status) {
            return Err(self.refused(&call, &exchange));
        }
        let Some(body) = exchange.body else {
            return Err(self.unanswered(&call, NoAnswer::Unanswered));
        };
        match serde_json::from_slice(&body) {
            Ok(body) => Ok(Answer {
                body,
                headers: exchange.headers,
            }),
            Err(_) => Err(VendorError {
                status: Some(exchange.status),
                ..self.error(
                    &call,
                    if_writing(&call, Kind::InDoubt, Kind::Permanent),
                    "gave an answer that cannot be understood",
                )
            }),
        }
    }

    fn error(&self, call: &Call<'_>, kind: Kind, says: impl Into<String>) -> VendorError {
        VendorError {
            kind,
            vendor: self.vendor,
            call: call.what,
            status: None,
            code: None,
            request_id: None,
            after: None,
            what_happened: says.into(),
            words: None,
        }
    }

    fn unanswered(&self, call: &Call<'_>, none: NoAnswer) -> VendorError {
        match none {
            NoAnswer::Unreachable => self.error(call, Kind::Retry, "cannot be reached"),
            NoAnswer::Unanswered => self.error(
                call,
                if_writing(call, Kind::InDoubt, Kind::Retry),
                "did not answer",
            ),
        }
    }

    fn refused(&self, call: &Call<'_>, exchange: &Exchange) -> VendorError {
        let status = exchange.status;
        let said = serde_json::from_slice::<Said>(exchange.body.as_deref().unwrap_or_default());
        let said = said.unwrap_or_default().error;
        let code = said.code.as_deref().and_then(named);
        let code = code.or_else(|| said.kind.as_deref().and_then(named));
        let is_final = [&said.code, &said.kind]
            .into_iter()
            .flatten()
            .any(|code| self.final_codes.contains(&code.as_str()));
        let setting = self.key_setting;
        let (kind, says) = match status {
            401 => (
                Kind::Permanent,
                format!("does not accept the key in {setting}: check it, or make a new one"),
            ),
            403 => (
                Kind::Permanent,
                format!("says that the key in {setting} lacks a right"),
            ),
            404 => (
                Kind::Permanent,
                format!("knows no such thing under the key in {setting}"),
            ),
            402 => (Kind::Permanent, "refuses it for its billing".to_owned()),
            429 if is_final => (Kind::Permanent, "refuses it for its billing".to_owned()),
            429 => (Kind::Retry, "asks for fewer calls".to_owned()),
            // Another change is under way there; nothing was done.
            409 | 425 => (Kind::Retry, "is busy with another change".to_owned()),
            300..=499 if status != 408 => (Kind::Permanent, "refused".to_owned()),
            _ => (
                if_writing(call, Kind::InDoubt, Kind::Retry),
                "failed".to_owned(),
            ),
        };
        let request_id = header(&exchange.headers, self.request_id);
        VendorError {
            status: Some(status),
            code,
            request_id: request_id
                .filter(|id| is_name(&id.replace(':', "-")))
                .map(str::to_owned),
            after: retry_after(&exchange.headers),
            words: said.message.filter(|words| !words.trim().is_empty()),
            ..self.error(call, kind, says)
        }
    }
}

fn if_writing(call: &Call<'_>, writing: Kind, reading: Kind) -> Kind {
    match call.doing {
        Doing::Writing => writing,
        Doing::Reading => reading,
    }
}

/// How vendors say what is wrong: `{"error":{"code","type","message"}}`.
#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    error: Words,
}

#[derive(Deserialize, Default)]
struct Words {
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
}

/// An HTTP client that sends the key and `more` with every call and follows no redirect, which could lead the key elsewhere.
pub(super) fn client(
    settings: &VendorSettings,
    more: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
) -> Result<reqwest::Client, SetupError> {
    if CryptoProvider::get_default().is_none() {
        // Losing a race against another installation of the same provider changes nothing.
        let _ = ring::default_provider().install_default();
    }
    let bearer = HeaderValue::from_str(&format!("Bearer {}", settings.key));
    let mut bearer = bearer.map_err(|source| SetupError::Key {
        setting: settings.key_setting,
        source,
    })?;
    bearer.set_sensitive(true);
    let headers: HeaderMap = std::iter::once((AUTHORIZATION, bearer))
        .chain(more)
        .collect();
    reqwest::Client::builder()
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(settings.connect)
        .timeout(settings.timeout)
        .build()
        .map_err(|source| SetupError::Http {
            vendor: settings.vendor,
            source,
        })
}

/// What came back.
pub(super) struct Exchange {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// `None` when it broke off, or is larger than anything that a vendor sends.
    pub(super) body: Option<Vec<u8>>,
}

/// Nothing came back.
#[derive(Debug, Clone, Copy)]
pub(super) enum NoAnswer {
    /// No connection was made: nothing was sent.
    Unreachable,
    /// The connection broke, or the time was over.
    Unanswered,
}

/// Sends a request and reads its answer within the limit.
pub(super) async fn exchange(request: reqwest::RequestBuilder) -> Result<Exchange, NoAnswer> {
    let response = request.send().await.map_err(|error| match error {
        error if error.is_connect() || error.is_builder() => NoAnswer::Unreachable,
        _ => NoAnswer::Unanswered,
    })?;
    Ok(Exchange {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: whole(response).await,
    })
}

async fn whole(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// One header as text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// How long the vendor asks to wait, in seconds, never longer than [`LONGEST_PAUSE`].
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = header(headers, RETRY_AFTER.as_str())?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// A segment of a path, escaped: what is typed cannot lead to another path.
pub fn segment(text: &str) -> String {
    match text {
        "." | ".." => text.replace('.', "%2E"),
        text => utf8_percent_encode(text, SEGMENT).to_string(),
    }
}

/// A code, a parameter or an id as it may be shown: what is none of these is not repeated.
pub(super) fn named(text: &str) -> Option<String> {
    is_name(text).then(|| text.to_owned())
}

/// Whether a text of a vendor's is a code or an id.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte);
    (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendor() -> VendorClient {
        VendorClient::new(&VendorSettings {
            vendor: "Acme",
            key_setting: "ACME_KEY",
            key: "secret".to_owned(),
            base: "http://127.0.0.1:9".to_owned(),
            request_id: "x-request-id",
            final_codes: &["insufficient_quota"],
            connect: Duration::from_secs(1),
            timeout: Duration::from_secs(1),
        })
        .unwrap()
    }

    fn call(doing: Doing) -> Call<'static> {
        Call {
            what: "read the list",
            method: Method::GET,
            path: "/list",
            query: &[],
            body: None,
            doing,
        }
    }

    fn answered(
        status: u16,
        doing: Doing,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> VendorError {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            )
        });
        let exchange = Exchange {
            status,
            headers: headers.collect(),
            body: Some(body.as_bytes().to_vec()),
        };
        vendor().refused(&call(doing), &exchange)
    }

    #[test]
    fn the_text_names_vendor_call_status_code_and_request_and_none_of_the_vendors_words() {
        let body = r#"{"error":{"code":"bad_request","message":"203.0.113.9 is no good"}}"#;
        let error = answered(400, Doing::Writing, &[("x-request-id", "req-1")], body);
        assert_eq!(
            error.to_string(),
            "Acme refused (to read the list, status 400, bad_request, req-1)"
        );
        assert_eq!(error.words(), Some("203.0.113.9 is no good"));
        assert_eq!(error.kind, Kind::Permanent);
    }

    #[test]
    fn a_code_that_is_a_sentence_is_not_repeated() {
        let body = r#"{"error":{"code":"maria@example.com is unknown","message":""}}"#;
        let error = answered(422, Doing::Reading, &[], body);
        assert_eq!(
            error.to_string(),
            "Acme refused (to read the list, status 422)"
        );
        assert_eq!(error.words(), None);
    }

    #[test]
    fn only_a_change_that_may_have_happened_is_in_doubt() {
        assert_eq!(answered(500, Doing::Reading, &[], "").kind, Kind::Retry);
        assert_eq!(answered(500, Doing::Writing, &[], "").kind, Kind::InDoubt);
        assert_eq!(answered(408, Doing::Writing, &[], "").kind, Kind::InDoubt);
        assert_eq!(answered(409, Doing::Writing, &[], "").kind, Kind::Retry);
        assert_eq!(answered(302, Doing::Writing, &[], "").kind, Kind::Permanent);
    }

    #[test]
    fn a_rate_limit_names_its_pause_within_bounds_and_an_empty_account_is_no_rate_limit() {
        let limit =
            |header: &str, body| answered(429, Doing::Reading, &[("retry-after", header)], body);
        let rate = limit(
            "7",
            r#"{"error":{"code":"rate_limit_exceeded","type":"requests","message":"m"}}"#,
        );
        assert_eq!(
            (rate.kind, rate.after),
            (Kind::Retry, Some(Duration::from_secs(7)))
        );
        assert_eq!(limit("99999999", "").after, Some(LONGEST_PAUSE));
        assert_eq!(limit("soon", "").after, None);
        let money = limit(
            "7",
            r#"{"error":{"code":null,"type":"insufficient_quota","message":"m"}}"#,
        );
        assert_eq!(money.kind, Kind::Permanent);
    }

    #[tokio::test]
    async fn a_closed_port_is_unreachable_and_harmless() {
        let error = vendor()
            .call::<Value>(call(Doing::Writing))
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Retry);
        assert_eq!(
            error.to_string(),
            "Acme cannot be reached (to read the list)"
        );
    }

    #[test]
    fn what_is_typed_stays_within_its_segment() {
        assert_eq!(segment("../x?y#z"), "..%2Fx%3Fy%23z");
        assert_eq!(segment(".."), "%2E%2E");
        assert_eq!(segment("ft:gpt-4o:org::1"), "ft%3Agpt-4o%3Aorg%3A%3A1");
    }
}

//! Requests to the app, signed as Slack signs them.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The content type of commands and interactions.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";
/// The content type of events.
pub(super) const JSON: &str = "application/json";

/// The value of `X-Slack-Signature`: `v0=` and the HMAC-SHA256 of `v0:timestamp:body` in hex.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(format!("v0:{timestamp}:{body}").as_bytes());
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

/// A request to the app before it is sent. Tests may change anything about it.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Below the app's base URL.
    pub path: String,
    /// `Content-Type`.
    pub content_type: String,
    /// The raw body, byte for byte what is signed.
    pub body: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The `X-Slack-Request-Timestamp` to claim; `None` is the time of sending.
    pub timestamp: Option<i64>,
    /// The `X-Slack-Signature` to send; `None` is the right one, and an empty one is left out.
    pub signature: Option<String>,
    /// The trigger id inside, when there is one.
    pub trigger_id: Option<String>,
    /// The response URL inside, when there is one.
    pub response_url: Option<String>,
}

impl Outgoing {
    /// A form body, as for commands.
    #[must_use]
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let find = |name: &str| {
            fields
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Self {
            trigger_id: find("trigger_id"),
            response_url: find("response_url"),
            ..Self::raw(path, FORM, body)
        }
    }

    /// One form field `payload` with JSON in it, as for interactions.
    #[must_use]
    pub fn payload(path: &str, payload: &serde_json::Value) -> Self {
        let text = |name: &str| payload[name].as_str().map(str::to_owned);
        Self {
            trigger_id: text("trigger_id"),
            response_url: text("response_url"),
            ..Self::form(path, &[("payload", &payload.to_string())])
        }
    }

    /// A JSON body, as for events.
    #[must_use]
    pub fn json(path: &str, body: &serde_json::Value) -> Self {
        Self::raw(path, JSON, body.to_string())
    }

    /// Any body at all.
    #[must_use]
    pub fn raw(path: &str, content_type: &str, body: String) -> Self {
        Self {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            body,
            headers: Vec::new(),
            timestamp: None,
            signature: None,
            trigger_id: None,
            response_url: None,
        }
    }
}

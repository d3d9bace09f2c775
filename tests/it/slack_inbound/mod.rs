//! The Slack edge: what is let in, how it is read, what is called and who people are.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of a test fails its test"
)]

mod client_calls;
mod client_errors;
mod directory;
mod fake;
mod grid;
mod payload;
mod receive;
mod signature;
mod text;
mod text_properties;

use chrono::DateTime;
use countersign::{runtime::Instant, slack::inbound::signature::SigningSecret};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const SIGNED_AT: i64 = 1_531_420_618;

fn at(seconds: i64) -> Instant {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn secret() -> SigningSecret {
    SigningSecret::new(SECRET).unwrap()
}

fn sign(body: &[u8], timestamp: i64) -> HeaderMap {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    let signature = format!("v0={}", hex::encode(mac.finalize().into_bytes()));
    headers(&timestamp.to_string(), &signature)
}

fn headers(timestamp: &str, signature: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("X-Slack-Request-Timestamp", timestamp.parse().unwrap());
    headers.insert("X-Slack-Signature", signature.parse().unwrap());
    headers
}

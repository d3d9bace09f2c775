//! Slack's request signature, version `v0`: HMAC-SHA256 with the app's signing secret over `v0:<timestamp>:<raw body>`.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use crate::runtime::Instant;

/// How far a request's timestamp may be from our clock, in seconds, in both directions and inclusive.
/// Slack's own libraries accept 300 and refuse 301.
pub const WINDOW_SECONDS: u64 = 300;

/// The header with the time of signing, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "x-slack-request-timestamp";

pub const SIGNATURE_HEADER: &str = "x-slack-signature";

/// The length of an HMAC-SHA256 in bytes.
const SIGNATURE_BYTES: usize = 32;

/// The app's signing secret. `Debug` does not show it.
#[derive(Clone)]
pub struct SigningSecret(String);

/// The signing secret is empty: with it, anybody could sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Slack signing secret is empty: copy it from the app's page, Basic Information")]
pub struct EmptySecret;

/// The signature of a request that was let in, in lower-case hexadecimal whatever the header's case.
/// It is the same when the request is sent again, so the caller can refuse replays within the window.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignatureId(String);

/// Why a signature was refused. The texts never hold a signature or the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The named header is not there.
    #[error("the header {0} is missing")]
    MissingHeader(&'static str),
    /// The named header cannot be read, or comes twice.
    #[error("the header {0} is malformed")]
    Malformed(&'static str),
    /// The timestamp is too far from our clock.
    #[error("signed {seconds} s away from our clock; {WINDOW_SECONDS} s are allowed")]
    Stale {
        /// The distance in seconds, in either direction.
        seconds: u64,
    },
    /// The signature is not the one that our secret makes.
    #[error("the signature is not ours")]
    Forged,
}

/// Verifies a request's signature over its raw body, in constant time.
pub fn verify(
    headers: &HeaderMap,
    body: &[u8],
    secret: &SigningSecret,
    now: Instant,
) -> Result<SignatureId, SignatureError> {
    let (timestamp, given) = read_headers(headers, now)?;
    let mut mac = secret.mac().ok_or(SignatureError::Forged)?;
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.verify_slice(&given)
        .map_err(|_| SignatureError::Forged)?;
    Ok(SignatureId(hex::encode(given)))
}

/// Checks what can be told before the body is read: that there is one signature, signed a short while ago.
pub fn check_headers(headers: &HeaderMap, now: Instant) -> Result<(), SignatureError> {
    read_headers(headers, now).map(drop)
}

/// The time of signing as it was signed, and the signature.
fn read_headers(
    headers: &HeaderMap,
    now: Instant,
) -> Result<(&str, [u8; SIGNATURE_BYTES]), SignatureError> {
    let timestamp = single(headers, TIMESTAMP_HEADER)?;
    let given = single(headers, SIGNATURE_HEADER)?;
    check_age(timestamp, now)?;
    let given = decode(given).ok_or(SignatureError::Malformed(SIGNATURE_HEADER))?;
    Ok((timestamp, given))
}

impl SigningSecret {
    /// A secret that is not empty.
    ///
    /// # Errors
    /// [`EmptySecret`] when it is, or is only white space.
    pub fn new(secret: impl Into<String>) -> Result<Self, EmptySecret> {
        let secret = secret.into();
        if secret.trim().is_empty() {
            return Err(EmptySecret);
        }
        Ok(Self(secret))
    }

    fn mac(&self) -> Option<Hmac<Sha256>> {
        Hmac::new_from_slice(self.0.as_bytes()).ok()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

impl SignatureId {
    /// The signature in lower-case hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn single<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(SignatureError::MissingHeader(name))?;
    if values.next().is_some() {
        return Err(SignatureError::Malformed(name));
    }
    value.to_str().map_err(|_| SignatureError::Malformed(name))
}

fn check_age(timestamp: &str, now: Instant) -> Result<(), SignatureError> {
    // `parse` alone would let "+5" through, which Slack never sends.
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let signed_at = timestamp
        .parse::<i64>()
        .ok()
        .filter(|_| digits)
        .ok_or(SignatureError::Malformed(TIMESTAMP_HEADER))?;
    let seconds = now.timestamp().abs_diff(signed_at);
    if seconds > WINDOW_SECONDS {
        return Err(SignatureError::Stale { seconds });
    }
    Ok(())
}

fn decode(signature: &str) -> Option<[u8; SIGNATURE_BYTES]> {
    let mut bytes = [0; SIGNATURE_BYTES];
    hex::decode_to_slice(signature.strip_prefix("v0=")?, &mut bytes).ok()?;
    Some(bytes)
}

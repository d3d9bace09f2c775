//! The signature of Stripe's webhooks: `t=<seconds>,v1=<hex>`, an HMAC-SHA256 over `<t>.<raw body>`.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

use crate::runtime::Instant;

/// The header with time and signatures.
pub const SIGNATURE_HEADER: &str = "stripe-signature";
/// How far the time of signing may be from our clock, in seconds, in both directions (Stripe's own libraries' rule).
pub const WINDOW_SECONDS: u64 = 300;
/// Signatures in one header that are looked at. While a secret is rolled there are two.
const MOST_SIGNATURES: usize = 8;
/// The length of an HMAC-SHA256 in bytes.
const SIGNATURE_BYTES: usize = 32;

/// The signing secret of one endpoint. `Debug` does not show it.
#[derive(Clone)]
pub struct WebhookSecret(String);

/// Why a delivery was refused. The texts hold neither signature nor body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no header.
    #[error("the header {SIGNATURE_HEADER} is missing")]
    Missing,
    /// It cannot be read, or comes twice.
    #[error("the header {SIGNATURE_HEADER} is malformed")]
    Malformed,
    /// The time of signing is too far from our clock.
    #[error("signed {seconds} s away from our clock; {WINDOW_SECONDS} s are allowed")]
    Stale {
        /// The distance in seconds, in either direction.
        seconds: u64,
    },
    /// No signature is one that our secret makes.
    #[error("the signature is not Stripe's")]
    Forged,
}

impl WebhookSecret {
    /// A secret; `None` for an empty one, with which anybody could sign.
    #[must_use]
    pub fn new(secret: &str) -> Option<Self> {
        let secret = secret.trim();
        (!secret.is_empty()).then(|| Self(secret.to_owned()))
    }

    /// Checks what can be told before the body is read: that there is one signature, signed a short while ago.
    pub fn check_header(headers: &HeaderMap, now: Instant) -> Result<(), SignatureError> {
        read_headers(headers, now).map(drop)
    }

    /// Verifies a delivery over its raw body, in constant time, and gives the signature that fits, by which the very
    /// same bytes are known when they come again.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Instant,
    ) -> Result<String, SignatureError> {
        let (time, signatures) = read_headers(headers, now)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_bytes())
            .map_err(|_| SignatureError::Forged)?;
        mac.update(time.1.as_bytes());
        mac.update(b".");
        mac.update(body);
        let fits = |given: &&[u8; SIGNATURE_BYTES]| mac.clone().verify_slice(*given).is_ok();
        let fitting = signatures.iter().find(fits);
        fitting.map(hex::encode).ok_or(SignatureError::Forged)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

type Signed<'h> = ((i64, &'h str), Vec<[u8; SIGNATURE_BYTES]>);

fn read_headers(headers: &HeaderMap, now: Instant) -> Result<Signed<'_>, SignatureError> {
    let mut all = headers.get_all(SIGNATURE_HEADER).iter();
    let header = all.next().ok_or(SignatureError::Missing)?;
    if all.next().is_some() {
        return Err(SignatureError::Malformed);
    }
    let header = header.to_str().map_err(|_| SignatureError::Malformed)?;
    let (time, signatures) = read(header).ok_or(SignatureError::Malformed)?;
    let seconds = now.timestamp().abs_diff(time.0);
    if seconds > WINDOW_SECONDS {
        return Err(SignatureError::Stale { seconds });
    }
    Ok((time, signatures))
}

/// The time, as a number and as it was signed, and the signatures of version 1. Other versions are of no use to us.
fn read(header: &str) -> Option<Signed<'_>> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", text) if time.is_none() && text.bytes().all(|b| b.is_ascii_digit()) => {
                time = Some((text.parse().ok()?, text));
            }
            ("t", _) => return None,
            ("v1", text) if signatures.len() < MOST_SIGNATURES => {
                let mut bytes = [0; SIGNATURE_BYTES];
                hex::decode_to_slice(text, &mut bytes).ok()?;
                signatures.push(bytes);
            }
            _ => {}
        }
    }
    Some((time?, signatures)).filter(|(_, signatures)| !signatures.is_empty())
}

//! The signature of webhooks.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// One `v1` of `Stripe-Signature`: the HMAC-SHA256 of `timestamp.body` in hex.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(format!("{timestamp}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// The header for all secrets that sign now.
pub(super) fn header<'a>(
    secrets: impl Iterator<Item = &'a str>,
    timestamp: i64,
    body: &str,
) -> String {
    secrets.fold(format!("t={timestamp}"), |header, secret| {
        format!("{header},v1={}", sign(secret, timestamp, body))
    })
}

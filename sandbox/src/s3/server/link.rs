//! A presigned link: reading its query, and signing it again for another time.

use chrono::{DateTime, NaiveDateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::{Uri, request::Parts, uri::PathAndQuery};
use sha2::{Digest, Sha256};

/// How signatures write a time.
const TIME_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// A presigned link's query.
pub(super) struct Link<'a> {
    /// Encoded names and values without the signature, in the order in which they are signed.
    pairs: Vec<(&'a str, &'a str)>,
    signature: &'a str,
    pub(super) credential: String,
    pub(super) signed_at: Option<DateTime<Utc>>,
    pub(super) seconds: Option<i64>,
}

impl<'a> Link<'a> {
    /// `None` when this query carries no signature of version 4.
    pub(super) fn parse(query: &'a str) -> Option<Self> {
        let pairs = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (signature, mut pairs): (Vec<_>, Vec<_>) =
            pairs.partition(|(name, _)| *name == "X-Amz-Signature");
        pairs.sort_unstable();
        let find = |wanted: &str| find(&pairs, wanted);
        Some(Self {
            signature: signature.first()?.1,
            credential: find("X-Amz-Credential").unwrap_or_default(),
            signed_at: find("X-Amz-Date").as_deref().and_then(parse_time),
            seconds: find("X-Amz-Expires").and_then(|seconds| seconds.parse().ok()),
            pairs,
        })
    }

    /// The same link signed for the machine's time, if its signature is good; a bad one is for the protocol layer.
    pub(super) fn renew(
        &self,
        machine: DateTime<Utc>,
        secret_key: &str,
        parts: &Parts,
    ) -> Option<Uri> {
        if sign(&self.pairs, secret_key, parts)? != self.signature {
            return None;
        }
        let (time, day) = (
            machine.format(TIME_FORMAT).to_string(),
            machine.format("%Y%m%d").to_string(),
        );
        let mut scope = self.credential.splitn(3, '/');
        let (key, _, rest) = (scope.next()?, scope.next()?, scope.next()?);
        let credential = format!("{key}/{day}/{rest}").replace('/', "%2F");
        let renewed = self.pairs.iter().map(|(name, value)| match *name {
            "X-Amz-Date" => (*name, time.as_str()),
            "X-Amz-Credential" => (*name, credential.as_str()),
            _ => (*name, *value),
        });
        let renewed: Vec<_> = renewed.collect();
        let signature = sign(&renewed, secret_key, parts)?;
        let path_and_query = format!(
            "{}?{}&X-Amz-Signature={signature}",
            parts.uri.path(),
            join(&renewed)
        );
        let mut uri = parts.uri.clone().into_parts();
        uri.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
        Uri::from_parts(uri).ok()
    }
}

/// Reads a time as signatures write it.
pub(super) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, TIME_FORMAT)
        .ok()
        .map(|time| time.and_utc())
}

/// Signature version 4 of a request without a signed body, from the encoded query without the signature.
fn sign(pairs: &[(&str, &str)], secret_key: &str, parts: &Parts) -> Option<String> {
    let find = |wanted: &str| find(pairs, wanted);
    let time = find("X-Amz-Date")?;
    let credential = find("X-Amz-Credential")?;
    let (_, scope) = credential.split_once('/')?;
    let signed_headers = find("X-Amz-SignedHeaders")?;
    let mut canonical = format!("{}\n{}\n{}\n", parts.method, parts.uri.path(), join(pairs));
    for name in signed_headers.split(';') {
        let value = parts.headers.get(name)?.to_str().ok()?;
        canonical.push_str(&format!("{name}:{}\n", value.trim()));
    }
    canonical.push_str(&format!("\n{signed_headers}\nUNSIGNED-PAYLOAD"));
    let digest = hex::encode(Sha256::digest(canonical));
    let mut key = format!("AWS4{secret_key}").into_bytes();
    for step in scope.split('/') {
        key = hmac(&key, step)?;
    }
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
    Some(hex::encode(hmac(&key, &to_sign)?))
}

/// The decoded value of a parameter.
fn find(pairs: &[(&str, &str)], wanted: &str) -> Option<String> {
    let pair = pairs.iter().find(|(name, _)| *name == wanted);
    pair.map(|(_, value)| decode(value))
}

fn join(pairs: &[(&str, &str)]) -> String {
    let joined: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    joined.join("&")
}

/// Undoes percent-encoding; a plus stays a plus in these queries.
fn decode(value: &str) -> String {
    let kept = format!("v={}", value.replace('+', "%2B"));
    form_urlencoded::parse(kept.as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn hmac(key: &[u8], message: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

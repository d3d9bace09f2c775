//! Time and region of a signature.
//!
//! The protocol layer checks signatures, but takes the time from the machine. Here the sandbox's clock decides: links
//! expire by it, and a link that is good is signed again for the machine's time before the protocol layer sees it.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Uri, request::Parts, uri::PathAndQuery};
use s3s::{S3Error, S3Result, s3_error};
use sha2::{Digest, Sha256};

use crate::rim::Now;

/// How far a request's time may be off.
const SKEW: TimeDelta = TimeDelta::minutes(15);
/// The longest life of a link, in seconds: seven days.
const LINK_SECONDS_MAX: i64 = 604_800;
/// How signatures write a time.
const TIME_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// Judges time and region of requests; the signature itself is left to the protocol layer.
pub(super) struct Gatekeeper {
    /// The sandbox's clock.
    pub(super) now: Now,
    /// The machine's clock, by which SDKs sign unless told otherwise, and which the protocol layer reads.
    pub(super) machine: Now,
    pub(super) region: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
}

impl Gatekeeper {
    /// Refuses what is too early, too late or for another region. A presigned link is renewed for the machine's time.
    pub(super) fn admit(&self, parts: &mut Parts) -> S3Result<()> {
        let query = parts.uri.query().unwrap_or_default();
        if let Some(link) = Link::parse(query) {
            self.check_region(&link.credential)?;
            self.check_life(&link)?;
            if let Some(renewed) = self.renew(&link, parts) {
                parts.uri = renewed;
            }
            return Ok(());
        }
        if let Some(credential) = header_credential(&parts.headers) {
            self.check_region(&credential)?;
            self.check_skew(&parts.headers)?;
        }
        Ok(())
    }

    /// Another key's region does not matter: the key is refused later.
    fn check_region(&self, credential: &str) -> S3Result<()> {
        let mut scope = credential.split('/');
        let (key, region) = (scope.next(), scope.nth(1));
        match region {
            Some(region) if key == Some(&self.access_key) && region != self.region => {
                Err(s3_error!(
                    AuthorizationHeaderMalformed,
                    "The authorization header is malformed; the region '{region}' is wrong; expecting '{}'",
                    self.region
                ))
            }
            _ => Ok(()),
        }
    }

    /// A request may be signed by either clock: a test that moves the sandbox's cannot move the SDK's.
    fn check_skew(&self, headers: &HeaderMap) -> S3Result<()> {
        let sent = headers
            .get("x-amz-date")
            .and_then(|date| date.to_str().ok());
        let Some(signed_at) = sent.and_then(parse_time) else {
            return Err(s3_error!(
                AccessDenied,
                "AWS authentication requires a valid Date or x-amz-date header"
            ));
        };
        let near = |clock: &Now| (clock() - signed_at).abs() <= SKEW;
        if near(&self.now) || near(&self.machine) {
            return Ok(());
        }
        Err(s3_error!(
            RequestTimeTooSkewed,
            "The difference between the request time and the current time is too large."
        ))
    }

    fn check_life(&self, link: &Link<'_>) -> S3Result<()> {
        let (Some(signed_at), Some(seconds)) = (link.signed_at, link.seconds) else {
            return Err(malformed_link(
                "X-Amz-Date and X-Amz-Expires must be a time and a number of seconds",
            ));
        };
        if !(0..=LINK_SECONDS_MAX).contains(&seconds) {
            return Err(malformed_link(
                "X-Amz-Expires must be less than a week (in seconds)",
            ));
        }
        let now = (self.now)();
        if now > signed_at + TimeDelta::seconds(seconds) {
            return Err(s3_error!(AccessDenied, "Request has expired"));
        }
        if signed_at > now + SKEW {
            return Err(s3_error!(AccessDenied, "Request is not valid yet"));
        }
        Ok(())
    }

    /// The same link signed for the machine's time, if its signature is good; a bad one is for the protocol layer.
    fn renew(&self, link: &Link<'_>, parts: &Parts) -> Option<Uri> {
        if self.sign(&link.pairs, parts)? != link.signature {
            return None;
        }
        let machine = (self.machine)();
        let (time, day) = (
            machine.format(TIME_FORMAT).to_string(),
            machine.format("%Y%m%d").to_string(),
        );
        let mut scope = link.credential.splitn(3, '/');
        let (key, _, rest) = (scope.next()?, scope.next()?, scope.next()?);
        let credential = format!("{key}/{day}/{rest}").replace('/', "%2F");
        let renewed = link.pairs.iter().map(|(name, value)| match *name {
            "X-Amz-Date" => (*name, time.as_str()),
            "X-Amz-Credential" => (*name, credential.as_str()),
            _ => (*name, *value),
        });
        let renewed: Vec<_> = renewed.collect();
        let signature = self.sign(&renewed, parts)?;
        let path_and_query = format!(
            "{}?{}&X-Amz-Signature={signature}",
            parts.uri.path(),
            join(&renewed)
        );
        let mut uri = parts.uri.clone().into_parts();
        uri.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
        Uri::from_parts(uri).ok()
    }

    /// Signature version 4 of a request without a signed body, from the encoded query without the signature.
    fn sign(&self, pairs: &[(&str, &str)], parts: &Parts) -> Option<String> {
        let find = |wanted: &str| {
            pairs
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| decode(value))
        };
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
        let mut key = format!("AWS4{}", self.secret_key).into_bytes();
        for step in scope.split('/') {
            key = hmac(&key, step)?;
        }
        let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
        Some(hex::encode(hmac(&key, &to_sign)?))
    }
}

/// A presigned link's query.
struct Link<'a> {
    /// Encoded names and values without the signature, in the order in which they are signed.
    pairs: Vec<(&'a str, &'a str)>,
    signature: &'a str,
    credential: String,
    signed_at: Option<DateTime<Utc>>,
    seconds: Option<i64>,
}

impl<'a> Link<'a> {
    /// `None` when this query carries no signature of version 4.
    fn parse(query: &'a str) -> Option<Self> {
        let pairs = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (signature, mut pairs): (Vec<_>, Vec<_>) =
            pairs.partition(|(name, _)| *name == "X-Amz-Signature");
        pairs.sort_unstable();
        let find = |wanted: &str| {
            pairs
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| decode(value))
        };
        Some(Self {
            signature: signature.first()?.1,
            credential: find("X-Amz-Credential").unwrap_or_default(),
            signed_at: find("X-Amz-Date").as_deref().and_then(parse_time),
            seconds: find("X-Amz-Expires").and_then(|seconds| seconds.parse().ok()),
            pairs,
        })
    }
}

fn header_credential(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, rest) = authorization
        .strip_prefix("AWS4-HMAC-SHA256")?
        .split_once("Credential=")?;
    rest.split([',', ' ']).next().map(str::to_owned)
}

fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, TIME_FORMAT)
        .ok()
        .map(|time| time.and_utc())
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

fn malformed_link(message: &'static str) -> S3Error {
    s3_error!(AuthorizationQueryParametersError, "{message}")
}

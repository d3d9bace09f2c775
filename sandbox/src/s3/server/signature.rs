//! Time and region of a signature.
//!
//! The protocol layer checks signatures, but takes the time from the machine. Here the sandbox's clock decides: links
//! expire by it, and a link that is good is signed again for the machine's time before the protocol layer sees it.

use chrono::TimeDelta;
use http::{HeaderMap, request::Parts};
use s3s::{S3Error, S3Result, s3_error};

use super::link::{Link, parse_time};
use crate::runtime::Now;

/// How far a request's time may be off.
const SKEW: TimeDelta = TimeDelta::minutes(15);
/// The longest life of a link, in seconds: seven days.
const LINK_SECONDS_MAX: i64 = 604_800;

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
            if let Some(renewed) = link.renew((self.machine)(), &self.secret_key, parts) {
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
}

fn header_credential(headers: &HeaderMap) -> Option<String> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, rest) = authorization
        .strip_prefix("AWS4-HMAC-SHA256")?
        .split_once("Credential=")?;
    rest.split([',', ' ']).next().map(str::to_owned)
}

fn malformed_link(message: &'static str) -> S3Error {
    s3_error!(AuthorizationQueryParametersError, "{message}")
}

//! The gate: every request from Slack passes it before anything is read from it.

use std::fmt;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap,
    header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    request::Parts,
};
use uuid::Uuid;

use super::{
    bodies::{self, Bodies, ProvesItself},
    rejection::Rejection,
    signature::{self, SignatureId, SigningSecret},
};
use crate::{
    config::limits,
    runtime::{Instant, SharedClock},
};

/// A request that Slack has signed, not yet read.
#[derive(Clone)]
pub struct Verified {
    /// The raw body. It holds personal data: never log it.
    pub body: Bytes,
    /// The request's signature, by which a replay is known.
    pub signature_id: SignatureId,
    /// When it came in.
    pub received_at: Instant,
}

/// The gate of one Slack app.
#[derive(Clone)]
pub struct Gate {
    secret: SigningSecret,
    clock: SharedClock,
    bodies: Bodies,
}

impl Gate {
    /// A gate that lets in what is signed with `secret`.
    #[must_use]
    pub fn new(secret: SigningSecret, clock: SharedClock) -> Self {
        Self {
            secret,
            clock,
            bodies: Bodies::default(),
        }
    }

    /// The same gate, reading bodies within other limits.
    #[must_use]
    pub fn reading(self, bodies: Bodies) -> Self {
        Self { bodies, ..self }
    }

    /// Reads a request's body within the limits and verifies it. Nothing is read of a request whose headers alone show that
    /// it is refused. A refusal is logged here, once, with its reason
    /// and `request_id`, without the body and the headers. Replays are the caller's to refuse.
    ///
    /// # Errors
    /// [`Rejection`], which is the response to send.
    pub async fn receive(&self, request_id: Uuid, request: Request) -> Result<Verified, Rejection> {
        let (parts, body) = request.into_parts();
        let admitted = self.let_in(&parts, body).await;
        if let Err(reason) = &admitted
            && *reason != Rejection::CertificateCheck
        {
            tracing::warn!(
                request.id = %request_id,
                request.path = parts.uri.path(),
                "refused a request at the Slack gate: {reason}"
            );
        }
        admitted
    }

    async fn let_in(&self, parts: &Parts, body: Body) -> Result<Verified, Rejection> {
        let headers = &parts.headers;
        if bodies::is_announced_too_large(headers) {
            return Err(Rejection::TooLarge);
        }
        let signed = signature::check_headers(headers, self.clock.now());
        if let Err(error) = signed
            && !may_be_certificate_check(headers, &body)
        {
            return Err(error.into());
        }
        let body = self.bodies.read(headers, body).await?;
        let verified = admit(headers, body, &self.secret, self.clock.now())?;
        if let Some(connection) = parts.extensions.get::<ProvesItself>() {
            connection.is_verified();
        }
        Ok(verified)
    }
}

/// Decides on a request whose body is complete: size first, then the certificate check, then the signature.
///
/// # Errors
/// [`Rejection`], which is the response to send.
pub fn admit(
    headers: &HeaderMap,
    body: Bytes,
    secret: &SigningSecret,
    now: Instant,
) -> Result<Verified, Rejection> {
    if body.len() > limits::BODY_BYTES {
        return Err(Rejection::TooLarge);
    }
    if bodies::announced_length(headers).is_some_and(|length| length != body.len() as u64) {
        return Err(Rejection::Truncated);
    }
    if is_certificate_check(headers, &body) {
        return Err(Rejection::CertificateCheck);
    }
    let signature_id = signature::verify(headers, &body, secret, now)?;
    Ok(Verified {
        body,
        signature_id,
        received_at: now,
    })
}

/// The answer to a signed `url_verification`: the challenge as plain text.
#[must_use]
pub fn challenge_response(challenge: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, challenge.to_owned()).into_response()
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// Whether this may be Slack's check of the certificate, which comes without a signature: a small form. Nothing else is
/// read without one.
fn may_be_certificate_check(headers: &HeaderMap, body: &Body) -> bool {
    let size = body.size_hint().exact();
    is_form(headers) && size.is_some_and(|size| size <= limits::UNSIGNED_BYTES)
}

fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}

fn is_certificate_check(headers: &HeaderMap, body: &[u8]) -> bool {
    is_form(headers)
        && form_urlencoded::parse(body).any(|(key, value)| key == "ssl_check" && value == "1")
}

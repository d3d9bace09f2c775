//! The gate: every request from Slack passes it before anything is read from it.

use std::{fmt, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
};
use uuid::Uuid;

use super::signature::{self, SignatureError, SignatureId, SigningSecret};
use crate::rim::{Instant, SharedClock};

/// The largest body that is read, in bytes. A view comes back with its state: 100 blocks of 3000 characters fit.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How long a body may take to arrive. Slack itself gives up after three seconds.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(3);

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

/// A request that ends at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is larger than [`MAX_BODY_BYTES`]. Answered 413.
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    /// The body ended early, or is longer than it said. Answered 400.
    #[error("the body is not as long as it said")]
    Truncated,
    /// The body did not arrive within [`BODY_TIMEOUT`]. Answered 408.
    #[error("the body did not arrive within {} s", BODY_TIMEOUT.as_secs())]
    TooSlow,
    /// The signature was refused. Answered 401.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Slack probes the certificate of a distributed app, without a signature that can be relied on.
    /// Answered 200; nothing else may follow from it.
    #[error("a certificate check")]
    CertificateCheck,
}

/// The gate of one Slack app.
#[derive(Clone)]
pub struct Gate {
    secret: SigningSecret,
    clock: SharedClock,
}

impl Gate {
    /// A gate that lets in what is signed with `secret`.
    #[must_use]
    pub fn new(secret: SigningSecret, clock: SharedClock) -> Self {
        Self { secret, clock }
    }

    /// Reads a request's body within the limits and verifies it. A refusal is logged here, once, with its reason
    /// and `request_id`, without the body and the headers. Replays are the caller's to refuse.
    ///
    /// # Errors
    /// [`Rejection`], which is the response to send.
    pub async fn receive(&self, request_id: Uuid, request: Request) -> Result<Verified, Rejection> {
        let (parts, body) = request.into_parts();
        let admitted = match read_body(&parts.headers, body).await {
            Ok(body) => admit(&parts.headers, body, &self.secret, self.clock.now()),
            Err(rejection) => Err(rejection),
        };
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
    if body.len() > MAX_BODY_BYTES {
        return Err(Rejection::TooLarge);
    }
    if announced_length(headers).is_some_and(|length| length != body.len() as u64) {
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

impl Rejection {
    /// The status that the request is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Truncated => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::CertificateCheck => StatusCode::OK,
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        // The reason stays in our log: a stranger learns nothing about the clock or the headers.
        self.status().into_response()
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// Reads a body within its limits, whoever sent it.
///
/// # Errors
/// [`Rejection`], which is the response to send.
pub async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, Rejection> {
    if announced_length(headers).is_some_and(|length| length > MAX_BODY_BYTES as u64) {
        return Err(Rejection::TooLarge);
    }
    tokio::time::timeout(BODY_TIMEOUT, collect(body))
        .await
        .map_err(|_| Rejection::TooSlow)?
}

async fn collect(body: Body) -> Result<Bytes, Rejection> {
    let mut whole = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Rejection::Truncated)?;
        if whole.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(Rejection::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_certificate_check(headers: &HeaderMap, body: &[u8]) -> bool {
    let is_form = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    is_form && form_urlencoded::parse(body).any(|(key, value)| key == "ssl_check" && value == "1")
}

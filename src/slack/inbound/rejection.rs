//! Why a request ends before anything is made of it, and how it is answered.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::signature::SignatureError;
use crate::config::limits::BODY_BYTES;

/// A request that ends at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is larger than [`BODY_BYTES`]. Answered 413.
    #[error("the body is larger than {BODY_BYTES} bytes")]
    TooLarge,
    /// The body ended early, or is longer than it said. Answered 400.
    #[error("the body is not as long as it said")]
    Truncated,
    /// The body did not arrive in time. Answered 408.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// The bodies of other requests take all the room. Answered 503.
    #[error("other requests' bodies take all the memory that bodies may have")]
    Busy,
    /// The signature was refused. Answered 401.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Slack probes the certificate of a distributed app, without a signature that can be relied on.
    /// Answered 200; nothing else may follow from it.
    #[error("a certificate check")]
    CertificateCheck,
}

impl Rejection {
    /// The status that the request is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Truncated => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
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

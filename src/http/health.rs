//! What `/healthz` and `/readyz` answer.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

/// The answer of `/healthz`: the process is up. It asks nothing, so a slow database does not get the process killed.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Health {
    status: &'static str,
}

impl Health {
    /// The process is up.
    #[must_use]
    pub fn up() -> Self {
        Self { status: "up" }
    }
}

impl IntoResponse for Health {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// One thing that has to work before requests are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at, such as `store`.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// Why it failed. The answer is public, so this holds no host, no key and no data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How a check, or all of them together, went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It works.
    Ok,
    /// It does not.
    Failed,
}

impl Check {
    /// It works.
    #[must_use]
    pub fn ok(name: &'static str) -> Self {
        Self {
            name,
            status: Status::Ok,
            message: None,
        }
    }

    /// It does not, and why.
    pub fn failed(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Failed,
            message: Some(message.into()),
        }
    }
}

/// The answer of `/readyz`: 200 when every check went well, otherwise 503, both with all checks as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    status: Status,
    checks: Vec<Check>,
}

impl Readiness {
    /// Sums up the checks.
    #[must_use]
    pub fn of(checks: Vec<Check>) -> Self {
        let ready = checks.iter().all(|check| check.status == Status::Ok);
        Self {
            status: if ready { Status::Ok } else { Status::Failed },
            checks,
        }
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn code(&self) -> StatusCode {
        match self.status {
            Status::Ok => StatusCode::OK,
            Status::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Readiness {
    fn into_response(self) -> Response {
        (self.code(), Json(self)).into_response()
    }
}

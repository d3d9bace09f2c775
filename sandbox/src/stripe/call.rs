//! The record of what was asked.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One request, in the order of arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// When it arrived, by the account's clock.
    pub at: DateTime<Utc>,
    /// For example `POST /v1/refunds` or `GET /v1/payment_intents/{id}`; the plain path when it is no known one.
    pub operation: String,
    /// With the ids.
    pub path: String,
    /// Parameters of query and body.
    pub params: Value,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// What was answered; 0 when nothing was.
    pub status: u16,
    /// Why not, when it was refused or cut.
    pub error: Option<String>,
    /// Whether the answer was a saved one.
    pub replayed: bool,
}

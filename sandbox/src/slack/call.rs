//! What is kept of every request that the app makes.

use chrono::{DateTime, Utc};
use serde_json::Value;

/// One request of the app to Slack.
#[derive(Debug, Clone)]
pub struct Call {
    /// The Web API method, or `response_url`, or `upload`.
    pub method: String,
    /// The arguments as Slack understood them, without the token.
    pub args: Value,
    /// The HTTP status of the answer; 0 while there is none, or when the connection was cut.
    pub status: u16,
    /// Slack's error code; `None` when it went well.
    pub error: Option<String>,
    /// When it arrived.
    pub at: DateTime<Utc>,
}

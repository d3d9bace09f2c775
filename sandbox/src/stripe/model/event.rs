//! Events and where they go.

use serde::Serialize;
use serde_json::Value;

use super::{Metadata, collection::object};

/// Something that happened. Stripe keeps it for 30 days.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// `event`
    pub object: &'static str,
    /// The version that `data` is written in.
    pub api_version: String,
    /// When it happened.
    pub created: i64,
    /// What it happened to.
    pub data: EventData,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// How many endpoints have not taken it, whether tries are left or not.
    pub pending_webhooks: usize,
    /// The call that made it happen.
    pub request: EventRequest,
    /// For example `refund.failed`.
    #[serde(rename = "type")]
    pub kind: String,
}
object!(Event, "event");

/// What an event happened to.
#[derive(Debug, Clone, Serialize)]
pub struct EventData {
    /// The object, as it was then.
    pub object: Value,
}

/// The call that made an event happen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct EventRequest {
    /// `req_…`; none when Stripe did it by itself.
    pub id: Option<String>,
    /// The call's idempotency key.
    pub idempotency_key: Option<String>,
}

/// Where events are sent.
#[derive(Debug, Clone, Serialize)]
pub struct WebhookEndpoint {
    /// `we_…`
    pub id: String,
    /// `webhook_endpoint`
    pub object: &'static str,
    /// The version of the events; none for the account's.
    pub api_version: Option<String>,
    /// When it was made.
    pub created: i64,
    /// Free text.
    pub description: Option<String>,
    /// Types of events, or `*`.
    pub enabled_events: Vec<String>,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// `enabled` or `disabled`
    pub status: &'static str,
    /// As the account's owner wrote it.
    pub url: String,
}
object!(WebhookEndpoint, "webhook_endpoint");

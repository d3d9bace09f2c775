//! Events, and the addresses that they are delivered to.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Stripe, StripeError,
    call::path,
    listing::{Listed, identified},
};

/// Something that happened.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// `evt_…`
    pub id: String,
    /// `refund.updated`, …
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// Whether money moved.
    #[serde(default)]
    pub livemode: bool,
    /// Addresses to which it was not delivered yet, or never could be.
    #[serde(default)]
    pub pending_webhooks: u64,
    /// To what it happened.
    pub data: EventData,
}

/// To what an event happened.
#[derive(Debug, Clone, Deserialize)]
pub struct EventData {
    /// The object as it was then.
    pub object: Value,
}

/// An address that events are delivered to.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookEndpoint {
    /// `we_…`
    pub id: String,
    /// The address.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// The events' types; `*` for all.
    #[serde(default)]
    pub enabled_events: Vec<String>,
    /// The version of the API that the events are written in.
    pub api_version: Option<String>,
    /// Whether real events go there.
    #[serde(default)]
    pub livemode: bool,
}

identified!(Event, WebhookEndpoint);

const EVENTS: &str = "events";

impl Stripe {
    /// Events of these types (20 at most) since a time that were not delivered everywhere. Stripe keeps events for 30
    /// days.
    pub async fn undelivered_events(
        &self,
        kinds: &[&str],
        since: DateTime<Utc>,
        most: usize,
    ) -> Result<Listed<Event>, StripeError> {
        let since = since.timestamp().to_string();
        let mut query = vec![("delivery_success", "false"), ("created[gte]", &since)];
        query.extend(kinds.iter().map(|kind| ("types[]", *kind)));
        self.list(EVENTS, &query, most).await
    }

    pub async fn event(&self, id: &str) -> Result<Event, StripeError> {
        self.get(EVENTS, &path(EVENTS, id), &[]).await
    }

    /// The addresses that events are delivered to.
    pub async fn webhook_endpoints(
        &self,
        most: usize,
    ) -> Result<Listed<WebhookEndpoint>, StripeError> {
        self.list("webhook_endpoints", &[], most).await
    }
}

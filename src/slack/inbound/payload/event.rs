use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use super::{IdempotencyKey, PayloadError, json_object, lenient};

/// What the Events API posts.
#[derive(Clone, Deserialize)]
pub struct EventEnvelope {
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    kind: String,
    #[serde(default, deserialize_with = "lenient")]
    challenge: Option<String>,
    /// The workspace in which it happened.
    #[serde(default, deserialize_with = "lenient")]
    pub team_id: Option<String>,
    /// The organisation, when there is one.
    #[serde(default, deserialize_with = "lenient")]
    pub enterprise_id: Option<String>,
    /// The app that Slack sent it to.
    #[serde(default, deserialize_with = "lenient")]
    pub api_app_id: Option<String>,
    /// The event's id, the same on every delivery.
    #[serde(default, deserialize_with = "lenient")]
    pub event_id: Option<String>,
    /// When it happened, in seconds since 1970.
    #[serde(default, deserialize_with = "lenient")]
    pub event_time: Option<i64>,
    /// Whether the channel is shared with another organisation.
    #[serde(default, deserialize_with = "lenient")]
    pub is_ext_shared_channel: bool,
    /// From when events were dropped, in seconds since 1970, for `app_rate_limited`.
    #[serde(default, deserialize_with = "lenient")]
    minute_rate_limited: Option<i64>,
    /// The event itself.
    #[serde(default, deserialize_with = "lenient")]
    pub event: Event,
    /// The payload as it came, without the retired verification token.
    #[serde(skip)]
    pub raw: Value,
}

/// What kind of post it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind<'a> {
    /// Slack asks whether this address is ours: answer the challenge.
    UrlVerification {
        /// What to answer with.
        challenge: &'a str,
    },
    /// Something happened.
    Callback,
    /// Slack dropped events because there were too many.
    RateLimited {
        /// The minute, in seconds since 1970.
        since: Option<i64>,
    },
    /// A kind that this version does not know.
    Unknown(&'a str),
}

/// The inner event, as far as it is needed.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Event {
    /// For example `app_home_opened`.
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: String,
    /// The channel, where the event names one by its id.
    #[serde(deserialize_with = "lenient")]
    pub channel: Option<String>,
    /// `home` or `messages`, for `app_home_opened`.
    #[serde(deserialize_with = "lenient")]
    pub tab: Option<String>,
    #[serde(deserialize_with = "lenient")]
    user: Value,
}

/// Reads a post of the Events API.
///
/// # Errors
/// [`PayloadError::NotAnObject`] when the body is not a JSON object.
pub fn parse_event(body: &[u8]) -> Result<EventEnvelope, PayloadError> {
    let mut raw = json_object(body)?;
    if let Some(fields) = raw.as_object_mut() {
        // The verification token is retired by Slack and is a secret: it is not kept.
        fields.remove("token");
    }
    let mut envelope = EventEnvelope::deserialize(&raw).map_err(|_| PayloadError::NotAnObject)?;
    envelope.raw = raw;
    Ok(envelope)
}

impl EventEnvelope {
    /// What kind of post it is.
    #[must_use]
    pub fn kind(&self) -> EventKind<'_> {
        match (self.kind.as_str(), self.challenge.as_deref()) {
            ("url_verification", Some(challenge)) => EventKind::UrlVerification { challenge },
            ("event_callback", _) => EventKind::Callback,
            ("app_rate_limited", _) => EventKind::RateLimited {
                since: self.minute_rate_limited,
            },
            (other, _) => EventKind::Unknown(other),
        }
    }

    /// The event's id. Events come again when the answer was late; that alone is no reason to drop them.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<IdempotencyKey> {
        IdempotencyKey::from_parts("event", [self.event_id.as_deref()])
    }
}

impl Event {
    /// Who it is about. Some events hold the id, others the whole person.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        let id = self.user.get("id").unwrap_or(&self.user);
        id.as_str()
    }
}

impl fmt::Debug for EventEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEnvelope")
            .field("kind", &self.kind)
            .field("event", &self.event.kind)
            .field("event_id", &self.event_id)
            .finish_non_exhaustive()
    }
}

//! The kinds of streams. A stream is the events of one thing, chained to each other; all streams share the global chain.
//!
//! A kind says what its events are and how they fold. Its projection is a table of its own: `request`, `service_settings`.

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    audit_key::Hash,
    domain::{
        Event, Instant, Request, RequestId, ServiceSettings, SettingsEvent,
        fold::{self, Misplaced},
    },
};

/// The stream of the service's settings: there is one.
pub const SETTINGS: Uuid = Uuid::nil();

/// What one stream folds to.
pub trait Stream: Sized {
    /// The kind's name in the store. The hashes of its events cover it.
    const KIND: &'static str;
    type Event: Serialize + DeserializeOwned + Send + Sync;

    /// The name of an event in the store.
    fn name(event: &Self::Event) -> &'static str;

    /// The state after one more event; `before` is `None` for the first one.
    ///
    /// # Errors
    /// When the event cannot come here.
    fn fold(
        before: Option<Self>,
        stream: Uuid,
        event: &Self::Event,
        at: Instant,
    ) -> Result<Self, Misplaced>;

    /// How many events it has.
    fn version(&self) -> i64;

    /// The hash of its last event.
    fn last_hash(&mut self) -> &mut Hash;
}

impl Stream for Request {
    const KIND: &'static str = "request";
    type Event = Event;

    fn name(event: &Event) -> &'static str {
        event.name()
    }

    fn fold(
        before: Option<Self>,
        stream: Uuid,
        event: &Event,
        at: Instant,
    ) -> Result<Self, Misplaced> {
        match before {
            None => fold::first(RequestId(stream), event, at),
            Some(request) => fold::fold(request, event, at),
        }
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn last_hash(&mut self) -> &mut Hash {
        &mut self.last_hash
    }
}

impl Stream for ServiceSettings {
    const KIND: &'static str = "settings";
    type Event = SettingsEvent;

    fn name(event: &SettingsEvent) -> &'static str {
        event.name()
    }

    fn fold(
        before: Option<Self>,
        _: Uuid,
        event: &SettingsEvent,
        _: Instant,
    ) -> Result<Self, Misplaced> {
        Ok(before.unwrap_or_default().fold(event))
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn last_hash(&mut self) -> &mut Hash {
        &mut self.last_hash
    }
}

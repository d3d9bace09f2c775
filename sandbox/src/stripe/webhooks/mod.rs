//! Webhooks: which endpoints get an event, signed how, and what becomes of each delivery.

mod deliver;
mod sign;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{
    core::Core,
    model::{Event, EventData},
    settings::API_VERSION,
};
use crate::runtime::random_bytes;

pub(super) use deliver::run;
pub use sign::sign;

/// How long after a failed try the next one comes: three days of tries in all.
const PAUSES: [TimeDelta; 9] = [
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
    TimeDelta::hours(12),
    TimeDelta::hours(12),
    TimeDelta::hours(12),
    TimeDelta::hours(12),
];

/// Where an endpoint's events arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// They are sent to this address, whatever the endpoint's `url` says.
    Address(String),
    /// Nothing is sent: they are treated as if the endpoint had answered with this status.
    Answers(u16),
}

/// Which try of which delivery came to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// `evt_…`
    pub event: String,
    /// For example `refund.failed`.
    pub kind: String,
    /// `we_…`
    pub endpoint: String,
    /// By the account's clock.
    pub at: DateTime<Utc>,
    /// What was answered, or why nothing was.
    pub outcome: Result<u16, String>,
}

/// Everything about deliveries.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    /// By the id of the endpoint.
    pub(super) receivers: BTreeMap<String, Receiver>,
    pub(super) attempts: Vec<Attempt>,
    /// Nothing is sent while this is on.
    pub(super) held: bool,
    open: Vec<Delivery>,
}

/// The far side of an endpoint.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) reach: Reach,
    /// The newest first. An older one signs too, until its time is over.
    secrets: Vec<(String, Option<DateTime<Utc>>)>,
}

/// An event that an endpoint has not taken yet.
#[derive(Debug, Clone)]
struct Delivery {
    event: String,
    endpoint: String,
    tries: usize,
    /// `None` when no try is left.
    next: Option<DateTime<Utc>>,
    under_way: bool,
}

impl Receiver {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            secrets: vec![(new_secret(), None)],
        }
    }

    /// The newest secret.
    pub(super) fn secret(&self) -> &str {
        self.secrets.first().map_or("", |(secret, _)| secret)
    }

    /// Makes a new secret; the old one signs too until then.
    pub(super) fn roll(&mut self, old_until: DateTime<Utc>) {
        for (_, until) in &mut self.secrets {
            until.get_or_insert(old_until);
        }
        self.secrets.insert(0, (new_secret(), None));
    }

    /// The secrets that sign now.
    fn signing(&self, now: DateTime<Utc>) -> impl Iterator<Item = &str> {
        let good = move |(_, until): &&(_, Option<_>)| until.is_none_or(|until| now < until);
        self.secrets
            .iter()
            .filter(good)
            .map(|(secret, _)| secret.as_str())
    }
}

impl Core {
    /// Writes down that something happened; with a time in the past it was sent then.
    pub(super) fn happened_at(
        &mut self,
        kind: &str,
        object: &impl Serialize,
        past: Option<DateTime<Utc>>,
    ) {
        // What the model holds can always be written as JSON.
        let object = serde_json::to_value(object).unwrap_or(Value::Null);
        let event = Event {
            id: self.new_id("evt"),
            object: "event",
            api_version: API_VERSION.to_owned(),
            created: past.unwrap_or_else(|| self.time()).timestamp(),
            data: EventData { object },
            livemode: self.live,
            pending_webhooks: 0,
            request: self.request.clone(),
            kind: kind.to_owned(),
        };
        self.send_out(&event, past.is_some());
        let id = event.id.clone();
        self.account.events.add(event);
        self.count_pending(&id);
    }

    /// Writes down that something happened now, or at the time that history is being written at.
    pub(super) fn happened(&mut self, kind: &str, object: &impl Serialize) {
        self.happened_at(kind, object, self.back_then);
    }

    fn send_out(&mut self, event: &Event, past: bool) {
        let wants = |types: &[String]| types.iter().any(|it| it == "*" || *it == event.kind);
        let now = self.time();
        for endpoint in self.account.endpoints.iter() {
            if endpoint.status != "enabled" || !wants(&endpoint.enabled_events) {
                continue;
            }
            let receiver = self.deliveries.receivers.get(&endpoint.id);
            let taken = match receiver.map(|receiver| &receiver.reach) {
                Some(Reach::Answers(status)) => (200..300).contains(status),
                Some(Reach::Address(_)) => past,
                None => true,
            };
            if !taken {
                self.deliveries.open.push(Delivery {
                    event: event.id.clone(),
                    endpoint: endpoint.id.clone(),
                    tries: 0,
                    next: (!past).then_some(now),
                    under_way: false,
                });
            }
        }
    }

    /// Brings an event's `pending_webhooks` up to date.
    fn count_pending(&mut self, event: &str) {
        let open = self.deliveries.open.iter().filter(|it| it.event == event);
        let pending = open.count();
        if let Some(event) = self.account.events.get_mut(event) {
            event.pending_webhooks = pending;
        }
    }

    /// Sends an event to an endpoint that has had it already.
    pub(super) fn send_again(&mut self, event: &str, endpoint: &str) {
        let next = Some(self.time());
        self.deliveries.open.push(Delivery {
            event: event.to_owned(),
            endpoint: endpoint.to_owned(),
            tries: 0,
            next,
            under_way: false,
        });
        self.count_pending(event);
    }
}

fn new_secret() -> String {
    format!("whsec_{}", hex::encode(random_bytes::<16>()))
}

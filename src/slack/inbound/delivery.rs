//! What comes in from Slack and what it is answered with, whatever carries it: `http` is the adapter for requests to our
//! address.

use axum::body::Bytes;
use serde_json::Value;

use super::inbox::Deadline;
use crate::domain::Instant;

/// What Slack delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A slash command.
    Command,
    /// A click, or a submitted modal.
    Interaction,
    /// What a menu offers, while somebody types.
    Options,
    /// An event of the Events API.
    Event,
}

/// One delivery of which it is certain that Slack sent it.
#[derive(Clone)]
pub struct Delivery {
    pub kind: Kind,
    /// The body as it was sent. It holds personal data: never log it.
    pub body: Bytes,
    /// Names this delivery: the same key again is a replay.
    pub key: String,
    /// When it came in.
    pub received_at: Instant,
    /// When Slack has to have the answer.
    pub answer_by: Deadline,
}

/// The answer to a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It is taken.
    Acknowledged,
    /// It is taken, and Slack shows this or acts on it.
    With(Value),
    /// Slack asks whether it is us.
    Challenge(String),
    /// Nothing follows from it.
    Refused(Refused),
}

/// Why nothing follows from a delivery that Slack sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It cannot be read.
    Unreadable,
    /// The very same delivery came before.
    Replay,
    /// It could not be put on record.
    NotRecorded,
}

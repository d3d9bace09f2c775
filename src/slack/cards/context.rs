//! What travels through Slack and comes back: it says what a click is about and carries no authority.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::limits;
use crate::domain::{PlanDigest, Request, RequestId, particulars::Asking};

/// The value of a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonValue {
    /// The request.
    pub request: RequestId,
    /// The plan that the card showed.
    pub plan: Option<PlanDigest>,
    /// Tells the clicks on different drawings of one card apart: the request's version.
    pub nonce: String,
}

impl ButtonValue {
    /// The value for the buttons of a request's card as it is now.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            request: request.id,
            plan: request.plan.as_ref().map(|plan| plan.digest),
            nonce: request.version.to_string(),
        }
    }

    /// Reads a value back; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '|');
        let request = RequestId(Uuid::parse_str(parts.next()?).ok()?);
        let plan = match parts.next()? {
            "" => None,
            digest => Some(PlanDigest::try_from(digest.to_owned()).ok()?),
        };
        let nonce = parts.next()?.to_owned();
        Some(Self {
            request,
            plan,
            nonce,
        })
    }
}

impl fmt::Display for ButtonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|", self.request)?;
        if let Some(plan) = &self.plan {
            write!(f, "{plan}")?;
        }
        write!(f, "|{}", self.nonce)
    }
}

/// What a modal about a request is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModalContext {
    /// The request.
    pub request: RequestId,
    /// The plan that the card showed.
    pub plan: Option<PlanDigest>,
    /// Where the card is.
    pub channel: Option<String>,
    /// Which message the card is.
    pub message_ts: Option<String>,
}

impl ModalContext {
    /// As a modal's private metadata.
    #[must_use]
    pub fn to_metadata(&self) -> String {
        json(self)
    }

    /// Reads private metadata back; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// What the form that asks for an operation is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskContext {
    /// As people type it: `user delete`.
    pub operation: String,
    /// Where the command was typed.
    pub channel: Option<String>,
}

impl AskContext {
    /// As a modal's private metadata.
    #[must_use]
    pub fn to_metadata(&self) -> String {
        json(self)
    }

    /// Reads private metadata back; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// What a button of an answer asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferValue {
    /// As people type it: `user demote`.
    pub operation: String,
    /// With which arguments and why.
    pub asking: Asking,
}

impl OfferValue {
    /// As a button's value; `None` when it is too long for one.
    #[must_use]
    pub fn to_value(&self) -> Option<String> {
        Some(json(self)).filter(|value| value.len() <= limits::BUTTON_VALUE)
    }

    /// Reads a value back; `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// These types hold text and ids only, which JSON can always say.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

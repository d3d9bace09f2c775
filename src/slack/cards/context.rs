//! What travels through Slack and comes back: it says what a click is about and carries no authority.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::limits;
use crate::domain::{PlanDigest, Request, RequestId, State, event::Asking};

/// The length of a button's nonce.
const NONCE_DIGITS: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonValue {
    pub request: RequestId,
    /// The plan that the card showed.
    pub plan: Option<PlanDigest>,
    /// Names the place in the request's life at which the card was drawn: a click that comes after it is out of date.
    pub nonce: String,
}

impl ButtonValue {
    /// The value for the buttons of a request's card as it is now.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            request: request.id,
            plan: request.plan.as_ref().map(|plan| plan.digest),
            nonce: nonce(request.id, &place(request)),
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

/// Whether a nonce is that of the request's card as it is now.
#[must_use]
pub fn is_of_current_card(request: &Request, given: &str) -> bool {
    given == nonce(request.id, &place(request))
}

/// Whether a nonce is that of the request's card as it is now, or of one that was drawn before a decision was called for
/// again: enough to call a request off, because that is meant whatever the card showed.
#[must_use]
pub fn is_of_request(request: &Request, given: &str) -> bool {
    let rounds = 0..=request.plan.as_ref().map_or(0, |plan| plan.round);
    let mut places =
        rounds.flat_map(|round| [Place::Asked, Place::Plan(round), Place::Cooling(round)]);
    is_of_current_card(request, given) || places.any(|place| given == nonce(request.id, &place))
}

/// A place in a request's life that has buttons of its own. It stays the same while others try or approve, so that
/// nobody can make a card out of date by clicking on it.
#[derive(Serialize)]
enum Place<'a> {
    Asked,
    /// The plan of a round waits for approval or confirmation.
    Plan(i32),
    /// The cooling-off time of a round.
    Cooling(i32),
    /// Stuck at a step for a reason.
    Stuck(&'a str, &'a str, bool),
    /// Nothing to click.
    Other,
}

fn place(request: &Request) -> Place<'_> {
    let round = request.plan.as_ref().map_or(0, |plan| plan.round);
    match &request.state {
        State::Asked => Place::Asked,
        State::AwaitingApproval { .. } | State::AwaitingConfirmation => Place::Plan(round),
        State::CoolingOff { .. } => Place::Cooling(round),
        State::Stuck {
            step,
            why,
            indeterminate,
            ..
        } => Place::Stuck(step, why, *indeterminate),
        _ => Place::Other,
    }
}

/// Sixteen digits of a hash over request and place. It gives no right, so it needs no key.
fn nonce(request: RequestId, place: &Place<'_>) -> String {
    let hash = Sha256::digest(json(&(request, place)));
    let mut digits = hex::encode(hash);
    digits.truncate(NONCE_DIGITS);
    digits
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
    pub request: RequestId,
    /// The plan that the card showed.
    pub plan: Option<PlanDigest>,
    /// The nonce of the button that opened the modal.
    #[serde(default)]
    pub nonce: String,
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

//! What Slack sends, read from the verified raw body by types of our own.
//!
//! Every field is optional and a field of an unexpected shape reads as absent, because Slack adds and changes fields
//! at will and sends `null` where its documentation promises a value. What a decision needs is asked for by an
//! accessor, and its absence is the caller's refusal. The whole payload is kept as it came (`raw`).

mod command;
mod element;
mod event;
mod input;
mod interaction;
mod view;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

pub use command::{SlashCommand, parse_command};
pub use element::{Action, Channel, Container, Message};
pub use event::{Event, EventEnvelope, EventKind, parse_event};
pub use input::{Input, SelectedOption, ViewState};
pub use interaction::{Interaction, InteractionKind, parse_interaction};
pub use view::{View, ViewResponseUrl};

/// Why a verified body could not be read. The texts hold nothing of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The form has no such field.
    #[error("the form has no field named {0}")]
    MissingField(&'static str),
    /// The JSON cannot be read, or is not an object.
    #[error("the payload is not a JSON object")]
    NotAnObject,
}

/// The key by which the same inbox entry is known when it is delivered twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as text, for example `event:Ev0123`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A key of `kind` from the parts that make the inbox entry unique; `None` when one of them is absent.
    fn from_parts<const N: usize>(kind: &str, parts: [Option<&str>; N]) -> Option<Self> {
        let mut key = kind.to_owned();
        for part in parts {
            key.push(':');
            key.push_str(part?);
        }
        Some(Self(key))
    }
}

/// Somebody or something that Slack names by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Named {
    /// The id: `U…` or `W…` for people, `T…` for workspaces, `E…` for organisations.
    pub id: Option<String>,
    /// The name, where Slack says it. It can be chosen freely: never decide by it.
    pub name: Option<String>,
    /// For people: the workspace that they come from.
    pub team_id: Option<String>,
}

fn json_object(text: &[u8]) -> Result<Value, PayloadError> {
    serde_json::from_slice(text)
        .ok()
        .filter(Value::is_object)
        .ok_or(PayloadError::NotAnObject)
}

/// Reads a value of any shape; one that does not fit is the default.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(T::deserialize(value).unwrap_or_default())
}

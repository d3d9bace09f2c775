use serde::Deserialize;

use super::{Input, lenient};

/// Where an element was shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Container {
    /// `message`, `view` or `message_attachment`.
    #[serde(rename = "type", deserialize_with = "lenient")]
    pub kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub message_ts: Option<String>,
    /// The channel of the message.
    #[serde(deserialize_with = "lenient")]
    pub channel_id: Option<String>,
    /// The thread of the message.
    #[serde(deserialize_with = "lenient")]
    pub thread_ts: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub view_id: Option<String>,
    /// Whether only one person sees the message. Such a message cannot be updated by channel and ts.
    #[serde(deserialize_with = "lenient")]
    pub is_ephemeral: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Channel {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
}

/// A message, as far as it is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The message's timestamp, which is its id in the channel.
    #[serde(deserialize_with = "lenient")]
    pub ts: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub thread_ts: Option<String>,
}

/// One element that was used.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Action {
    /// The element.
    #[serde(deserialize_with = "lenient")]
    pub action_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub block_id: Option<String>,
    /// When it was used.
    #[serde(deserialize_with = "lenient")]
    pub action_ts: Option<String>,
    /// What it holds.
    #[serde(flatten)]
    pub input: Input,
}

impl Action {
    /// The value of a button, or the first that was chosen.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        let chosen = self.input.chosen();
        self.input.text().or_else(|| chosen.first().copied())
    }
}

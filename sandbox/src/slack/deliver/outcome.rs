//! What people do, and what came of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::slack::signing::Outgoing;

/// What became of a request to the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered in time.
    Answered {
        /// The HTTP status.
        status: u16,
        /// `Content-Type`, or nothing.
        content_type: String,
        /// The whole body.
        body: String,
        /// `X-Slack-No-Retry: 1` was set.
        no_retry: bool,
    },
    /// It was not answered within the limit.
    TimedOut,
    /// There was no connection, or it broke.
    Unreachable(String),
}

/// One request to the app and what came of it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What was sent; it can be sent again.
    pub request: Outgoing,
    /// What became of it.
    pub outcome: Outcome,
    /// What became of the duplicate, when duplicates are switched on.
    pub again: Option<Outcome>,
    /// The error that the person sees; `None` when all went well.
    pub error: Option<String>,
}

impl Delivery {
    /// Whether the app answered with success, and properly.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.error.is_none()
    }

    /// The HTTP status, 0 without an answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.outcome {
            Outcome::Answered { status, .. } => *status,
            _ => 0,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn body(&self) -> &str {
        match &self.outcome {
            Outcome::Answered { body, .. } => body,
            _ => "",
        }
    }
}

/// What a person presses or chooses.
#[derive(Debug, Clone)]
pub struct Pick {
    /// Who.
    pub user: String,
    /// The channel and `ts` of a message, or the id of a view (then the other is empty).
    pub channel: String,
    /// See `channel`.
    pub ts: String,
    /// An open modal or a Home tab, instead of a message.
    pub view: Option<String>,
    /// Needed when several blocks have the same `action_id`.
    pub block_id: Option<String>,
    /// What is pressed.
    pub action_id: String,
    /// What is chosen or typed, for elements that have a value: the value of an option, or an object as in `state`.
    pub entered: Option<Value>,
    /// What was entered in the same message or view before, as in `state.values`.
    pub around: Value,
}

impl Pick {
    /// A button of a message.
    #[must_use]
    pub fn on_message(user: &str, channel: &str, ts: &str, action_id: &str) -> Self {
        Self {
            user: user.into(),
            channel: channel.into(),
            ts: ts.into(),
            view: None,
            block_id: None,
            action_id: action_id.into(),
            entered: None,
            around: Value::Null,
        }
    }

    /// An element of an open modal or of a Home tab.
    #[must_use]
    pub fn on_view(user: &str, view: &str, action_id: &str) -> Self {
        Self {
            view: Some(view.into()),
            ..Self::on_message(user, "", "", action_id)
        }
    }

    /// The same in this block.
    #[must_use]
    pub fn in_block(self, block_id: &str) -> Self {
        Self {
            block_id: Some(block_id.into()),
            ..self
        }
    }

    /// The same with this entered.
    #[must_use]
    pub fn with(self, entered: impl Into<Value>) -> Self {
        Self {
            entered: Some(entered.into()),
            ..self
        }
    }
}

/// What a person sees after pressing a modal's submit button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// This modal, or all of them, closed.
    Closed,
    /// Messages under inputs, by block id.
    Errors(BTreeMap<String, String>),
    /// The modal shows something else, or another one lies on top.
    Updated,
    /// "We had some trouble connecting", and why.
    Trouble(String),
}

/// What an external select offers.
#[derive(Debug, Clone, PartialEq)]
pub enum Suggestions {
    /// These options, those of groups included.
    Options(Vec<Value>),
    /// "No result", and why.
    NoResult(String),
}

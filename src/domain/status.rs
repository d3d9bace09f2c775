//! Where a request stands, in one word: for the store, and for people.

use serde::{Deserialize, Serialize};

/// The state of a request without its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is the state of the same name")]
pub enum Status {
    Asked,
    Refused,
    AwaitingApproval,
    AwaitingConfirmation,
    Approved,
    CoolingOff,
    RollingBack,
    Running,
    Denied,
    Expired,
    Cancelled,
    Stopped,
    Succeeded,
    Failed,
    Indeterminate,
    Settled,
    Reversed,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Asked,
        Self::Refused,
        Self::AwaitingApproval,
        Self::AwaitingConfirmation,
        Self::Approved,
        Self::CoolingOff,
        Self::RollingBack,
        Self::Running,
        Self::Denied,
        Self::Expired,
        Self::Cancelled,
        Self::Stopped,
        Self::Succeeded,
        Self::Failed,
        Self::Indeterminate,
        Self::Settled,
        Self::Reversed,
    ];

    /// Its name in the store and in exports: `awaiting_approval`. It never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Refused => "refused",
            Self::AwaitingApproval => "awaiting_approval",
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::Approved => "approved",
            Self::CoolingOff => "cooling_off",
            Self::RollingBack => "rolling_back",
            Self::Running => "running",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Stopped => "stopped",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
            Self::Settled => "settled",
            Self::Reversed => "reversed",
        }
    }

    /// As people read it: `awaiting approval`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Asked => "being planned",
            Self::AwaitingApproval => "awaiting approval",
            Self::AwaitingConfirmation => "awaiting confirmation",
            Self::CoolingOff => "cooling off",
            Self::RollingBack => "rolling back",
            Self::Succeeded => "done",
            other => other.name(),
        }
    }

    /// The status of a name from the store.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether a person who types `text` means this one: its word, the first part of its word, or its name.
    #[must_use]
    pub fn is_meant_by(self, text: &str) -> bool {
        let word = self.word();
        text == word || text == self.name() || word.split(' ').next() == Some(text)
    }

    /// True when nothing more will happen to the request.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        match self {
            Self::Refused
            | Self::Denied
            | Self::Expired
            | Self::Cancelled
            | Self::Stopped
            | Self::Succeeded
            | Self::Settled
            | Self::Reversed => true,
            Self::Asked
            | Self::AwaitingApproval
            | Self::AwaitingConfirmation
            | Self::Approved
            | Self::CoolingOff
            | Self::RollingBack
            | Self::Running
            | Self::Failed
            | Self::Indeterminate => false,
        }
    }
}

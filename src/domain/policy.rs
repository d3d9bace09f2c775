//! Risk classes and what each demands before anything runs.

use serde::{Deserialize, Serialize};

use super::{Instant, person::Role};

/// How much an operation can hurt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Looks, changes nothing. Still journalled: who looked at whom.
    Read,
    /// Reversible and audited.
    Change,
    /// Needs a second admin.
    Sensitive,
    /// Needs a second admin, a typed confirmation and, where nothing can be undone, a cooling-off time.
    Destructive,
}

impl Risk {
    /// The lowest role that may ask for an operation of this risk.
    #[must_use]
    pub fn role_to_ask(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Change => Role::Operator,
            Self::Sensitive | Self::Destructive => Role::Admin,
        }
    }

    /// True when a second person must approve, whatever the configuration says.
    #[must_use]
    pub fn is_gated(self) -> bool {
        matches!(self, Self::Sensitive | Self::Destructive)
    }

    /// The word that people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
            Self::Sensitive => "sensitive",
            Self::Destructive => "destructive",
        }
    }
}

/// What the configuration says about approvals. The domain never goes below its own minimum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// Approvals for `sensitive` operations, at least 1.
    pub sensitive_approvals: u8,
    /// Approvals for `destructive` operations, at least 1.
    pub destructive_approvals: u8,
    /// How long a request waits for approval.
    pub approval_expiry: chrono::Duration,
    /// How long a request waits for the requester to confirm it.
    pub confirmation_expiry: chrono::Duration,
    /// How long what cannot be undone waits after approval.
    pub cooling_off: chrono::Duration,
}

/// What one plan of one request demands. Written into the journal, so that a later change of the
/// configuration does not change what an open request needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Distinct persons who must approve; 0 only for risks that are not gated.
    pub approvals: u8,
    /// Whether the requester has to confirm, where nobody has to approve.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirm: bool,
    /// When the request expires if it is not approved or confirmed.
    pub expires_at: Instant,
    /// Seconds between approval and the run; 0 for none.
    pub cooling_off_seconds: u32,
}

impl Policy {
    /// The policy for a plan of `risk` that is shown at `now`. `irreversible` plans cool off, and `confirm` says that the
    /// requester confirms it when nobody has to approve.
    #[must_use]
    pub fn new(
        risk: Risk,
        irreversible: bool,
        confirm: bool,
        settings: &PolicySettings,
        now: Instant,
    ) -> Self {
        let approvals = match risk {
            Risk::Read | Risk::Change => 0,
            Risk::Sensitive => settings.sensitive_approvals.max(1),
            Risk::Destructive => settings.destructive_approvals.max(1),
        };
        let cooling_off = if irreversible && risk.is_gated() {
            settings.cooling_off.num_seconds().max(0)
        } else {
            0
        };
        let waits = if confirm {
            settings.confirmation_expiry
        } else {
            settings.approval_expiry
        };
        Self {
            approvals,
            confirm,
            expires_at: now + waits,
            cooling_off_seconds: u32::try_from(cooling_off).unwrap_or(u32::MAX),
        }
    }
}

//! What holds for the whole service until somebody changes it. It has a stream of its own in the journal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::RequestId;

/// A change of the service's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SettingsEvent {
    /// The freeze was switched on or off.
    FreezeSwitched {
        /// What it is from now on.
        on: bool,
        /// The request that switched it.
        request: RequestId,
    },
}

impl SettingsEvent {
    /// Its name in the journal.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::FreezeSwitched { .. } => "freeze_switched",
        }
    }
}

/// The service's settings: the fold of their events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// How many events it has.
    pub version: i64,
    pub last_hash: [u8; 32],
    /// Whether runs that change something wait.
    pub frozen: bool,
    /// The requests that switched the freeze.
    pub switched_by: BTreeSet<RequestId>,
}

impl ServiceSettings {
    /// The settings after one more event.
    #[must_use]
    pub fn fold(mut self, event: &SettingsEvent) -> Self {
        self.version += 1;
        match event {
            SettingsEvent::FreezeSwitched { on, request } => {
                self.frozen = *on;
                self.switched_by.insert(*request);
            }
        }
        self
    }

    /// What a request that switches the freeze records: nothing when it has done so before.
    #[must_use]
    pub fn switch_freeze(&self, on: bool, request: RequestId) -> Option<SettingsEvent> {
        let is_done = self.switched_by.contains(&request);
        (!is_done).then_some(SettingsEvent::FreezeSwitched { on, request })
    }
}

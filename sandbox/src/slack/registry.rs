//! What the demo adds to the page: panels with facts and actions, and switches.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use serde::Serialize;

/// What a panel shows now.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Panel {
    /// Facts, one per line.
    pub rows: Vec<PanelRow>,
    /// What can be pressed.
    pub actions: Vec<PanelAction>,
}

/// One fact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PanelRow {
    /// What it is about.
    pub label: String,
    /// The fact.
    pub value: String,
    /// `good`, `bad` or `muted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<String>,
}

/// One button.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PanelAction {
    /// What comes back when it is pressed.
    pub id: String,
    /// What is on it.
    pub label: String,
    /// `good`, `bad` or `muted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<String>,
}

pub(super) type Load = Arc<dyn Fn() -> BoxFuture<'static, Panel> + Send + Sync>;
pub(super) type Act = Arc<dyn Fn(String) -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

#[derive(Clone)]
pub(super) struct PanelEntry {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) load: Load,
    pub(super) act: Act,
}

#[derive(Clone)]
pub(super) struct SwitchEntry {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) get: Arc<dyn Fn() -> bool + Send + Sync>,
    pub(super) set: Arc<dyn Fn(bool) + Send + Sync>,
}

#[derive(Default)]
pub(super) struct Registry {
    panels: Mutex<Vec<PanelEntry>>,
    switches: Mutex<Vec<SwitchEntry>>,
}

impl Registry {
    pub(super) fn add_panel(&self, entry: PanelEntry) {
        let mut panels = self.panels.lock().unwrap_or_else(PoisonError::into_inner);
        panels.retain(|panel| panel.id != entry.id);
        panels.push(entry);
    }

    pub(super) fn add_switch(&self, entry: SwitchEntry) {
        let mut switches = self.switches.lock().unwrap_or_else(PoisonError::into_inner);
        switches.retain(|switch| switch.id != entry.id);
        switches.push(entry);
    }

    pub(super) fn panels(&self) -> Vec<PanelEntry> {
        self.panels
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn switches(&self) -> Vec<SwitchEntry> {
        self.switches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

//! What the demo adds to the page.

use std::{future::Future, sync::Arc};

use super::Workspace;
use crate::slack::registry::{Panel, PanelEntry, SwitchEntry};

impl Workspace {
    /// Adds a switch to the page.
    pub fn register_switch(
        &self,
        id: &str,
        label: &str,
        get: impl Fn() -> bool + Send + Sync + 'static,
        set: impl Fn(bool) + Send + Sync + 'static,
    ) {
        self.shared.registry.add_switch(SwitchEntry {
            id: id.into(),
            label: label.into(),
            get: Arc::new(get),
            set: Arc::new(set),
        });
        self.shared.wake();
    }

    /// Adds a panel to the page; `act` gets the id of the action that was pressed.
    pub fn register_panel<Loading, Acting>(
        &self,
        id: &str,
        title: &str,
        load: impl Fn() -> Loading + Send + Sync + 'static,
        act: impl Fn(String) -> Acting + Send + Sync + 'static,
    ) where
        Loading: Future<Output = Panel> + Send + 'static,
        Acting: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.shared.registry.add_panel(PanelEntry {
            id: id.into(),
            title: title.into(),
            load: Arc::new(move || Box::pin(load())),
            act: Arc::new(move |action| Box::pin(act(action))),
        });
        self.shared.wake();
    }

    /// Tells the page that something changed which the workspace cannot know of, such as a panel's facts.
    pub fn touch(&self) {
        self.shared.wake();
    }
}

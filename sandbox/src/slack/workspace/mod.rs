//! The handle on a running workspace.

mod acts;
mod content;
mod page;

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::{api, core::Shared, deliver, faults::Faults, hooks, page_api, settings::Settings};
use crate::hosting;

/// How often events that are due again are looked for, in real time.
const TICK: Duration = Duration::from_millis(100);

/// A simulated Slack workspace that is running. Clones are the same workspace.
#[derive(Clone)]
pub struct Workspace {
    pub(super) shared: Arc<Shared>,
}

impl Workspace {
    /// Starts one.
    ///
    /// # Errors
    /// When the address or the record file cannot be used.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.bind)
            .await
            .context("cannot listen for the workspace")?;
        let base_url = format!(
            "http://{}",
            listener.local_addr().context("no local address")?
        );
        let shared = Shared::new(settings, base_url)?;
        let routes = api::router()
            .merge(hooks::router())
            .merge(page_api::router());
        let router = routes
            .layer(api::body_limit())
            .with_state(Arc::clone(&shared));
        let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
        shared
            .tasks
            .spawn(hosting::serve(listener, router, stop, tasks));
        shared.tasks.spawn(tick(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// Where it listens; the page is here.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// What the app gets as the Web API's URL, without a slash at the end.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}/api", self.shared.base_url)
    }

    /// The secret that requests are signed with.
    #[must_use]
    pub fn signing_secret(&self) -> &str {
        &self.shared.settings.signing_secret
    }

    /// The token that the app has to present.
    #[must_use]
    pub fn bot_token(&self) -> &str {
        &self.shared.settings.bot_token
    }

    /// Where the app listens, without a slash at the end. It may change while everything runs.
    pub fn set_app_url(&self, url: &str) {
        let url = url.trim_end_matches('/').to_owned();
        self.shared.change(|core| core.app_url = Some(url));
    }

    /// Stops everything and waits until it has stopped.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    /// The switches for what can go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }
}

/// Sends events again when they are due by the workspace's clock.
async fn tick(shared: Arc<Shared>) {
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            _ = every.tick() => {}
        }
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = deliver::deliver_due(&shared) => {}
        }
    }
}

//! The handle on a running account.

use std::sync::Arc;

use anyhow::Context as _;
use axum::{Router, extract::DefaultBodyLimit};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use super::{
    Account, Attempt, Call, Faults, Key, Reach, Settings,
    core::{Core, Shared},
    traffic, webhooks,
};
use crate::hosting;

/// Bytes of one request.
const BODY_MAX: usize = 1024 * 1024;

/// A simulated Stripe account that is running. Clones are the same account.
#[derive(Clone)]
pub struct Stripe {
    pub(super) shared: Arc<Shared>,
}

impl Stripe {
    /// Starts one, with nothing in it.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(settings: Settings) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(settings.bind)
            .await
            .context("cannot listen for the simulated Stripe")?;
        let url = format!("http://{}", listener.local_addr()?);
        // A process that has no TLS provider yet gets ring; one that has keeps its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // Every delivery has a connection of its own: the app may have been killed and started again.
            .pool_max_idle_per_host(0)
            .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .build()
            .context("cannot set up the HTTP client")?;
        let core = Core::new(settings.keys, settings.live, settings.now);
        let shared = Shared::new(core, http, url, settings.retries);
        let router = Router::new()
            .fallback(traffic::receive)
            .layer(DefaultBodyLimit::max(BODY_MAX))
            .with_state(Arc::clone(&shared));
        let (stop, tasks) = (shared.stop.clone(), shared.tasks.clone());
        shared
            .tasks
            .spawn(hosting::serve(listener, router, stop, tasks));
        shared.tasks.spawn(webhooks::run(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// The base URL, without `/v1`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The first key of the account; empty when it has none.
    #[must_use]
    pub fn secret_key(&self) -> String {
        self.shared.read(|core| {
            let first = core.account_keys.first();
            first.map(|key| key.secret.clone()).unwrap_or_default()
        })
    }

    /// Replaces the keys, for example to take a right from one.
    pub fn set_keys(&self, keys: Vec<Key>) {
        self.shared.change(|core| core.account_keys = keys);
    }

    /// The switches for what can go wrong.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// A copy of all that the account holds now.
    #[must_use]
    pub fn account(&self) -> Account {
        self.shared.read(|core| core.account.clone())
    }

    /// Every request so far, also those that were refused or cut.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.read(|core| core.calls.clone())
    }

    /// The requests of one operation so far, for example `POST /v1/refunds`.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| call.operation == operation);
        calls
    }

    /// Empties the record of requests.
    pub fn clear_calls(&self) {
        self.shared.change(|core| core.calls.clear());
    }

    /// Requests that no correct client sends: unknown parameters, wrong types, no version.
    #[must_use]
    pub fn unexpected(&self) -> Vec<String> {
        self.shared.read(|core| core.unexpected.clone())
    }

    /// Every try to deliver an event so far.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Attempt> {
        self.shared.read(|core| core.deliveries.attempts.clone())
    }

    /// Says where an endpoint's events arrive from now on.
    pub fn set_reach(&self, endpoint: &str, reach: Reach) {
        self.shared.change(|core| {
            if let Some(receiver) = core.deliveries.receivers.get_mut(endpoint) {
                receiver.reach = reach;
            }
        });
    }

    /// Disables an endpoint, as Stripe does after days of failures, or enables it.
    pub fn set_enabled(&self, endpoint: &str, enabled: bool) {
        self.shared.change(|core| {
            if let Some(endpoint) = core.account.endpoints.get_mut(endpoint) {
                endpoint.status = if enabled { "enabled" } else { "disabled" };
            }
        });
    }

    /// Makes a new secret for an endpoint and gives it; the old one signs too until then.
    pub fn roll_secret(&self, endpoint: &str, old_until: DateTime<Utc>) -> Option<String> {
        self.shared.change(|core| {
            let receiver = core.deliveries.receivers.get_mut(endpoint)?;
            receiver.roll(old_until);
            Some(receiver.secret().to_owned())
        })
    }

    /// Holds every delivery back, or lets them go.
    pub fn hold_webhooks(&self, held: bool) {
        self.shared.change(|core| core.deliveries.held = held);
    }

    /// Sends an event to an endpoint once more, as happens: deliveries come at least once.
    pub fn send_again(&self, event: &str, endpoint: &str) {
        self.shared.change(|core| core.send_again(event, endpoint));
    }

    /// Closes the port and every connection, also in the middle of a call.
    pub async fn stop(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

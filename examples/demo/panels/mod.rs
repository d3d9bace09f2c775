//! What the page shows backstage: the application's data, the service, Stripe, and the switches of S3.

mod data;
mod service;
mod stripe;
mod switches;

use std::{sync::Arc, time::Duration};

use countersign_sandbox::{s3::S3Server, slack::Workspace, stripe::Stripe};
use tokio::{sync::watch, task::JoinHandle, time};

use crate::{
    app::{App, Facts},
    folder::Folder,
    service::Service,
};

/// How often the application's data is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Adds the panels and switches. The task that keeps the data's panel current runs until it is aborted.
pub async fn register(
    slack: &Workspace,
    app: &Arc<App>,
    service: &Service,
    s3: &Arc<S3Server>,
    account: &Stripe,
    folder: &Folder,
) -> anyhow::Result<JoinHandle<()>> {
    let facts = Arc::new(watch::Sender::new(app.facts().await?));
    data::register(slack, app, &facts);
    service::register(slack, service, s3, folder);
    stripe::register(slack, account);
    switches::register(slack, s3);
    Ok(tokio::spawn(look(slack.clone(), app.clone(), facts)))
}

/// Tells the page when something changed.
async fn look(slack: Workspace, app: Arc<App>, facts: Arc<watch::Sender<Facts>>) {
    let mut every = time::interval(LOOK);
    every.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        match app.facts().await {
            Ok(now) => {
                let changed = facts.send_if_modified(|last| {
                    let differs = *last != now;
                    if differs {
                        *last = now;
                    }
                    differs
                });
                if changed {
                    slack.touch();
                }
            }
            Err(error) => tracing::warn!("the app's data cannot be read: {error:#}"),
        }
    }
}

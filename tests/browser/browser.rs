//! Chromium without a window, driven over WebDriver.

use std::time::Duration;

use fantoccini::{Client, ClientBuilder, wd::TimeoutConfiguration};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, json};
use tokio::process::Command;

use crate::process::Process;

/// How long anything may take until it is on the page. Two busy cores are slow.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// The window, in pixels.
const WINDOW: &str = "--window-size=1400,900";

/// What Chromium is started with: nothing that reaches out, and nothing that a container forbids.
const ARGUMENTS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    WINDOW,
];

/// A browser with one session, whose profile is new and thrown away by the driver.
pub struct Browser {
    /// The session.
    pub client: Client,
    _driver: Process,
}

impl Browser {
    /// Starts a driver on a free port, and the browser.
    pub async fn start() -> Self {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        let (driver, port) = Process::start(command, |line| {
            let port = line.split("started successfully on port ").nth(1)?;
            port.trim_end_matches('.').parse::<u16>().ok()
        })
        .await;
        let options = json!({ "goog:chromeOptions": { "args": ARGUMENTS } });
        let capabilities: Map<_, _> = options.as_object().unwrap().clone();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a session of the browser");
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(timeouts).await.unwrap();
        Self {
            client,
            _driver: driver,
        }
    }

    /// Ends the session.
    pub async fn close(self) {
        self.client.close().await.expect("closing the browser");
    }
}

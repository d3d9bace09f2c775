//! Vercel: a thin typed client of one project.

mod firewall;

use std::time::Duration;

pub use firewall::{IpRule, RuleAction};

use super::http::{SetupError, VendorClient, VendorSettings};

/// Where Vercel is, and how it is asked.
#[derive(Debug, Clone)]
pub struct VercelSettings {
    /// A token that reaches the project.
    pub token: String,
    pub project: String,
    /// The team; `None` for a personal account.
    pub team: Option<String>,
    /// The base URL.
    pub base: String,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long a whole call may take.
    pub timeout: Duration,
}

/// A client of one project. Cheap to clone; its `Debug` does not show the token.
#[derive(Debug, Clone)]
pub struct Vercel {
    client: VendorClient,
    project: String,
    team: Option<String>,
}

impl Vercel {
    /// Makes a client. Nothing is asked yet.
    pub fn new(settings: &VercelSettings) -> Result<Self, SetupError> {
        let client = VendorClient::new(&VendorSettings {
            vendor: "Vercel",
            key_setting: "VERCEL_TOKEN",
            key: settings.token.clone(),
            base: settings.base.clone(),
            request_id: "x-vercel-id",
            final_codes: &[],
            connect: settings.connect,
            timeout: settings.timeout,
        })?;
        Ok(Self {
            client,
            project: settings.project.clone(),
            team: settings.team.clone(),
        })
    }

    /// The query that every call has: which project, of which team.
    fn scope(&self) -> Vec<(&str, &str)> {
        let team = self.team.as_deref().map(|team| ("teamId", team));
        std::iter::once(("projectId", self.project.as_str()))
            .chain(team)
            .collect()
    }
}

//! The rules of the firewall that are about single networks. They take effect at once. The whole configuration is never
//! written: `PUT` would overwrite what others set.

use http::Method;
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Vercel;
use crate::{
    network,
    systems::http::{Call, Doing, VendorError},
};

const CONFIG: &str = "/v1/security/firewall/config";
const ACTIVE: &str = "/v1/security/firewall/config/active";
/// The code with which Vercel says that there is no such thing.
const NOT_FOUND: &str = "not_found";
/// Every host of the project.
const ALL_HOSTS: &str = "*";

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleAction {
    /// Requests are refused.
    Deny,
    /// Requests must pass a challenge.
    Challenge,
    /// Requests are noted.
    Log,
    /// Requests pass whatever the other rules say.
    Bypass,
    /// An action that is not known here.
    #[serde(other)]
    Other,
}

impl RuleAction {
    /// As people read it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Challenge => "challenge",
            Self::Log => "log",
            Self::Bypass => "bypass",
            Self::Other => "another action",
        }
    }
}

/// A rule about one address or network.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IpRule {
    /// Vercel's id.
    pub id: String,
    /// The address or network, as it was written.
    pub ip: String,
    /// The host that it is about; `*` is all.
    pub hostname: String,
    /// What it does.
    pub action: RuleAction,
    /// What whoever made it noted.
    #[serde(default)]
    pub notes: String,
}

impl IpRule {
    /// The network; `None` when it is written as none.
    #[must_use]
    pub fn network(&self) -> Option<IpNet> {
        network::parse(&self.ip)
    }

    /// Whether it refuses every request to every host from a network.
    #[must_use]
    pub fn denies_all_of(&self, of: &IpNet) -> bool {
        self.action == RuleAction::Deny
            && self.hostname == ALL_HOSTS
            && self.network().is_some_and(|network| network.contains(of))
    }
}

#[derive(Deserialize)]
struct Active {
    ips: Vec<IpRule>,
}

impl Vercel {
    /// The rules that are in force; `None` when Vercel has no firewall configuration for the project.
    pub async fn ip_rules(&self) -> Result<Option<Vec<IpRule>>, VendorError> {
        let call = Call {
            what: "read the firewall",
            method: Method::GET,
            path: ACTIVE,
            query: &self.scope(),
            body: None,
            doing: Doing::Reading,
        };
        match self.client.call::<Active>(call).await {
            Ok(answer) => Ok(Some(answer.body.ips)),
            // Anything on the way can answer 404; only Vercel itself gives this code.
            Err(error) if error.is_missing() && error.code.as_deref() == Some(NOT_FOUND) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Refuses every request from a network. Not idempotent: a second call makes a second rule, so it is looked up first.
    pub async fn deny(&self, of: &IpNet, notes: &str) -> Result<(), VendorError> {
        let value = json!({
            "hostname": ALL_HOSTS,
            "ip": network::written(of),
            "action": "deny",
            "notes": notes,
        });
        let change = json!({ "action": "ip.insert", "id": null, "value": value });
        self.change("add a firewall rule", change).await
    }

    /// Removes a rule. One that is gone already is a success.
    pub async fn remove_rule(&self, id: &str) -> Result<(), VendorError> {
        let change = json!({ "action": "ip.remove", "id": id });
        match self.change("remove a firewall rule", change).await {
            Err(error) if error.is_missing() && error.code.as_deref() == Some(NOT_FOUND) => Ok(()),
            outcome => outcome,
        }
    }

    async fn change(&self, what: &'static str, body: Value) -> Result<(), VendorError> {
        let call = Call {
            what,
            method: Method::PATCH,
            path: CONFIG,
            query: &self.scope(),
            body: Some(body),
            doing: Doing::Writing,
        };
        self.client.call::<Value>(call).await.map(|_| ())
    }
}

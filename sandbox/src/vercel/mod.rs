//! A simulated Vercel project: its firewall.

use std::{net::IpAddr, path::PathBuf};

use serde_json::{Value, json};

use crate::{
    runtime::Now,
    vendor::{Reply, Request, Running, Simulated},
};

/// A token that reaches the project.
pub const TOKEN: &str = "vcp_sandbox_token_of_the_project";
/// The project.
pub const PROJECT: &str = "prj_sandbox";
/// Its team.
pub const TEAM: &str = "team_sandbox";
/// `GET /v1/security/firewall/config/active`
pub const READ_FIREWALL: &str = "GET /v1/security/firewall/config/active";
/// `PATCH /v1/security/firewall/config`
pub const CHANGE_FIREWALL: &str = "PATCH /v1/security/firewall/config";
/// Rules about networks that the project's plan allows.
const MOST_RULES: usize = 10;

/// A rule about a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpRule {
    /// `ip_1`
    pub id: String,
    /// The address or network.
    pub ip: String,
    /// The host.
    pub hostname: String,
    /// `deny`
    pub action: String,
    /// What was noted.
    pub notes: String,
}

/// The project. Changed through [`Vercel`].
pub struct Project {
    /// `None` as long as nobody has configured the firewall.
    rules: Option<Vec<IpRule>>,
    made: u32,
    version: u32,
    now: Now,
}

/// A running project.
pub type Vercel = Running<Project>;

impl Vercel {
    /// Starts one without rules. Exchanges are added to `record`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn open(now: Now, record: Option<PathBuf>) -> anyhow::Result<Self> {
        let project = Project {
            rules: None,
            made: 0,
            version: 0,
            now,
        };
        Self::start(project, record).await
    }

    /// The rules now.
    #[must_use]
    pub fn rules(&self) -> Vec<IpRule> {
        self.with(|it| it.rules.clone().unwrap_or_default())
    }

    /// Adds a rule as somebody does in the dashboard.
    pub fn add_rule(&self, ip: &str, action: &str, notes: &str) {
        self.with(|it| it.add(ip, "*", action, notes));
    }

    /// Removes every rule, as somebody does in the dashboard.
    pub fn remove_rules(&self) {
        self.with(|it| it.rules = Some(vec![]));
    }
}

impl Simulated for Project {
    const NAME: &'static str = "vercel";

    fn answer(&mut self, request: &Request) -> Reply {
        if request.bearer.as_deref() != Some(TOKEN) {
            return refusal(403, "forbidden");
        }
        let unknown = request.unknown_params(&["projectId", "teamId"]);
        if !unknown.is_empty() {
            return refusal(400, "bad_request")
                .unexpected(format!("unknown parameters {unknown:?}"));
        }
        if request.param("teamId") != Some(TEAM) {
            return refusal(403, "forbidden");
        }
        if request.param("projectId") != Some(PROJECT) {
            return refusal(404, "not_found");
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/v1/security/firewall/config/active") => match &self.rules {
                Some(rules) => Reply::of(200, self.shown(rules)),
                None => refusal(404, "not_found"),
            },
            ("PATCH", "/v1/security/firewall/config") => self.change(request),
            _ => refusal(404, "not_found").unexpected("there is no such call"),
        }
    }
}

impl Project {
    fn change(&mut self, request: &Request) -> Reply {
        let misfit = |why: &str| refusal(400, "bad_request").unexpected(why.to_owned());
        let is_json = request.content_type.as_deref() == Some("application/json");
        let Some(body) = request.body.as_object().filter(|_| is_json) else {
            return misfit("the body is no JSON object");
        };
        if body
            .keys()
            .any(|name| !["action", "id", "value"].contains(&name.as_str()))
        {
            return misfit("the body has an unknown field");
        }
        match request.body["action"].as_str() {
            Some("ip.insert") => {
                let value = &request.body["value"];
                let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
                let fields = ["hostname", "ip", "action", "notes"];
                let strange = value
                    .as_object()
                    .is_none_or(|value| value.keys().any(|name| !fields.contains(&name.as_str())));
                let (ip, action) = (text("ip"), text("action"));
                let known = ["deny", "challenge", "log", "bypass"].contains(&action.as_str());
                if strange || !known || text("hostname").is_empty() || !is_network(&ip) {
                    return misfit("the rule does not fit");
                }
                if self.rules.as_ref().map_or(0, Vec::len) >= MOST_RULES {
                    return refusal(402, "too_many_ip_rules");
                }
                self.add(&ip, &text("hostname"), &action, &text("notes"));
                Reply::of(200, json!({}))
            }
            Some("ip.remove") => {
                let id = request.body["id"].as_str().unwrap_or_default();
                let rules = self.rules.get_or_insert_default();
                let before = rules.len();
                rules.retain(|rule| rule.id != id);
                if rules.len() == before {
                    return refusal(404, "not_found");
                }
                self.version += 1;
                Reply::of(200, json!({}))
            }
            _ => misfit("the action is not known"),
        }
    }

    fn add(&mut self, ip: &str, hostname: &str, action: &str, notes: &str) {
        self.made += 1;
        self.version += 1;
        let rule = IpRule {
            id: format!("ip_{}", self.made),
            ip: ip.to_owned(),
            hostname: hostname.to_owned(),
            action: action.to_owned(),
            notes: notes.to_owned(),
        };
        self.rules.get_or_insert_default().push(rule);
    }

    fn shown(&self, rules: &[IpRule]) -> Value {
        let ips = rules.iter().map(|rule| {
            json!({
                "id": rule.id,
                "ip": rule.ip,
                "hostname": rule.hostname,
                "action": rule.action,
                "notes": rule.notes,
            })
        });
        json!({
            "id": "waf_sandbox",
            "ownerId": TEAM,
            "projectKey": PROJECT,
            "firewallEnabled": true,
            "version": self.version,
            "updatedAt": (self.now)().to_rfc3339(),
            "changes": [],
            "rules": [],
            "ips": ips.collect::<Vec<_>>(),
        })
    }
}

fn is_network(text: &str) -> bool {
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(a, p)| (a, Some(p)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|prefix| prefix <= most))
}

fn refusal(status: u16, code: &str) -> Reply {
    let error = json!({ "code": code, "message": "refused by the sandbox" });
    Reply::of(status, json!({ "error": error }))
}

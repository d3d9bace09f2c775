//! People's actions on their way to the app: signed, limited in time, and what the people see of the answer.

mod action;
mod command;
mod escape;
mod event;
mod modal;
mod suggest;

use serde_json::{Value, json};

pub(super) use self::event::{DueEvent, deliver_due};
pub(super) use self::{
    action::{click, request as click_request},
    command::{request as command_request, say, slash, slash_raw},
    event::{event, open_home, verify_url},
    modal::{close, submit},
    suggest::suggest,
};
use super::{
    core::{Core, Shared},
    faults::Duplicates,
    model::{Channel, ChannelKind, User},
    signing::{Outgoing, sign},
};

/// The token that Slack still sends although nobody should check it.
const VERIFICATION_TOKEN: &str = "deprecated-verification-token";
/// Slack reads no more of an answer than this.
const ANSWER_MAX: usize = 1_000_000;

/// What became of a request to the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered in time.
    Answered {
        /// The HTTP status.
        status: u16,
        /// `Content-Type`, or nothing.
        content_type: String,
        /// The whole body.
        body: String,
        /// `X-Slack-No-Retry: 1` was set.
        no_retry: bool,
    },
    /// It was not answered within the limit.
    TimedOut,
    /// There was no connection, or it broke.
    Unreachable(String),
}

/// One request to the app and what came of it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What was sent; it can be sent again.
    pub request: Outgoing,
    /// What became of it.
    pub outcome: Outcome,
    /// What became of the duplicate, when duplicates are switched on.
    pub again: Option<Outcome>,
    /// The error that the person sees; `None` when all went well.
    pub error: Option<String>,
}

impl Delivery {
    /// Whether the app answered with success, and properly.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.error.is_none()
    }

    /// The HTTP status, 0 without an answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.outcome {
            Outcome::Answered { status, .. } => *status,
            _ => 0,
        }
    }

    /// The body of the answer.
    #[must_use]
    pub fn body(&self) -> &str {
        match &self.outcome {
            Outcome::Answered { body, .. } => body,
            _ => "",
        }
    }
}

/// What a person presses or chooses.
#[derive(Debug, Clone)]
pub struct Pick {
    /// Who.
    pub user: String,
    /// The channel and `ts` of a message, or the id of a view (then the other is empty).
    pub channel: String,
    /// See `channel`.
    pub ts: String,
    /// An open modal or a Home tab, instead of a message.
    pub view: Option<String>,
    /// Needed when several blocks have the same `action_id`.
    pub block_id: Option<String>,
    /// What is pressed.
    pub action_id: String,
    /// What is chosen or typed, for elements that have a value: the value of an option, or an object as in `state`.
    pub entered: Option<Value>,
}

impl Pick {
    /// A button of a message.
    #[must_use]
    pub fn on_message(user: &str, channel: &str, ts: &str, action_id: &str) -> Self {
        Self {
            user: user.into(),
            channel: channel.into(),
            ts: ts.into(),
            view: None,
            block_id: None,
            action_id: action_id.into(),
            entered: None,
        }
    }

    /// An element of an open modal or of a Home tab.
    #[must_use]
    pub fn on_view(user: &str, view: &str, action_id: &str) -> Self {
        Self {
            view: Some(view.into()),
            ..Self::on_message(user, "", "", action_id)
        }
    }

    /// The same in this block.
    #[must_use]
    pub fn in_block(self, block_id: &str) -> Self {
        Self {
            block_id: Some(block_id.into()),
            ..self
        }
    }

    /// The same with this entered.
    #[must_use]
    pub fn with(self, entered: impl Into<Value>) -> Self {
        Self {
            entered: Some(entered.into()),
            ..self
        }
    }
}

/// What a person sees after pressing a modal's submit button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// This modal, or all of them, closed.
    Closed,
    /// Messages under inputs, by block id.
    Errors(std::collections::BTreeMap<String, String>),
    /// The modal shows something else, or another one lies on top.
    Updated,
    /// "We had some trouble connecting", and why.
    Trouble(String),
}

/// What an external select offers.
#[derive(Debug, Clone, PartialEq)]
pub enum Suggestions {
    /// These options, those of groups included.
    Options(Vec<Value>),
    /// "No result", and why.
    NoResult(String),
}

/// Sends a request to the app, freshly signed unless it says otherwise.
pub(super) async fn post(shared: &Shared, out: &Outgoing) -> Outcome {
    let Some(app) = shared.read(|core| core.app_url.clone()) else {
        return Outcome::Unreachable("the app has no URL yet".into());
    };
    let timestamp = out
        .timestamp
        .unwrap_or_else(|| shared.read(Core::now).timestamp());
    let signature = out
        .signature
        .clone()
        .unwrap_or_else(|| sign(&shared.settings.signing_secret, timestamp, &out.body));
    let mut request = shared.http.post(format!("{app}{}", out.path));
    request = request
        .header("content-type", &out.content_type)
        .header("accept", "application/json,*/*");
    request = request.header("x-slack-request-timestamp", timestamp.to_string());
    if !signature.is_empty() {
        request = request.header("x-slack-signature", signature);
    }
    for (name, value) in &out.headers {
        request = request.header(name, value);
    }
    let exchange = read_answer(request.body(out.body.clone()));
    match tokio::time::timeout(shared.settings.answer_limit, exchange).await {
        Err(_) => Outcome::TimedOut,
        Ok(Err(error)) => Outcome::Unreachable(error.to_string()),
        Ok(Ok(outcome)) => outcome,
    }
}

async fn read_answer(request: reqwest::RequestBuilder) -> anyhow::Result<Outcome> {
    let response = request.send().await?;
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let (status, content_type) = (response.status().as_u16(), header("content-type"));
    let no_retry = header("x-slack-no-retry") == "1";
    let body = response.bytes().await?;
    anyhow::ensure!(body.len() <= ANSWER_MAX, "the answer is too long");
    Ok(Outcome::Answered {
        status,
        content_type,
        body: String::from_utf8_lossy(&body).into_owned(),
        no_retry,
    })
}

/// Sends a click or a command, twice where that is switched on.
async fn post_click(shared: &Shared, out: &Outgoing) -> (Outcome, Option<Outcome>) {
    match shared.faults.duplicates() {
        Duplicates::Off => (post(shared, out).await, None),
        Duplicates::InTurn => {
            let first = post(shared, out).await;
            (first, Some(post(shared, out).await))
        }
        Duplicates::AtOnce => {
            let (first, second) = tokio::join!(post(shared, out), post(shared, out));
            (first, Some(second))
        }
    }
}

/// The error that Slack names for an outcome; `None` for success.
fn error_of(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Answered {
            status: 200..=299, ..
        } => None,
        Outcome::Answered {
            status: 400..=499, ..
        } => Some("http_client_error"),
        Outcome::Answered { .. } => Some("http_service_error"),
        Outcome::TimedOut => Some("operation_timeout"),
        Outcome::Unreachable(_) => Some("dispatch_failed"),
    }
}

/// Someone who can use Slack: known, active, and not a bot.
fn person<'a>(core: &'a Core, id: &str) -> anyhow::Result<&'a User> {
    let user = core
        .world
        .users
        .get(id)
        .ok_or_else(|| anyhow::anyhow!("there is no user {id}"))?;
    anyhow::ensure!(
        !user.deleted,
        "{} is deactivated and cannot use Slack",
        user.name
    );
    anyhow::ensure!(!user.is_bot, "{} is a bot", user.name);
    Ok(user)
}

/// Whether this person sees what is said in the channel.
pub(super) fn sees(core: &Core, user: &User, channel: &Channel) -> bool {
    let outsider = user.is_restricted || core.world.is_foreign(user);
    channel.members.contains(&user.id) || (channel.kind == ChannelKind::Public && !outsider)
}

/// The parts that every interaction has.
fn envelope(core: &Core, user: &User, kind: &str) -> Value {
    json!({
        "type": kind, "team": team_of(core, user), "api_app_id": core.world.app.app_id,
        "token": VERIFICATION_TOKEN, "enterprise": enterprise(core), "is_enterprise_install": false,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
    })
}

/// The workspace of the person who acts, which in a shared channel may be another one.
fn team_of(core: &Core, user: &User) -> Value {
    let domain = if core.world.is_foreign(user) {
        "partner"
    } else {
        &core.world.team.domain
    };
    json!({"id": user.team_id, "domain": domain})
}

fn enterprise(core: &Core) -> Value {
    core.world
        .team
        .enterprise
        .as_ref()
        .map_or(Value::Null, |org| json!({"id": org.id, "name": org.name}))
}

/// A channel's name as payloads have it.
fn channel_name(channel: &Channel) -> &str {
    match channel.kind {
        ChannelKind::Public => &channel.name,
        ChannelKind::Private => "privategroup",
        ChannelKind::Direct(_) => "directmessage",
    }
}

//! People's actions on their way to the app: signed, limited in time, and what the people see of the answer.

mod action;
mod command;
mod escape;
mod event;
mod modal;
mod outcome;
mod post;
mod suggest;

use serde_json::{Value, json};

pub(super) use self::event::{DueEvent, deliver_due};
pub use self::outcome::{Delivery, Outcome, Pick, Submission, Suggestions};
use self::post::{error_of, post_click};
pub(super) use self::{
    action::{click, request as click_request},
    command::{request as command_request, say, slash, slash_raw},
    event::{event, open_home, verify_url},
    modal::{close, submit},
    post::post,
    suggest::suggest,
};
use super::{
    core::Core,
    model::{Channel, ChannelKind, User},
};

/// The token that Slack still sends although nobody should check it.
const VERIFICATION_TOKEN: &str = "deprecated-verification-token";

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
    let team = match core.world.org_install {
        true => Value::Null,
        false => team_of(core, user),
    };
    json!({
        "type": kind, "team": team, "api_app_id": core.world.app.app_id,
        "token": VERIFICATION_TOKEN, "enterprise": enterprise(core),
        "is_enterprise_install": core.world.org_install,
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

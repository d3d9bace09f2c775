//! Reading: channels, messages, views, and whether anything changed.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::not_found;
use crate::slack::{
    api,
    core::{Core, Shared},
    deliver::sees,
    model::{Channel, ChannelKind, Message, User},
    wire,
};

/// How long a request for changes is kept open.
const POLL: Duration = Duration::from_secs(25);

#[derive(Deserialize)]
pub(super) struct As {
    #[serde(rename = "as")]
    user: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Where {
    channel: String,
    ts: Option<String>,
    #[serde(rename = "as")]
    user: String,
}

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: u64,
}

pub(super) async fn workspace(
    State(shared): State<Arc<Shared>>,
    Query(who): Query<As>,
) -> Json<Value> {
    let commands: Vec<_> = shared
        .settings
        .commands
        .iter()
        .map(|c| json!({"name": c.name, "hint": c.hint}))
        .collect();
    Json(shared.read(|core| {
        let world = &core.world;
        let personas: Vec<_> = world.users.values().filter(|user| can_use(user)).map(|u| persona(core, u)).collect();
        let user = who.user.as_ref().and_then(|id| world.users.get(id));
        let seen = world.channels.values().filter(|channel| match (user, &channel.kind) {
            (Some(user), _) => sees(core, user, channel),
            (None, kind) => *kind == ChannelKind::Public,
        });
        let mut channels: Vec<_> = seen.map(|channel| listed(core, channel)).collect();
        channels.sort_by_key(|channel| (channel["kind"] == "dm", channel["name"].as_str().map(str::to_owned)));
        json!({
            "team": {"id": world.team.id, "name": world.team.name},
            "personas": personas,
            "channels": channels,
            "app": {
                "name": world.app.name, "bot_user": world.app.bot_user, "initials": initials(&world.app.name),
            },
            "commands": commands,
        })
    }))
}

/// The steps of the tour for a first visit.
pub(super) async fn story(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"steps": shared.settings.story}))
}

pub(super) async fn messages(
    State(shared): State<Arc<Shared>>,
    Query(place): Query<Where>,
) -> Response {
    list(&shared, &place, |m| m.thread_ts.is_none())
}

pub(super) async fn thread(
    State(shared): State<Arc<Shared>>,
    Query(place): Query<Where>,
) -> Response {
    let Some(ts) = place.ts.clone() else {
        return not_found("ts is missing");
    };
    list(&shared, &place, |m| {
        m.ts == ts || m.thread_ts.as_ref() == Some(&ts)
    })
}

pub(super) async fn views(State(shared): State<Arc<Shared>>, Query(who): Query<As>) -> Json<Value> {
    let user = who.user.unwrap_or_default();
    Json(shared.read(|core| {
        let open = core.world.open_views(&user);
        let views: Vec<_> = open
            .into_iter()
            .map(|view| wire::view(&core.world, view))
            .collect();
        let home = core
            .world
            .homes
            .get(&user)
            .map(|view| wire::view(&core.world, view));
        json!({"views": views, "home": home})
    }))
}

/// A picture of a message. Its id is known to whoever sees the message.
pub(super) async fn file(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.read(|core| api::file_content(core, &id)) {
        Some((kind, content)) => ([(header::CONTENT_TYPE, kind)], content).into_response(),
        None => not_found("file_not_found"),
    }
}

pub(super) async fn changes(
    State(shared): State<Arc<Shared>>,
    Query(after): Query<After>,
) -> Json<Value> {
    let mut version = shared.version();
    let newer = async {
        // An error means that the workspace is gone, and then there is nothing to wait for.
        let _ = version.wait_for(|now| *now > after.after).await;
    };
    tokio::select! {
        _ = tokio::time::timeout(POLL, newer) => {}
        () = shared.stop.cancelled() => {}
    }
    let now = *version.borrow();
    Json(json!({"version": now}))
}

fn list(shared: &Shared, place: &Where, wanted: impl Fn(&Message) -> bool) -> Response {
    shared.read(|core| {
        let Some(channel) = core.world.channels.get(&place.channel) else {
            return not_found("channel_not_found");
        };
        let seen = core
            .world
            .users
            .get(&place.user)
            .is_some_and(|user| sees(core, user, channel));
        if !seen {
            return not_found("channel_not_found");
        }
        let mine = |m: &&Message| m.ephemeral_to.as_ref().is_none_or(|to| *to == place.user);
        let found = channel.messages.iter().filter(mine).filter(|m| wanted(m));
        let messages: Vec<_> = found.map(|m| shown(core, &channel.id, m)).collect();
        Json(json!({"messages": messages})).into_response()
    })
}

fn shown(core: &Core, channel: &str, m: &Message) -> Value {
    let replies = if m.thread_ts.is_none() {
        core.world.thread(channel, &m.ts).len().saturating_sub(1)
    } else {
        0
    };
    let author = core
        .world
        .users
        .get(&m.user)
        .map_or(m.user.as_str(), |user| user.real_name.as_str());
    let mut out = json!({
        "ts": m.ts, "user": m.user, "bot": m.bot, "author": author, "text": m.text, "blocks": m.blocks,
        "reply_count": replies, "edited": m.edited.is_some(), "ephemeral": m.ephemeral_to.is_some(),
    });
    if let Some(parent) = &m.thread_ts {
        out["thread_ts"] = parent.clone().into();
    }
    if !m.files.is_empty() {
        let files = m.files.iter().filter_map(|id| core.world.files.get(id));
        out["files"] = files.map(wire::file).collect();
    }
    out
}

/// Bots, Slackbot and deactivated people are nobody to act as.
fn can_use(user: &User) -> bool {
    !user.deleted && !user.is_bot && user.id != "USLACKBOT"
}

fn persona(core: &Core, user: &User) -> Value {
    let flags = [
        ("admin", user.is_admin),
        ("guest", user.is_restricted),
        ("external", user.is_stranger || core.world.is_foreign(user)),
    ];
    let flags: Vec<_> = flags
        .into_iter()
        .filter(|(_, set)| *set)
        .map(|(name, _)| name)
        .collect();
    json!({
        "id": user.id, "name": user.name, "real_name": user.real_name, "title": user.title, "flags": flags,
        "initials": initials(&user.real_name),
    })
}

fn listed(core: &Core, channel: &Channel) -> Value {
    let direct = matches!(channel.kind, ChannelKind::Direct(_));
    let last = channel
        .messages
        .iter()
        .rev()
        .find(|m| m.ephemeral_to.is_none())
        .map(|m| m.ts.clone());
    json!({
        "id": channel.id,
        "name": if direct { &core.world.app.name } else { &channel.name },
        "kind": if direct { "dm" } else { "channel" },
        "last_ts": last,
    })
}

fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .filter(|c| c.is_alphabetic())
        .take(2)
        .collect()
}

//! Objects as Slack's answers and payloads carry them.

use serde_json::{Map, Value, json};

use super::{
    model::{Channel, ChannelKind, Message, StoredFile, User, UserGroup, View},
    world::World,
};

/// How many people a thread's parent names in `reply_users`.
const REPLY_USERS: usize = 5;

/// A message; `metadata` says whether its metadata is shown.
pub(super) fn message(world: &World, channel: &str, m: &Message, metadata: bool) -> Value {
    let mut out = json!({"type": "message", "user": m.user, "ts": m.ts, "text": m.text, "team": world.team.id});
    let map = fields(&mut out);
    if m.bot {
        map.insert("bot_id".into(), world.app.bot_id.clone().into());
        map.insert("app_id".into(), world.app.app_id.clone().into());
        map.insert("bot_profile".into(), bot_profile(world));
    }
    if !m.blocks.is_empty() {
        map.insert("blocks".into(), Value::Array(m.blocks.clone()));
    }
    if let Some(subtype) = &m.subtype {
        map.insert("subtype".into(), subtype.clone().into());
    }
    if let Some(edited) = &m.edited {
        map.insert(
            "edited".into(),
            json!({"user": edited.user, "ts": edited.ts}),
        );
    }
    if let (true, Some(data)) = (metadata, &m.metadata) {
        map.insert("metadata".into(), data.clone());
    }
    if !m.files.is_empty() {
        let files = m
            .files
            .iter()
            .filter_map(|id| world.files.get(id))
            .map(file)
            .collect();
        map.insert("files".into(), Value::Array(files));
    }
    thread_fields(world, channel, m, map);
    out
}

fn thread_fields(world: &World, channel: &str, m: &Message, map: &mut Map<String, Value>) {
    if let Some(parent) = &m.thread_ts {
        map.insert("thread_ts".into(), parent.clone().into());
        let author = world
            .message(channel, parent)
            .map(|p| p.user.clone())
            .unwrap_or_default();
        map.insert("parent_user_id".into(), author.into());
        return;
    }
    if m.ephemeral_to.is_some() {
        return;
    }
    let thread = world.thread(channel, &m.ts);
    let Some((last, replies)) = thread.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return;
    };
    let mut users: Vec<&str> = Vec::new();
    for reply in replies.iter().skip(1).chain([last]) {
        if !users.contains(&reply.user.as_str()) {
            users.push(&reply.user);
        }
    }
    map.insert("thread_ts".into(), m.ts.clone().into());
    map.insert("reply_count".into(), replies.len().into());
    map.insert("reply_users_count".into(), users.len().into());
    users.truncate(REPLY_USERS);
    map.insert("reply_users".into(), json!(users));
    map.insert("latest_reply".into(), last.ts.clone().into());
    map.insert("is_locked".into(), false.into());
    map.insert("subscribed".into(), false.into());
}

fn bot_profile(world: &World) -> Value {
    json!({
        "id": world.app.bot_id, "app_id": world.app.app_id, "name": world.app.name, "deleted": false,
        "updated": 0, "team_id": world.team.id, "icons": {},
    })
}

/// A person, as `users.info` shows them.
pub(super) fn user(world: &World, u: &User) -> Value {
    let mut profile = json!({
        "title": u.title, "real_name": u.real_name, "real_name_normalized": u.real_name, "display_name": u.name,
        "display_name_normalized": u.name, "team": u.team_id, "status_text": "", "status_emoji": "", "phone": "",
    });
    if let Some(email) = u.email.as_ref().filter(|_| !u.is_stranger) {
        fields(&mut profile).insert("email".into(), email.clone().into());
    }
    if u.is_bot {
        fields(&mut profile).insert(
            "api_app_id".into(),
            if u.is_app_user {
                world.app.app_id.clone()
            } else {
                String::new()
            }
            .into(),
        );
    }
    let mut out = json!({"id": u.id, "team_id": u.team_id, "name": u.name, "deleted": u.deleted, "profile": profile,
        "is_bot": u.is_bot, "is_app_user": u.is_app_user, "updated": 0});
    let map = fields(&mut out);
    let teams = world.teams_in_org(u);
    if world.org_install && !teams.is_empty() {
        // To an organisation's token Slack names the person's workspaces in `enterprise_user` alone.
        map.remove("team_id");
    }
    if u.is_stranger {
        map.insert("is_stranger".into(), true.into());
    }
    if !u.deleted {
        map.insert("real_name".into(), u.real_name.clone().into());
        map.insert("tz".into(), "Etc/UTC".into());
        map.insert("tz_label".into(), "Coordinated Universal Time".into());
        map.insert("tz_offset".into(), 0.into());
        map.insert("is_admin".into(), u.is_admin.into());
        map.insert("is_owner".into(), u.is_owner.into());
        map.insert("is_primary_owner".into(), false.into());
        map.insert("is_restricted".into(), u.is_restricted.into());
        map.insert("is_ultra_restricted".into(), u.is_ultra_restricted.into());
        map.insert("is_email_confirmed".into(), u.email.is_some().into());
    }
    if let (Some(org), false) = (&world.team.enterprise, teams.is_empty()) {
        map.insert("enterprise_user".into(), json!({
            "id": u.org_id.as_ref().unwrap_or(&u.id), "enterprise_id": org.id, "enterprise_name": org.name,
            "is_admin": u.is_admin, "is_owner": u.is_owner, "teams": teams,
        }));
    }
    out
}

/// A user group; `users` says whether its members are listed.
pub(super) fn group(world: &World, g: &UserGroup, users: bool) -> Value {
    let members = active_members(world, g);
    let mut out = json!({
        "id": g.id, "team_id": world.team.id, "is_usergroup": true, "is_subteam": true, "name": g.name,
        "description": "", "handle": g.handle, "is_external": false, "date_create": 0, "date_update": 0,
        "date_delete": i32::from(!g.enabled), "created_by": "USLACKBOT", "updated_by": "USLACKBOT", "deleted_by": null, "channel_count": 0,
        "auto_type": null, "auto_provision": false,
        "enterprise_subteam_id": "", "prefs": {"channels": [], "groups": []}, "user_count": members.len(),
    });
    if users {
        fields(&mut out).insert("users".into(), json!(members));
    }
    out
}

/// A group's members without deactivated accounts, which Slack leaves out.
pub(super) fn active_members(world: &World, g: &UserGroup) -> Vec<String> {
    let active = |id: &&String| world.user(id).is_some_and(|u| !u.deleted);
    g.users.iter().filter(active).cloned().collect()
}

/// A conversation, as `conversations.info` shows it.
pub(super) fn channel(world: &World, c: &Channel) -> Value {
    let member = c.members.contains(&world.app.bot_user);
    if let ChannelKind::Direct(user) = &c.kind {
        return json!({
            "id": c.id, "created": 0, "is_archived": c.archived, "is_im": true, "is_org_shared": false,
            "user": user, "context_team_id": world.team.id, "is_open": true, "last_read": "0000000000.000000",
        });
    }
    let private = c.kind == ChannelKind::Private;
    json!({
        "id": c.id, "name": c.name, "name_normalized": c.name, "is_channel": !private, "is_group": false,
        "is_im": false, "is_mpim": false, "is_private": private, "is_archived": c.archived, "is_general": c.general,
        "is_shared": c.shared, "is_ext_shared": c.shared, "is_org_shared": false, "is_pending_ext_shared": false,
        "is_member": member, "created": 0, "creator": "", "unlinked": 0, "context_team_id": world.team.id,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0}, "previous_names": [],
    })
}

/// A view, as answers and payloads carry it.
pub(super) fn view(world: &World, v: &View) -> Value {
    let text = |name: &str| v.body.get(name).cloned().unwrap_or_else(|| "".into());
    let flag = |name: &str| v.body.get(name).cloned().unwrap_or_else(|| false.into());
    let part = |name: &str| v.body.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "id": v.id, "team_id": world.team.id, "type": part("type"), "blocks": part("blocks"),
        "private_metadata": text("private_metadata"), "callback_id": text("callback_id"),
        "external_id": text("external_id"), "state": {"values": v.state}, "hash": v.hash, "title": part("title"),
        "clear_on_close": flag("clear_on_close"), "notify_on_close": flag("notify_on_close"),
        "submit_disabled": flag("submit_disabled"), "close": part("close"), "submit": part("submit"),
        "previous_view_id": v.previous, "root_view_id": v.root, "app_id": world.app.app_id,
        "app_installed_team_id": world.team.id, "bot_id": world.app.bot_id,
    })
}

/// A file, as `files.info` shows it.
pub(super) fn file(f: &StoredFile) -> Value {
    let mut public = Map::new();
    for (channel, ts) in &f.shares {
        public.insert(channel.clone(), json!([{"ts": ts}]));
    }
    let channels: Vec<&str> = f
        .shares
        .iter()
        .map(|(channel, _)| channel.as_str())
        .collect();
    json!({
        "id": f.id, "name": f.name, "title": f.title, "size": f.content.len(), "mode": "hosted",
        "mimetype": "", "filetype": "", "channels": channels, "shares": {"public": public},
    })
}

/// The fields of an object that was just made with `json!`.
pub(super) fn fields(value: &mut Value) -> &mut Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => {
            *other = Value::Object(Map::new());
            fields(other)
        }
    }
}

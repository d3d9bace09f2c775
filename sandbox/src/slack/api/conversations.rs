//! `conversations.open`, `.info`, `.members`, and who may read and write where.

use serde_json::json;

use super::{Outcome, args::Args, error::Refusal, page};
use crate::slack::{core::Core, model::ChannelKind, wire};

/// Page sizes of `conversations.members`.
const MEMBERS_PAGE: usize = 100;
const MEMBERS_MOST: usize = 1000;

/// A conversation that the app can see; a private one that it is not in does not exist for it.
pub(super) fn reachable(core: &Core, id: &str) -> Result<String, Refusal> {
    let channel = core.world.channels.get(id).ok_or("channel_not_found")?;
    let inside = channel.members.contains(&core.world.app.bot_user);
    if !inside && channel.kind != ChannelKind::Public {
        return Err("channel_not_found".into());
    }
    Ok(channel.id.clone())
}

/// Whether the app may write there.
pub(super) fn writable(core: &Core, id: &str) -> Result<(), Refusal> {
    readable(core, id)?;
    if core.world.channels[id].archived {
        return Err("is_archived".into());
    }
    Ok(())
}

/// Whether the app may read what was said there.
pub(super) fn readable(core: &Core, id: &str) -> Result<(), Refusal> {
    let id = reachable(core, id)?;
    if !core.world.channels[&id]
        .members
        .contains(&core.world.app.bot_user)
    {
        return Err("not_in_channel".into());
    }
    Ok(())
}

pub(super) fn open(core: &mut Core, args: &Args) -> Outcome {
    if let Some(id) = args.text("channel")?.filter(|id| !id.is_empty()) {
        let id = reachable(core, &id)?;
        return Ok(json!({"no_op": true, "already_open": true, "channel": {"id": id}}));
    }
    let users = args.text("users")?.unwrap_or_default();
    let mut listed = users
        .split(',')
        .map(str::trim)
        .filter(|user| !user.is_empty());
    let user = listed.next().ok_or("users_list_not_supplied")?;
    if listed.next().is_some() {
        // The app talks to one person at a time; group conversations are not simulated.
        return Err("method_not_supported_for_channel_type".into());
    }
    let found = core.world.user(user).ok_or("user_not_found")?;
    if found.deleted {
        return Err("user_disabled".into());
    }
    if found.is_bot {
        return Err("cannot_dm_bot".into());
    }
    if core.world.is_foreign(found) {
        return Err("user_not_visible".into());
    }
    let user = found.id.clone();
    let known = core.world.dm(&user).is_some();
    let id = core.open_dm(&user);
    let channel = if args.flag("return_im") {
        wire::channel(&core.world, &core.world.channels[&id])
    } else {
        json!({"id": id})
    };
    if known {
        return Ok(json!({"no_op": true, "already_open": true, "channel": channel}));
    }
    Ok(json!({"channel": channel}))
}

pub(super) fn info(core: &mut Core, args: &Args) -> Outcome {
    let id = reachable(core, &args.required("channel")?)?;
    let channel = &core.world.channels[&id];
    let mut shown = wire::channel(&core.world, channel);
    if args.flag("include_num_members") {
        shown["num_members"] = channel.members.len().into();
    }
    Ok(json!({"channel": shown}))
}

pub(super) fn members(core: &mut Core, args: &Args) -> Outcome {
    let id = reachable(core, &args.required("channel")?)?;
    let all: Vec<_> = core.world.channels[&id].members.iter().cloned().collect();
    let (members, metadata) = page(all, args, MEMBERS_PAGE, MEMBERS_MOST)?;
    Ok(json!({"members": members, "response_metadata": metadata}))
}

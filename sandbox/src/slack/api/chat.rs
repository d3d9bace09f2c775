//! `chat.*`.

use serde_json::json;

use super::{
    Outcome,
    args::Args,
    content::{Given, is_empty},
    conversations::{reachable, writable},
    error::Refusal,
};
use crate::slack::{
    core::Core,
    model::{Edited, Message},
    wire,
};

/// The subtype of what is left of a deleted message that has replies.
const TOMBSTONE: &str = "tombstone";

pub(super) fn post_message(core: &mut Core, args: &Args) -> Outcome {
    let named = args.required("channel")?;
    let channel = target(core, &named)?;
    writable(core, &channel)?;
    let message = Given::parse(core, args)?.into_message(core)?;
    let thread_ts = thread(core, args, &channel)?;
    let ts = core.post(
        &channel,
        Message {
            thread_ts,
            ..message
        },
    );
    let posted = core
        .world
        .message(&channel, &ts)
        .map(|m| wire::message(&core.world, &channel, m, true));
    Ok(json!({"channel": channel, "ts": ts, "message": posted}))
}

pub(super) fn update(core: &mut Core, args: &Args) -> Outcome {
    let channel = reachable(core, &args.required("channel")?)?;
    let ts = args.required("ts")?;
    writable(core, &channel)?;
    let found = core
        .world
        .message(&channel, &ts)
        .filter(|m| m.subtype.as_deref() != Some(TOMBSTONE));
    let mine = found.ok_or("message_not_found")?.user == core.world.app.bot_user;
    if !mine {
        return Err("cant_update_message".into());
    }
    let given = Given::parse(core, args)?;
    if given.text.as_ref().is_none_or(String::is_empty)
        && given.blocks.as_ref().is_none_or(Vec::is_empty)
    {
        return Err("no_text".into());
    }
    let edited = Edited {
        user: core.world.app.bot_user.clone(),
        ts: core.next_ts(),
    };
    let message = find_mut(core, &channel, &ts).ok_or("message_not_found")?;
    // What is left out stays as it was; an empty list of blocks and empty metadata take them away.
    message.text = given.text.unwrap_or_else(|| message.text.clone());
    message.blocks = given.blocks.unwrap_or_else(|| message.blocks.clone());
    message.metadata = given
        .metadata
        .or_else(|| message.metadata.take())
        .filter(|data| !is_empty(data));
    message.edited = Some(edited);
    let text = message.text.clone();
    let updated = core
        .world
        .message(&channel, &ts)
        .map(|m| wire::message(&core.world, &channel, m, true));
    Ok(json!({"channel": channel, "ts": ts, "text": text, "message": updated}))
}

pub(super) fn delete(core: &mut Core, args: &Args) -> Outcome {
    let channel = reachable(core, &args.required("channel")?)?;
    let ts = args.required("ts")?;
    let found = core
        .world
        .message(&channel, &ts)
        .filter(|m| m.subtype.as_deref() != Some(TOMBSTONE));
    if found.ok_or("message_not_found")?.user != core.world.app.bot_user {
        return Err("cant_delete_message".into());
    }
    remove(core, &channel, &ts);
    Ok(json!({"channel": channel, "ts": ts}))
}

/// Deletes a message; one with replies leaves a tombstone, so that its thread stays.
pub(in crate::slack) fn remove(core: &mut Core, channel: &str, ts: &str) {
    let has_replies = core.world.thread(channel, ts).len() > 1;
    let Some(channel) = core.world.channels.get_mut(channel) else {
        return;
    };
    if has_replies && let Some(message) = channel.messages.iter_mut().find(|m| m.ts == ts) {
        *message = Message {
            ts: ts.to_owned(),
            user: "USLACKBOT".into(),
            text: "This message was deleted.".into(),
            subtype: Some(TOMBSTONE.into()),
            ..Message::default()
        };
        return;
    }
    channel.messages.retain(|m| m.ts != ts);
}

pub(super) fn post_ephemeral(core: &mut Core, args: &Args) -> Outcome {
    let channel = reachable(core, &args.required("channel")?)?;
    let user = args.required("user")?;
    writable(core, &channel)?;
    let active = core.world.user(&user).is_some_and(|u| !u.deleted);
    if !active || !core.world.channels[&channel].members.contains(&user) {
        return Err("user_not_in_channel".into());
    }
    let message = Given::parse(core, args)?.into_message(core)?;
    let thread_ts = thread(core, args, &channel)?;
    let ts = core.post(
        &channel,
        Message {
            ephemeral_to: Some(user),
            thread_ts,
            ..message
        },
    );
    Ok(json!({"message_ts": ts}))
}

pub(super) fn permalink(core: &mut Core, args: &Args) -> Outcome {
    let channel = reachable(core, &args.required("channel")?)?;
    let ts = args.required("message_ts")?;
    let message = core
        .world
        .message(&channel, &ts)
        .ok_or("message_not_found")?;
    let mut link = format!(
        "{}/archives/{channel}/p{}",
        core.base_url,
        ts.replace('.', "")
    );
    if let Some(parent) = &message.thread_ts {
        link = format!("{link}?thread_ts={parent}&cid={channel}");
    }
    Ok(json!({"channel": channel, "permalink": link}))
}

/// The conversation that a post goes to: an id, a name, or a person, whose direct message is opened.
fn target(core: &mut Core, named: &str) -> Result<String, Refusal> {
    if let Some(user) = core.world.user(named) {
        let reached = !user.deleted && !user.is_bot && !core.world.is_foreign(user);
        let id = user.id.clone();
        return if reached {
            Ok(core.open_dm(&id))
        } else {
            Err("channel_not_found".into())
        };
    }
    let name = named.strip_prefix('#').unwrap_or(named);
    let by_name = core
        .world
        .channels
        .values()
        .find(|c| !c.name.is_empty() && c.name == name);
    let id = by_name.map_or(named, |c| c.id.as_str()).to_owned();
    reachable(core, &id)
}

/// The thread to post to: it has to exist, and its `ts` has to be the parent's.
fn thread(core: &Core, args: &Args, channel: &str) -> Result<Option<String>, Refusal> {
    let Some(ts) = args.text("thread_ts")?.filter(|ts| !ts.is_empty()) else {
        return Ok(None);
    };
    let parent = core.world.message(channel, &ts).ok_or("thread_not_found")?;
    if parent.thread_ts.is_some() {
        return Err("cannot_reply_to_message".into());
    }
    Ok(Some(ts))
}

/// A message that the API can reach.
fn find_mut<'a>(core: &'a mut Core, channel: &str, ts: &str) -> Option<&'a mut Message> {
    let messages = &mut core.world.channels.get_mut(channel)?.messages;
    messages
        .iter_mut()
        .find(|m| m.ts == ts && m.ephemeral_to.is_none())
}

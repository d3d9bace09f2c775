//! Response URLs: how the app answers a command or a click later, without a token.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::post,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    api, check,
    core::{Core, Shared, random_number},
    model::{Edited, Message},
    traffic::{self, Reply},
};
use crate::hosting::HangUp;
use crate::runtime::random_bytes;

/// A response URL takes this many messages …
const USES: u32 = 5;
/// … within this time.
const LIFE: TimeDelta = TimeDelta::minutes(30);
/// Slack refuses longer texts.
const TEXT_MAX: usize = 40_000;

/// One response URL.
#[derive(Debug, Clone)]
pub(super) struct Hook {
    user: String,
    channel: String,
    /// The message that was clicked; `None` when a command was typed.
    source: Option<String>,
    until: DateTime<Utc>,
    left: u32,
}

/// Makes a response URL for this person in this channel; `source` is the `ts` of a clicked message.
pub(super) fn create(core: &mut Core, user: &str, channel: &str, source: Option<&str>) -> String {
    let kind = if source.is_some() {
        "actions"
    } else {
        "commands"
    };
    let key = hex::encode(random_bytes::<12>());
    let until = core.now() + LIFE;
    core.hooks.insert(
        key.clone(),
        Hook {
            user: user.to_owned(),
            channel: channel.to_owned(),
            source: source.map(str::to_owned),
            until,
            left: USES,
        },
    );
    format!(
        "{}/{kind}/{}/{}/{key}",
        core.base_url,
        core.world.team.id,
        random_number()
    )
}

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/actions/{team}/{id}/{key}", post(receive))
        .route("/commands/{team}/{id}/{key}", post(receive))
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    Extension(hang_up): Extension<HangUp>,
    Path((_, _, key)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = parse(&headers, &body);
    let args = given.clone().unwrap_or(Value::Null);
    traffic::handle(&shared, &hang_up, "response_url", args, |core| {
        match take(core, &key) {
            Err(error) => Reply::text(StatusCode::NOT_FOUND, error),
            Ok(hook) => match given
                .ok_or("invalid_payload".to_owned())
                .and_then(|body| answer(core, &hook, &body))
            {
                Err(error) => Reply {
                    complaint: Some(error.clone()),
                    ..Reply::text(StatusCode::BAD_REQUEST, &error)
                },
                Ok(()) => {
                    if let Some(hook) = core.hooks.get_mut(&key) {
                        hook.left -= 1;
                    }
                    Reply::text(StatusCode::OK, "ok")
                }
            },
        }
    })
    .await
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Option<Value> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let json = if kind.starts_with("application/x-www-form-urlencoded") {
        form_urlencoded::parse(body)
            .find(|(name, _)| name == "payload")?
            .1
            .into_owned()
    } else {
        String::from_utf8(body.to_vec()).ok()?
    };
    serde_json::from_str(&json).ok().filter(Value::is_object)
}

fn take(core: &Core, key: &str) -> Result<Hook, &'static str> {
    let hook = core.hooks.get(key).ok_or("no_service")?;
    if core.now() > hook.until {
        return Err("expired_url");
    }
    if hook.left == 0 {
        return Err("used_url");
    }
    Ok(hook.clone())
}

/// A message that was given as JSON: to a response URL, or as the answer to a command. Written down and checked.
pub(super) fn message_of(core: &mut Core, body: &Value) -> Result<Message, String> {
    let text = body["text"].as_str().unwrap_or_default().to_owned();
    let blocks = match &body["blocks"] {
        Value::Null => Vec::new(),
        Value::Array(blocks) => blocks.clone(),
        Value::String(text) => {
            serde_json::from_str(text).map_err(|_| "invalid_blocks_format".to_owned())?
        }
        _ => return Err("invalid_blocks_format".into()),
    };
    if text.is_empty() && blocks.is_empty() {
        return Err("no_text".into());
    }
    core.record("message", body);
    if text.chars().count() > TEXT_MAX {
        return Err("msg_too_long".into());
    }
    let faults = check::message(&blocks);
    if !faults.is_empty() {
        let details: Vec<_> = faults.iter().map(ToString::to_string).collect();
        return Err(format!("invalid_blocks: {}", details.join("; ")));
    }
    Ok(core.by_app(text, check::normalised(blocks)))
}

fn answer(core: &mut Core, hook: &Hook, body: &Value) -> Result<(), String> {
    let flag = |name: &str| body[name] == json!(true) || body[name] == "true";
    // Only a click knows the message that it was made on.
    let source = hook.source.as_deref();
    if let (true, Some(ts)) = (flag("delete_original"), source) {
        api::remove(core, &hook.channel, ts);
        return Ok(());
    }
    let message = message_of(core, body)?;
    if let (true, Some(ts)) = (flag("replace_original"), source) {
        let edited = Edited {
            user: core.world.app.bot_user.clone(),
            ts: core.next_ts(),
        };
        let channel = core
            .world
            .channels
            .get_mut(&hook.channel)
            .ok_or("channel_not_found")?;
        let original = channel
            .messages
            .iter_mut()
            .find(|m| m.ts == ts)
            .ok_or("message_not_found")?;
        original.text = message.text;
        original.blocks = message.blocks;
        // An ephemeral message stays one, whatever response_type says, and shows no edit.
        original.edited = original.ephemeral_to.is_none().then_some(edited);
        return Ok(());
    }
    let ephemeral_to = (body["response_type"] != "in_channel").then(|| hook.user.clone());
    let thread_ts = body["thread_ts"].as_str().map(str::to_owned);
    core.post(
        &hook.channel,
        Message {
            ephemeral_to,
            thread_ts,
            ..message
        },
    );
    Ok(())
}

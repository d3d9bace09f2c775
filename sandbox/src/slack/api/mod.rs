//! The Web API: `{base}/api/<method>`.

mod args;
mod chat;
mod content;
mod conversations;
mod error;
mod files;
mod history;
mod people;
mod views;

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
    routing::{any, post},
};
use serde_json::{Map, Value, json};

use self::{args::Args, error::Refusal};
use super::{
    core::{Core, Shared},
    settings::RateLimit,
    traffic::{self, Reply},
};
use crate::hosting::HangUp;

pub(super) use self::{chat::remove, files::content as file_content};

type Outcome = Result<Value, Refusal>;

/// One method of the Web API.
struct Method {
    name: &'static str,
    run: fn(&mut Core, &Args) -> Outcome,
    /// It takes JSON bodies; reading methods do not.
    json: bool,
    /// The documented tier: calls per minute, 0 where the method has a limit of its own.
    per_minute: u32,
}

const fn method(
    name: &'static str,
    run: fn(&mut Core, &Args) -> Outcome,
    json: bool,
    per_minute: u32,
) -> Method {
    Method {
        name,
        run,
        json,
        per_minute,
    }
}

/// What one call per second and channel is: posting.
const POST: &str = "chat.postMessage";

const METHODS: &[Method] = &[
    method("auth.test", people::auth_test, true, 100),
    method("auth.teams.list", people::teams, false, 20),
    method(POST, chat::post_message, true, 0),
    method("chat.update", chat::update, true, 50),
    method("chat.delete", chat::delete, true, 50),
    method("chat.postEphemeral", chat::post_ephemeral, true, 100),
    method("chat.getPermalink", chat::permalink, false, 100),
    method("conversations.open", conversations::open, true, 50),
    method("conversations.info", conversations::info, false, 50),
    method("conversations.members", conversations::members, false, 100),
    method("conversations.history", history::history, false, 50),
    method("conversations.replies", history::replies, false, 50),
    method("users.info", people::info, false, 100),
    method("users.list", people::list, false, 20),
    method("users.lookupByEmail", people::lookup_by_email, false, 50),
    method("usergroups.list", people::groups, false, 20),
    method("usergroups.users.list", people::group_users, false, 20),
    method("views.open", views::open, true, 100),
    method("views.push", views::push, true, 100),
    method("views.update", views::update, true, 100),
    method("views.publish", views::publish, true, 100),
    method("files.getUploadURLExternal", files::upload_url, false, 100),
    method("files.completeUploadExternal", files::complete, true, 100),
    method("files.delete", files::delete, true, 50),
    method("files.info", files::info, false, 100),
    method("apps.connections.open", no_sockets, true, 1),
];

/// The routes of the Web API and of the uploads.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/{method}", any(call))
        .route("/upload/v1/{file}", post(files::receive))
}

/// Bytes of one request; uploads are the largest.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// The limit on every request's body.
pub(super) fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(BODY_MAX)
}

async fn call(
    State(shared): State<Arc<Shared>>,
    Extension(hang_up): Extension<HangUp>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (args, refusal) = Args::parse(&query.unwrap_or_default(), &headers, &body);
    let mut response =
        traffic::handle(
            &shared,
            &hang_up,
            &name,
            args.to_value(),
            |core| match refusal.map_or_else(|| carry_out(&shared, core, &name, &args), Err) {
                Ok(body) => Reply::json(ok(body)),
                Err(refusal) => refusal.into_reply(),
            },
        )
        .await;
    if args.token.as_deref() == Some(shared.settings.bot_token.as_str()) {
        let scopes = shared.read(|core| core.world.scopes.iter().cloned().collect::<Vec<_>>());
        if let Ok(scopes) = scopes.join(",").parse() {
            response.headers_mut().insert("x-oauth-scopes", scopes);
        }
    }
    response
}

fn carry_out(shared: &Shared, core: &mut Core, name: &str, args: &Args) -> Outcome {
    let method = METHODS
        .iter()
        .find(|method| method.name == name)
        .ok_or("unknown_method")?;
    match args.token.as_deref() {
        None | Some("") => return Err("not_authed".into()),
        Some(token) if token != shared.settings.bot_token => return Err("invalid_auth".into()),
        Some(_) => {}
    }
    if args.json && !method.json {
        return Err(Refusal::arguments(format!(
            "{name} takes its arguments as a query or a form, not as JSON"
        )));
    }
    let scope = scope_for(name);
    if scope.is_some_and(|scope| !core.world.scopes.contains(scope)) {
        return Err("missing_scope".into());
    }
    let now = core.now();
    let limit = if name == POST {
        let channel = args.text("channel")?.unwrap_or_default();
        shared
            .settings
            .rate_limit
            .map(|limit| (format!("{name} {channel}"), limit))
    } else {
        let tier = shared.settings.tiers.then_some(method.per_minute);
        tier.map(|burst| {
            (
                name.to_owned(),
                RateLimit {
                    burst,
                    per_second: f64::from(burst) / 60.0,
                },
            )
        })
    };
    if let Some((key, limit)) = limit {
        core.limits
            .take(&key, limit, now)
            .map_err(Refusal::rate_limited)?;
    }
    (method.run)(core, args)
}

/// The scope that a method for files wants. Those of the other methods are not enforced.
fn scope_for(method: &str) -> Option<&'static str> {
    match method {
        "files.info" => Some("files:read"),
        _ if method.starts_with("files.") => Some("files:write"),
        _ => None,
    }
}

/// Socket Mode is not simulated.
fn no_sockets(_: &mut Core, _: &Args) -> Outcome {
    Err("not_allowed_token_type".into())
}

fn ok(body: Value) -> Value {
    let mut all = Map::from_iter([("ok".to_owned(), Value::Bool(true))]);
    if let Value::Object(fields) = body {
        all.extend(fields);
    }
    Value::Object(all)
}

/// One page of a list, and `response_metadata` with the cursor of the next one. The cursor names a position.
fn page<T>(
    mut items: Vec<T>,
    args: &Args,
    or: usize,
    most: usize,
) -> Result<(Vec<T>, Value), Refusal> {
    let limit = match args.number("limit", or)? {
        0 => or,
        limit if limit > most => return Err("invalid_limit".into()),
        limit => limit,
    };
    let start = match args.text("cursor")?.filter(|cursor| !cursor.is_empty()) {
        None => 0,
        Some(cursor) => {
            let position = cursor
                .strip_prefix("after:")
                .and_then(|text| text.parse().ok());
            position
                .filter(|at| *at <= items.len())
                .ok_or("invalid_cursor")?
        }
    };
    let next = if items.len() > start + limit {
        format!("after:{}", start + limit)
    } else {
        String::new()
    };
    let page = items.drain(start..).take(limit).collect();
    Ok((page, json!({"next_cursor": next})))
}

//! What the page asks for: the workspace as one person sees it, what that person does, switches and panels.

mod acts;
mod extras;
mod reads;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::core::Shared;

const INDEX: &str = include_str!("../page/index.html");
const APP: &str = include_str!("../page/app.js");
const BLOCK_KIT: &str = include_str!("../page/blockkit.js");
const STYLE: &str = include_str!("../page/style.css");

pub(super) fn router() -> Router<Arc<Shared>> {
    let page = || async { file("text/html; charset=utf-8", INDEX) };
    Router::new()
        .route("/", get(page))
        .route("/archives/{channel}/{message}", get(page))
        .route(
            "/page/app.js",
            get(|| async { file("text/javascript; charset=utf-8", APP) }),
        )
        .route(
            "/page/blockkit.js",
            get(|| async { file("text/javascript; charset=utf-8", BLOCK_KIT) }),
        )
        .route(
            "/page/style.css",
            get(|| async { file("text/css; charset=utf-8", STYLE) }),
        )
        .route("/sandbox/api/workspace", get(reads::workspace))
        .route("/sandbox/api/messages", get(reads::messages))
        .route("/sandbox/api/thread", get(reads::thread))
        .route("/sandbox/api/views", get(reads::views))
        .route("/sandbox/api/changes", get(reads::changes))
        .route("/sandbox/api/say", post(acts::say))
        .route("/sandbox/api/click", post(acts::click))
        .route("/sandbox/api/submit", post(acts::submit))
        .route("/sandbox/api/close", post(acts::close))
        .route("/sandbox/api/suggest", post(acts::suggest))
        .route("/sandbox/api/home", post(acts::home))
        .route(
            "/sandbox/api/switches",
            get(extras::switches).post(extras::set_switch),
        )
        .route("/sandbox/api/panels", get(extras::panels))
        .route("/sandbox/api/panels/{panel}/{action}", post(extras::act))
}

fn file(kind: &'static str, content: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-store"),
        ],
        content,
    )
        .into_response()
}

fn not_found(what: &str) -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"ok": false, "error": what})),
    )
        .into_response()
}

/// `{"ok": true}`, or what went wrong for a person to read.
fn told(error: Option<String>) -> Json<Value> {
    Json(error.map_or_else(
        || json!({"ok": true}),
        |error| json!({"ok": false, "error": error}),
    ))
}

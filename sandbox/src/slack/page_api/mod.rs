//! What the page asks for: the workspace as one person sees it, what that person does, switches and panels.

mod acts;
mod extras;
mod files;
mod reads;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::core::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(files::index))
        .route("/archives/{channel}/{message}", get(files::index))
        .route("/page/{file}", get(files::page_file))
        .route("/sandbox/files/{file}", get(reads::file))
        .route("/sandbox/api/story", get(reads::story))
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

//! The page's own files, built into the program.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};

use super::not_found;

const INDEX: &str = include_str!("../page/index.html");

/// Everything below `/page/`: the name and the content.
const ASSETS: &[(&str, &str)] = &[
    ("api.js", include_str!("../page/api.js")),
    ("app.js", include_str!("../page/app.js")),
    ("backstage.css", include_str!("../page/backstage.css")),
    ("backstage.js", include_str!("../page/backstage.js")),
    ("blockkit.js", include_str!("../page/blockkit.js")),
    ("blocks.css", include_str!("../page/blocks.css")),
    ("composer.js", include_str!("../page/composer.js")),
    ("dialog.js", include_str!("../page/dialog.js")),
    ("dom.js", include_str!("../page/dom.js")),
    ("elements.js", include_str!("../page/elements.js")),
    ("emoji.js", include_str!("../page/emoji.js")),
    ("markdown.js", include_str!("../page/markdown.js")),
    ("messages.css", include_str!("../page/messages.css")),
    ("messages.js", include_str!("../page/messages.js")),
    ("modal.js", include_str!("../page/modal.js")),
    ("mrkdwn.js", include_str!("../page/mrkdwn.js")),
    ("richtext.js", include_str!("../page/richtext.js")),
    ("sidebar.js", include_str!("../page/sidebar.js")),
    ("store.js", include_str!("../page/store.js")),
    ("story.js", include_str!("../page/story.js")),
    ("style.css", include_str!("../page/style.css")),
    ("surface.js", include_str!("../page/surface.js")),
    ("values.js", include_str!("../page/values.js")),
];

pub(super) async fn index() -> Response {
    file("text/html; charset=utf-8", INDEX)
}

pub(super) async fn page_file(Path(name): Path<String>) -> Response {
    let Some((_, content)) = ASSETS.iter().find(|(known, _)| *known == name) else {
        return not_found("there is no such file");
    };
    let style = name.rsplit_once('.').is_some_and(|(_, kind)| kind == "css");
    let kind = if style { "text/css" } else { "text/javascript" };
    file(&format!("{kind}; charset=utf-8"), content)
}

fn file(kind: &str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, content).into_response()
}

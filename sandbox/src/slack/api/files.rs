//! File uploads in three steps: ask for a URL, send the content there, complete.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde_json::{Value, json};

use super::{Outcome, args::Args, conversations, error::Refusal};
use crate::hosting::HangUp;
use crate::slack::{
    core::{Core, Shared, new_id},
    model::{Message, StoredFile},
    traffic::{self, Reply},
    wire,
};

pub(super) fn upload_url(core: &mut Core, args: &Args) -> Outcome {
    let name = args.required("filename")?;
    args.required("length")?;
    let expected = args.number("length", 0)?;
    if expected == 0 {
        return Err(Refusal::arguments(
            "must be more than 0 [json-pointer:/length]".into(),
        ));
    }
    let id = new_id("F");
    let url = format!("{}/upload/v1/{id}", core.base_url);
    core.world.files.insert(
        id.clone(),
        StoredFile {
            id: id.clone(),
            name,
            expected,
            ..StoredFile::default()
        },
    );
    Ok(json!({"upload_url": url, "file_id": id}))
}

/// The upload itself: the raw content as the body.
pub(super) async fn receive(
    State(shared): State<Arc<Shared>>,
    Extension(hang_up): Extension<HangUp>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let args = json!({"file": id, "length": body.len()});
    traffic::handle(&shared, &hang_up, "upload", args, |core| {
        let Some(file) = core.world.files.get_mut(&id) else {
            return Reply::text(StatusCode::NOT_FOUND, "file_not_found");
        };
        if file.uploaded || file.deleted || body.len() != file.expected {
            return Reply::text(StatusCode::BAD_REQUEST, "length_mismatch");
        }
        file.content = body.to_vec();
        file.uploaded = true;
        Reply::text(StatusCode::OK, &format!("OK - {}", body.len()))
    })
    .await
}

pub(super) fn complete(core: &mut Core, args: &Args) -> Outcome {
    let files = args.structured("files", "invalid_arguments")?;
    let Some(Value::Array(files)) =
        files.filter(|list| list.as_array().is_some_and(|l| !l.is_empty()))
    else {
        return Err(Refusal::arguments("missing required field: files".into()));
    };
    let mut ids = Vec::new();
    for given in &files {
        let file = given["id"].as_str().and_then(|id| core.world.files.get(id));
        ids.push(
            file.filter(|file| file.uploaded && file.ready_at.is_none() && !file.deleted)
                .ok_or("file_not_found")?
                .id
                .clone(),
        );
    }
    let channel = args.text("channel_id")?.filter(|id| !id.is_empty());
    if let Some(channel) = &channel {
        conversations::writable(core, channel)?;
    }
    let ready_at = core.now() + core.world.file_work;
    for given in &files {
        let file = given["id"]
            .as_str()
            .and_then(|id| core.world.files.get_mut(id))
            .ok_or("file_not_found")?;
        file.title = given["title"].as_str().unwrap_or(&file.name).to_owned();
        file.ready_at = Some(ready_at);
    }
    if let Some(channel) = channel {
        let text = args.text("initial_comment")?.unwrap_or_default();
        let message = Message {
            files: ids.clone(),
            thread_ts: args.text("thread_ts")?,
            ..core.by_app(text, vec![])
        };
        let ts = core.post(&channel, message);
        for id in &ids {
            let file = core.world.files.get_mut(id).ok_or("file_not_found")?;
            file.shares.push((channel.clone(), ts.clone()));
        }
    }
    let shown: Vec<_> = ids
        .iter()
        .map(|id| json!({"id": id, "title": core.world.files[id].title}))
        .collect();
    Ok(json!({"files": shown}))
}

/// Deletes a file everywhere. Messages that show it stay, without it.
pub(super) fn delete(core: &mut Core, args: &Args) -> Outcome {
    let id = args.required("file")?;
    let file = core.world.files.get_mut(&id).ok_or("file_not_found")?;
    if file.deleted || file.ready_at.is_none() {
        return Err("file_deleted".into());
    }
    file.deleted = true;
    file.content.clear();
    for channel in core.world.channels.values_mut() {
        for message in &mut channel.messages {
            message.files.retain(|one| *one != id);
        }
    }
    Ok(json!({}))
}

pub(super) fn info(core: &mut Core, args: &Args) -> Outcome {
    let found = core.world.files.get(&args.required("file")?);
    let file = found
        .filter(|file| !file.deleted && file.ready_at.is_some())
        .ok_or("file_not_found")?;
    let mut shown = wire::file(file);
    // Late, as in Slack: that is how an app sees that a file can be used.
    shown["mimetype"] = file.mimetype(core.now()).unwrap_or_default().into();
    Ok(json!({"file": shown}))
}

/// A file as the page shows it; `None` while Slack works on it.
pub(in crate::slack) fn content(core: &Core, id: &str) -> Option<(&'static str, Vec<u8>)> {
    let file = core.world.files.get(id).filter(|file| !file.deleted)?;
    Some((file.mimetype(core.now())?, file.content.clone()))
}

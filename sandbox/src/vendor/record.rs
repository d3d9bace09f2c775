//! Exchanges, one JSON object a line, as the checker of the vendors' descriptions reads them. Keys are left out.

use std::{io::Write, path::Path};

use serde_json::{Map, Value, json};

use super::server::{Reply, Request};

/// Adds an exchange to a file. What cannot be written is said and lost: it is for a check, not for the simulation.
pub(super) fn add(file: &Path, vendor: &str, request: &Request, reply: &Reply) {
    let mut query = Map::new();
    for (name, value) in &request.query {
        query.insert(name.clone(), value.as_str().into());
    }
    let mut headers = Map::new();
    if request.bearer.is_some() {
        headers.insert("Authorization".to_owned(), "Bearer x".into());
    }
    if let Some(kind) = &request.content_type {
        headers.insert("Content-Type".to_owned(), kind.as_str().into());
    }
    let mut exchange = json!({
        "vendor": vendor,
        "method": request.method,
        "path": request.path,
        "query": query,
        "headers": headers,
        "status": reply.status,
        "response": reply.body,
    });
    if let Value::Object(exchange) = &mut exchange
        && !request.body.is_null()
    {
        exchange.insert("body".to_owned(), request.body.clone());
    }
    let written = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        // In one write: several worlds of one process write to the same file.
        .and_then(|mut file| file.write_all(format!("{exchange}\n").as_bytes()));
    if let Err(error) = written {
        tracing::warn!(%error, "an exchange was not kept");
    }
}

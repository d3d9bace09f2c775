//! `countersign audit export`: the journal as JSON lines, for whoever keeps or checks it elsewhere.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use uuid::Uuid;

use super::{
    read,
    store::{Connection, Store, Whole},
};
use crate::domain::{Instant, RequestId};

/// Events read at once.
const PAGE: i64 = 250;

/// What is exported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection {
    /// One request by its number for people; `None` for all.
    pub request: Option<i64>,
    /// Also the texts beside the chain, which hold personal data.
    pub private_data: bool,
}

/// Why the export ended early.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is no such request.
    #[error("there is no request {}", crate::domain::request::label(*.0))]
    NotFound(i64),
    /// The lines could not be written.
    #[error("writing the export: {0}")]
    Write(#[from] std::io::Error),
    /// A line is no JSON.
    #[error("an event cannot be exported: {0}")]
    Json(#[from] serde_json::Error),
    /// The database.
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// Writes one JSON line per event, in the order in which events were recorded, as of one moment. Gives the
/// number of lines.
///
/// # Errors
/// [`ExportError`]; lines may have been written by then.
pub async fn export(
    pool: &Store,
    selection: Selection,
    out: &mut (impl AsyncWrite + Unpin),
) -> Result<u64, ExportError> {
    let request = match selection.request {
        None => None,
        Some(number) => {
            let id = read::by_number(pool, number).await?;
            Some(id.ok_or(ExportError::NotFound(number))?)
        }
    };
    let mut tx = pool.begin_whole(Whole::Snapshot).await?;
    let (mut after, mut lines) = (0, 0);
    loop {
        let rows = page(&mut tx, request, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        let mut texts = if selection.private_data {
            private_data(&mut tx, &rows).await?
        } else {
            HashMap::new()
        };
        for row in rows {
            let texts = texts.remove(&row.seq).unwrap_or_default();
            let mut line = serde_json::to_vec(&Line::new(row, texts))?;
            line.push(b'\n');
            out.write_all(&line).await?;
            lines += 1;
        }
    }
    tx.rollback().await?;
    out.flush().await?;
    Ok(lines)
}

struct Row {
    seq: i64,
    kind: String,
    stream: Uuid,
    number: Option<i64>,
    version: i64,
    name: String,
    body: String,
    at: Instant,
    hash: Vec<u8>,
    position: Option<i64>,
    link: Option<Vec<u8>>,
}

/// One line. What the event's hash covers is the canonical JSON of `event`: sorted keys, no white space.
#[derive(Serialize)]
struct Line {
    kind: String,
    stream: Uuid,
    number: Option<i64>,
    version: i64,
    name: String,
    at: Instant,
    event: Value,
    hash: String,
    /// The place in the global chain and the link's hash; null while the event waits to be linked.
    position: Option<i64>,
    link: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    private_data: Vec<Text>,
}

/// A text beside the chain; null when it was erased.
#[derive(Serialize)]
struct Text {
    id: Uuid,
    kind: String,
    text: Option<String>,
}

impl Line {
    fn new(row: Row, private_data: Vec<Text>) -> Self {
        Self {
            kind: row.kind,
            stream: row.stream,
            number: row.number,
            version: row.version,
            name: row.name,
            at: row.at,
            event: serde_json::from_str(&row.body).unwrap_or(Value::String(row.body)),
            hash: hex::encode(row.hash),
            position: row.position,
            link: row.link.map(hex::encode),
            private_data,
        }
    }
}

async fn page(
    db: &mut Connection,
    request: Option<RequestId>,
    after: i64,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"select e.seq, e.kind, e.stream, r.number as "number?", e.version, e.name, e.body, e.at, e.hash,
                  c.position as "position?", c.hash as "link?"
           from countersign.event e
           left join countersign.chain c on c.event_seq = e.seq
           left join countersign.request r on r.id = e.stream
           where e.seq > $1 and ($2::uuid is null or e.stream = $2)
           order by e.seq
           limit $3"#,
        after,
        request.map(|it| it.0),
        PAGE
    )
    .fetch_all(db)
    .await
}

/// The texts by the event that commits to them.
async fn private_data(db: &mut Connection, rows: &[Row]) -> sqlx::Result<HashMap<i64, Vec<Text>>> {
    let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
    let found = sqlx::query!(
        r#"select e.seq, p.id, p.kind, p.text
           from countersign.event e
           join countersign.private_text p on p.request_id = e.stream and strpos(e.body, p.id::text) > 0
           where e.seq = any($1)
           order by e.seq, p.id"#,
        &seqs
    )
    .fetch_all(db)
    .await?;
    let mut texts: HashMap<i64, Vec<Text>> = HashMap::new();
    for row in found {
        texts.entry(row.seq).or_default().push(Text {
            id: row.id,
            kind: row.kind,
            text: row.text,
        });
    }
    Ok(texts)
}

//! All events in the order of their streams, page by page: what verifying and rebuilding walk along.

use uuid::Uuid;

use super::store::Connection;
use crate::domain::Instant;

/// Events read at once. Plans can be long, so a page stays at some megabytes.
const PAGE: i64 = 250;

/// One event as it is stored, with what the other tables say about it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) stream: Uuid,
    pub(super) version: i64,
    pub(super) name: String,
    pub(super) body: String,
    pub(super) at: Instant,
    pub(super) hash: Vec<u8>,
    /// Its place in the global chain, once it is linked.
    pub(super) position: Option<i64>,
    /// True while it waits to be linked.
    pub(super) pending: bool,
    /// The number, version and state that the stream's projection has, when there is one.
    pub(super) shown_number: Option<i64>,
    pub(super) shown_version: Option<i64>,
    pub(super) shown_state: Option<String>,
    /// What else a request's projection says.
    pub(super) shown_facts: Option<String>,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(Uuid, i64);

impl Place {
    /// Before every event.
    pub(super) const START: Self = Self(Uuid::nil(), i64::MIN);
}

/// The next page of the streams of a kind, by stream and version; empty at the end.
pub(super) async fn page(
    db: &mut Connection,
    kind: &str,
    place: &mut Place,
) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select e.stream, e.version, e.name, e.body, e.at, e.hash,
                  c.position as "position?", p.event_seq is not null as "pending!",
                  r.number as "shown_number?",
                  coalesce(r.version, s.version) as "shown_version?",
                  coalesce(r.state, case s.frozen when true then 'frozen' when false then 'not frozen' end) as "shown_state?",
                  case when r.id is not null
                       then concat_ws(' ', r.number, r.operation, r.risk, r.requester, r.subject, r.open, r.round, r.fingerprint)
                  end as "shown_facts?"
           from countersign.event e
           left join countersign.chain c on c.event_seq = e.seq
           left join countersign.chain_pending p on p.event_seq = e.seq
           left join countersign.request r on r.id = e.stream
           left join countersign.service_settings s on e.kind = 'settings'
           where e.kind = $4 and (e.stream, e.version) > ($1, $2)
           order by e.stream, e.version
           limit $3"#,
        place.0,
        place.1,
        PAGE,
        kind
    )
    .fetch_all(db)
    .await?;
    if let Some(last) = rows.last() {
        *place = Place(last.stream, last.version);
    }
    Ok(rows)
}

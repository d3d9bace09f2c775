//! All events in the order of their requests, page by page: what verifying and rebuilding walk along.

use uuid::Uuid;

use super::store::Connection;
use crate::domain::{Instant, Request};

/// Events read at once. Plans can be long, so a page stays at some megabytes.
const PAGE: i64 = 250;

/// One event as it is stored, with what the other tables say about it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) request_id: Uuid,
    pub(super) version: i64,
    pub(super) name: String,
    pub(super) body: String,
    pub(super) at: Instant,
    pub(super) hash: Vec<u8>,
    /// Its place in the global chain, once it is linked.
    pub(super) position: Option<i64>,
    /// True while it waits to be linked.
    pub(super) pending: bool,
    /// The number, version and state that the request's projection has, when there is one.
    pub(super) shown_number: Option<i64>,
    pub(super) shown_version: Option<i64>,
    pub(super) shown_state: Option<String>,
    /// What else the projection says; see [`shown_facts`].
    pub(super) shown_facts: Option<String>,
}

/// What the projection of a request says beside its version and state, as the query of [`page`] has it.
pub(super) fn shown_facts(request: &Request) -> String {
    let plan = request.plan.as_ref();
    let subject = plan.and_then(|plan| plan.plan.subject.as_ref());
    let subject = subject.map_or_else(String::new, |it| format!("{} ", it.user_id));
    format!(
        "{} {} {} {} {subject}{} {} {}",
        request.number,
        request.operation,
        request.risk.word(),
        request.requester.name(),
        if request.state.is_terminal() {
            "f"
        } else {
            "t"
        },
        plan.map_or(0, |plan| plan.round),
        request.fingerprint
    )
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(Uuid, i64);

impl Place {
    /// Before every event.
    pub(super) const START: Self = Self(Uuid::nil(), i64::MIN);
}

/// The next page by request and version; empty at the end.
pub(super) async fn page(db: &mut Connection, place: &mut Place) -> sqlx::Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select e.request_id, e.version, e.name, e.body, e.at, e.hash,
                  c.position as "position?", p.event_seq is not null as "pending!",
                  r.number as "shown_number?", r.version as "shown_version?", r.state as "shown_state?",
                  concat_ws(' ', r.number, r.operation, r.risk, r.requester, r.subject, r.open, r.round, r.fingerprint)
                      as "shown_facts?"
           from countersign.event e
           left join countersign.chain c on c.event_seq = e.seq
           left join countersign.chain_pending p on p.event_seq = e.seq
           left join countersign.request r on r.id = e.request_id
           where (e.request_id, e.version) > ($1, $2)
           order by e.request_id, e.version
           limit $3"#,
        place.0,
        place.1,
        PAGE
    )
    .fetch_all(db)
    .await?;
    if let Some(last) = rows.last() {
        *place = Place(last.request_id, last.version);
    }
    Ok(rows)
}

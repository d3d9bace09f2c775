//! Every request: its chain of events, what they fold to, and its projection.

use uuid::Uuid;

use super::{
    Kind, Place, Previous, Report,
    links::Orphan,
    texts::{self, Committed},
};
use crate::{
    domain::{Event, Request, RequestId, approval::Approved, fold},
    journal::{
        hash::{AuditKey, Entry, GENESIS, stored},
        store::Connection,
        walk::{self, Row},
    },
};

/// Checks all requests. `orphans` are links whose event is gone: a gap in a request's versions names them.
pub(super) async fn check(
    db: &mut Connection,
    key: &AuditKey,
    mut orphans: Vec<Orphan>,
    report: &mut Report,
) -> sqlx::Result<()> {
    let mut place = walk::Place::START;
    let mut current: Option<Walk> = None;
    loop {
        let rows = walk::page(db, &mut place).await?;
        if rows.is_empty() {
            break;
        }
        let mut commitments = vec![];
        for row in &rows {
            let mut walk = match current.take() {
                Some(walk) if walk.id == row.request_id => walk,
                other => {
                    if let Some(done) = other {
                        done.finish(report);
                    }
                    Walk::begin(row, report)
                }
            };
            commitments.extend(walk.step(key, row, &mut orphans, report));
            current = Some(walk);
        }
        texts::check(db, &commitments, report).await?;
    }
    if let Some(done) = current {
        done.finish(report);
    }
    for orphan in orphans {
        let place = Place {
            position: Some(orphan.position),
            ..Place::default()
        };
        report.add(Kind::EventMissing, place, "the linked event is gone");
    }
    check_projections_without_events(db, report).await
}

/// One request, as far as it was walked.
struct Walk {
    id: Uuid,
    number: Option<i64>,
    next_version: i64,
    previous: Previous,
    /// `None` once an event could not be folded.
    folded: Option<Request>,
    /// The last position in the global chain, to see that links keep the order of versions.
    position: i64,
    waits: bool,
    shown_version: Option<i64>,
    shown_state: Option<String>,
    shown_facts: Option<String>,
}

impl Walk {
    fn begin(row: &Row, report: &mut Report) -> Self {
        report.checked.requests += 1;
        let number = match serde_json::from_str(&row.body) {
            Ok(Event::Asked(asked)) => Some(asked.number),
            _ => row.shown_number,
        };
        Self {
            id: row.request_id,
            number,
            next_version: 1,
            previous: Previous::known(GENESIS),
            folded: None,
            position: 0,
            waits: false,
            shown_version: row.shown_version,
            shown_state: row.shown_state.clone(),
            shown_facts: row.shown_facts.clone(),
        }
    }

    fn place(&self, version: i64, position: Option<i64>) -> Place {
        Place {
            position,
            request: Some(self.id),
            number: self.number,
            version: Some(version),
        }
    }

    /// Checks one event. Gives its commitments.
    fn step(
        &mut self,
        key: &AuditKey,
        row: &Row,
        orphans: &mut Vec<Orphan>,
        report: &mut Report,
    ) -> Vec<Committed> {
        report.checked.events += 1;
        let is_whole = row.version == self.next_version;
        if !is_whole {
            self.report_gap(key, row, orphans, report);
        }
        self.next_version = row.version + 1;
        self.check_hash(key, row, report);
        self.check_link(row, report);
        let place = self.place(row.version, row.position);
        let event: Event = match serde_json::from_str(&row.body) {
            Ok(event) => event,
            Err(error) => {
                let says = format!("the event cannot be read: {error}");
                report.add(Kind::EventUnreadable, place, says);
                self.folded = None;
                return vec![];
            }
        };
        if event.name() != row.name {
            let says = format!("the event is named {}, but is {}", row.name, event.name());
            report.add(Kind::EventUnreadable, place, says);
        }
        if is_whole {
            self.fold(row, &event, report);
        } else {
            self.folded = None;
        }
        let commitments = event.commitments().into_iter();
        commitments
            .map(|commitment| Committed {
                commitment: commitment.clone(),
                place,
            })
            .collect()
    }

    /// Names the missing events. The last of them is known by its link, when that is still there: the event
    /// after it is chained to its hash.
    fn report_gap(
        &mut self,
        key: &AuditKey,
        row: &Row,
        orphans: &mut Vec<Orphan>,
        report: &mut Report,
    ) {
        let entry = Entry::new(row.request_id, row.version, &row.name, row.at, &row.body);
        let link = orphans.iter().position(|orphan| {
            key.event(&orphan.event_hash, &entry).as_slice() == row.hash.as_slice()
        });
        self.previous = Previous::unknown();
        let position = link.map(|at| orphans.swap_remove(at).position);
        let (first, last) = (self.next_version, row.version - 1);
        for version in first..=last {
            let position = position.filter(|_| version == last);
            let place = self.place(version, position);
            report.add(Kind::EventMissing, place, "the event is gone");
        }
        if first > last {
            let place = self.place(row.version, row.position);
            report.add(
                Kind::EventMisplaced,
                place,
                "the version stands there twice",
            );
        }
    }

    fn check_hash(&mut self, key: &AuditKey, row: &Row, report: &mut Report) {
        let place = self.place(row.version, row.position);
        let Some(hash) = stored(&row.hash) else {
            report.add(Kind::EventChanged, place, "the event has no hash");
            self.previous = Previous::unknown();
            return;
        };
        let entry = Entry::new(row.request_id, row.version, &row.name, row.at, &row.body);
        if !self.previous.accepts(hash, |it| key.event(it, &entry)) {
            let says = "the event is not what was recorded: its hash is wrong";
            report.add(Kind::EventChanged, place, says);
        }
    }

    fn check_link(&mut self, row: &Row, report: &mut Report) {
        let place = self.place(row.version, row.position);
        report.checked.pending += u64::from(row.pending);
        match (row.position, row.pending) {
            (None, false) => {
                let says = "the event is neither in the chain nor waiting for it";
                report.add(Kind::EventUnlinked, place, says);
            }
            (Some(_), true) => {
                let says = "the event is in the chain and waits for it again";
                report.add(Kind::EventUnlinked, place, says);
            }
            (Some(position), false) if position < self.position || self.waits => {
                let says = "the event stands in the chain before an earlier one of its request";
                report.add(Kind::LinkChanged, place, says);
            }
            _ => {}
        }
        self.waits |= row.pending;
        self.position = row.position.unwrap_or(self.position);
    }

    fn fold(&mut self, row: &Row, event: &Event, report: &mut Report) {
        let place = self.place(row.version, row.position);
        let next = match (self.folded.take(), event) {
            (None, Event::Asked(asked)) if row.version == 1 => {
                Ok(fold::open(RequestId(self.id), asked, row.at))
            }
            (None, _) if row.version == 1 => {
                Err("the request does not begin by being asked".into())
            }
            // What came before cannot be folded, which has been reported.
            (None, _) => return,
            (Some(before), event) => {
                if let Event::RunStarted { plan, .. } = event {
                    let proof = Approved::of(&before).filter(|proof| proof.plan() == *plan);
                    if proof.is_none() {
                        let says = "the run began without the approvals that its plan needs";
                        report.add(Kind::RunUnapproved, place, says);
                    }
                }
                fold::fold(before, event, row.at).map_err(|error| error.to_string())
            }
        };
        match next {
            Ok(request) => self.folded = Some(request),
            Err(says) => report.add(Kind::EventMisplaced, place, says),
        }
    }

    /// After the last event: is the projection where the events are?
    fn finish(self, report: &mut Report) {
        let last = self.next_version - 1;
        let place = self.place(last, None);
        let Some(shown) = self.shown_version else {
            let says = "the request has events but no projection";
            report.add(Kind::ProjectionStale, place, says);
            return;
        };
        if shown > last {
            let says =
                format!("the events end at {last}, but {shown} were recorded: the tail was cut");
            report.add(Kind::ProjectionAhead, self.place(last + 1, None), says);
        } else if shown < last {
            let says = format!("the projection shows version {shown}, the events end at {last}");
            report.add(Kind::ProjectionStale, place, says);
        } else if let (Some(request), Some(state)) = (&self.folded, &self.shown_state)
            && request.state.status().name() != state
        {
            let says = format!(
                "the projection says {state}, the events say {}",
                request.state.status().name()
            );
            report.add(Kind::ProjectionStale, place, says);
        } else if let Some(request) = &self.folded
            && self.shown_facts != Some(walk::shown_facts(request))
        {
            let says = "the projection is not what follows from the events";
            report.add(Kind::ProjectionStale, place, says);
        }
    }
}

async fn check_projections_without_events(
    db: &mut Connection,
    report: &mut Report,
) -> sqlx::Result<()> {
    let limit = i64::try_from(super::MAX_LISTED).unwrap_or(i64::MAX);
    let rows = sqlx::query!(
        r#"select r.id, r.number, r.version, count(*) over () as "all!" from countersign.request r
           where not exists (select from countersign.event e where e.request_id = r.id)
           order by r.number limit $1"#,
        limit
    )
    .fetch_all(db)
    .await?;
    let unlisted = rows.first().map_or(0, |row| row.all - rows.len() as i64);
    for row in &rows {
        let place = Place {
            request: Some(row.id),
            number: Some(row.number),
            ..Place::default()
        };
        let says = format!("all {} events of the request are gone", row.version);
        report.add(Kind::ProjectionAhead, place, says);
    }
    if unlisted > 0 {
        let says = format!("all events of {unlisted} more requests are gone");
        report.add(Kind::ProjectionAhead, Place::default(), says);
    }
    Ok(())
}

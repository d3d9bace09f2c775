//! Every stream of one kind: its chain of events, what they fold to, and its projection.

use uuid::Uuid;

use super::{
    Kind, Place, Previous, Report,
    kinds::Verified,
    links::Orphan,
    texts::{self, Committed},
};
use crate::{
    audit_key::AuditKey,
    journal::{
        hash::{Entry, GENESIS, stored},
        store::Connection,
        walk::{self, Row},
    },
};

/// Checks all streams of a kind. `orphans` are links whose event is gone: a gap in a stream's versions names them.
pub(super) async fn check<S: Verified>(
    db: &mut Connection,
    key: &AuditKey,
    orphans: &mut Vec<Orphan>,
    report: &mut Report,
) -> sqlx::Result<()> {
    let mut place = walk::Place::START;
    let mut current: Option<Walk<S>> = None;
    loop {
        let rows = walk::page(db, S::KIND, &mut place).await?;
        if rows.is_empty() {
            break;
        }
        let mut commitments = vec![];
        for row in &rows {
            let mut walk = match current.take() {
                Some(walk) if walk.id == row.stream => walk,
                other => {
                    if let Some(done) = other {
                        done.finish(report);
                    }
                    Walk::begin(row, report)
                }
            };
            commitments.extend(walk.step(key, row, orphans, report));
            current = Some(walk);
        }
        texts::check(db, &commitments, report).await?;
    }
    if let Some(done) = current {
        done.finish(report);
    }
    S::check_projections_without_events(db, report).await
}

/// One stream, as far as it was walked.
struct Walk<S> {
    id: Uuid,
    number: Option<i64>,
    next_version: i64,
    previous: Previous,
    /// `None` once an event could not be folded.
    folded: Option<S>,
    /// The last position in the global chain, to see that links keep the order of versions.
    position: i64,
    waits: bool,
    shown_version: Option<i64>,
    shown_state: Option<String>,
    shown_facts: Option<String>,
}

impl<S: Verified> Walk<S> {
    fn begin(row: &Row, report: &mut Report) -> Self {
        S::count(&mut report.checked);
        let first = serde_json::from_str(&row.body).ok();
        let number = first.as_ref().and_then(S::number).or(row.shown_number);
        Self {
            id: row.stream,
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
            version: Some(version),
            ..S::place(self.id, self.number)
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
        let event: S::Event = match serde_json::from_str(&row.body) {
            Ok(event) => event,
            Err(error) => {
                let says = format!("the event cannot be read: {error}");
                report.add(Kind::EventUnreadable, place, says);
                self.folded = None;
                return vec![];
            }
        };
        let name = S::name(&event);
        if name != row.name {
            let says = format!("the event is named {}, but is {name}", row.name);
            report.add(Kind::EventUnreadable, place, says);
        }
        if is_whole {
            self.fold(row, &event, report);
        } else {
            self.folded = None;
        }
        let commitments = S::commitments(&event).into_iter();
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
        let entry = entry::<S>(row);
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
        let entry = entry::<S>(row);
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
                let says = "the event stands in the chain before an earlier one of its stream";
                report.add(Kind::LinkChanged, place, says);
            }
            _ => {}
        }
        self.waits |= row.pending;
        self.position = row.position.unwrap_or(self.position);
    }

    fn fold(&mut self, row: &Row, event: &S::Event, report: &mut Report) {
        let place = self.place(row.version, row.position);
        let before = self.folded.take();
        if before.is_none() && row.version > 1 {
            // What came before cannot be folded, which has been reported.
            return;
        }
        let fault = before.as_ref().and_then(|before| before.fault_of(event));
        if let Some((kind, says)) = fault {
            report.add(kind, place, says);
        }
        match S::fold(before, self.id, event, row.at) {
            Ok(state) => self.folded = Some(state),
            Err(error) => report.add(Kind::EventMisplaced, place, error.to_string()),
        }
    }

    /// After the last event: is the projection where the events are?
    fn finish(self, report: &mut Report) {
        let last = self.next_version - 1;
        let place = self.place(last, None);
        let Some(shown) = self.shown_version else {
            let says = "there are events but no projection";
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
        } else if let (Some(folded), Some(state)) = (&self.folded, &self.shown_state)
            && folded.shown() != state
        {
            let says = format!(
                "the projection says {state}, the events say {}",
                folded.shown()
            );
            report.add(Kind::ProjectionStale, place, says);
        } else if let Some(folded) = &self.folded
            && self.shown_facts != folded.facts()
        {
            let says = "the projection is not what follows from the events";
            report.add(Kind::ProjectionStale, place, says);
        }
    }
}

fn entry<S: Verified>(row: &Row) -> Entry<'_> {
    Entry::new(
        (S::KIND, row.stream),
        row.version,
        &row.name,
        row.at,
        &row.body,
    )
}

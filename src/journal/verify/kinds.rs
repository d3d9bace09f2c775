//! What verifying knows of each kind of stream.

use uuid::Uuid;

use super::{Checked, Kind, MAX_LISTED, Place, Report};
use crate::{
    domain::{
        Event, Request, ServiceSettings, SettingsEvent, approval::Approved, digest::Commitment,
    },
    journal::{store::Connection, stream::Stream},
};

/// A kind of stream that is verified.
pub(super) trait Verified: Stream {
    /// Counts one stream.
    fn count(checked: &mut Checked);

    /// The number for people that the first event gives.
    fn number(first: &Self::Event) -> Option<i64>;

    /// How a stream is named in a finding.
    fn place(stream: Uuid, number: Option<i64>) -> Place;

    /// The commitments to texts that an event holds.
    fn commitments(event: &Self::Event) -> Vec<&Commitment>;

    /// What is wrong with an event that follows this state, although it folds.
    fn fault_of(&self, event: &Self::Event) -> Option<(Kind, &'static str)>;

    /// The state in the words of the projection.
    fn shown(&self) -> &'static str;

    /// What else the projection says, as the query of [`super::super::walk::page`] has it.
    fn facts(&self) -> Option<String>;

    /// Looks for projections all of whose events are gone.
    fn check_projections_without_events(
        db: &mut Connection,
        report: &mut Report,
    ) -> impl Future<Output = sqlx::Result<()>>;
}

impl Verified for Request {
    fn count(checked: &mut Checked) {
        checked.requests += 1;
    }

    fn number(first: &Event) -> Option<i64> {
        match first {
            Event::Asked(asked) => Some(asked.number),
            _ => None,
        }
    }

    fn place(stream: Uuid, number: Option<i64>) -> Place {
        Place {
            request: Some(stream),
            number,
            ..Place::default()
        }
    }

    fn commitments(event: &Event) -> Vec<&Commitment> {
        event.commitments()
    }

    fn fault_of(&self, event: &Event) -> Option<(Kind, &'static str)> {
        let Event::RunStarted { plan, .. } = event else {
            return None;
        };
        let proof = Approved::of(self).filter(|proof| proof.plan() == *plan);
        let says = "the run began without the approvals that its plan needs";
        proof.is_none().then_some((Kind::RunUnapproved, says))
    }

    fn shown(&self) -> &'static str {
        self.state.status().name()
    }

    fn facts(&self) -> Option<String> {
        let plan = self.plan.as_ref();
        let subject = plan.and_then(|plan| plan.plan.subject.as_ref());
        let subject = subject.map_or_else(String::new, |it| format!("{} ", it.user_id));
        Some(format!(
            "{} {} {} {} {subject}{} {} {}",
            self.number,
            self.operation,
            self.risk.word(),
            self.requester.name(),
            if self.state.is_terminal() { "f" } else { "t" },
            plan.map_or(0, |plan| plan.round),
            self.fingerprint
        ))
    }

    async fn check_projections_without_events(
        db: &mut Connection,
        report: &mut Report,
    ) -> sqlx::Result<()> {
        let limit = i64::try_from(MAX_LISTED).unwrap_or(i64::MAX);
        let rows = sqlx::query!(
        r#"select r.id, r.number, r.version, count(*) over () as "all!" from countersign.request r
           where not exists (select from countersign.event e where e.stream = r.id)
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
}

impl Verified for ServiceSettings {
    fn count(_: &mut Checked) {}

    fn number(_: &SettingsEvent) -> Option<i64> {
        None
    }

    fn place(_: Uuid, _: Option<i64>) -> Place {
        Place {
            of: Some("the service's settings"),
            ..Place::default()
        }
    }

    fn commitments(_: &SettingsEvent) -> Vec<&Commitment> {
        vec![]
    }

    fn fault_of(&self, _: &SettingsEvent) -> Option<(Kind, &'static str)> {
        None
    }

    fn shown(&self) -> &'static str {
        if self.frozen { "frozen" } else { "not frozen" }
    }

    fn facts(&self) -> Option<String> {
        None
    }

    async fn check_projections_without_events(
        db: &mut Connection,
        report: &mut Report,
    ) -> sqlx::Result<()> {
        let gone = sqlx::query_scalar!(
            r#"select version from countersign.service_settings
               where not exists (select from countersign.event where kind = 'settings')"#
        )
        .fetch_optional(db)
        .await?;
        if let Some(version) = gone {
            let says = format!("all {version} events are gone");
            let place = Self::place(Uuid::nil(), None);
            report.add(Kind::ProjectionAhead, place, says);
        }
        Ok(())
    }
}

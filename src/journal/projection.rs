//! The tables that follow from the events. Everything here can be made anew by `countersign audit rebuild`.

use super::{RecordError, store::Connection};
use crate::domain::{Event, Instant, Request, person::Party};

/// Brings the projections to `request`, as of its last event at `at`, and adds `parties`.
pub(super) async fn write(
    db: &mut Connection,
    request: &Request,
    parties: &Parties,
    at: Instant,
) -> Result<(), RecordError> {
    write_request(db, request, at).await?;
    parties.write(db, request).await
}

/// The people whom a request must tell apart, as its events bring them in.
#[derive(Debug, Default)]
pub(super) struct Parties {
    rounds: Vec<i32>,
    identities: Vec<String>,
    roles: Vec<String>,
    slack_ids: Vec<Option<String>>,
}

impl Parties {
    /// Notes whom `event` brings in; `request` is the fold up to and including it.
    pub(super) fn note(&mut self, request: &Request, event: &Event) {
        match event {
            Event::Planned(_) | Event::Superseded { .. } => self.note_round(request),
            Event::Approved { by, .. } => self.push(request, "approver", by.into()),
            _ => {}
        }
    }

    /// The requester first, then the subject, who may be the requester.
    fn note_round(&mut self, request: &Request) {
        let requester = &request.requester;
        if let Some(party) = requester.person() {
            self.push(request, "requester", party.into());
        }
        let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
        let identity = subject.and_then(|s| s.email_identity.as_ref());
        if let Some(identity) = identity.filter(|it| {
            let requester = requester.person();
            requester.is_none_or(|party| !party.identities.contains(*it))
        }) {
            let names = Names {
                slack_id: None,
                identities: vec![identity.clone()],
            };
            self.push(request, "subject", names);
        }
    }

    fn push(&mut self, request: &Request, role: &str, names: Names) {
        for identity in names.identities {
            self.rounds
                .push(request.plan.as_ref().map_or(0, |p| p.round));
            self.identities.push(identity);
            self.roles.push(role.to_owned());
            self.slack_ids.push(names.slack_id.clone());
        }
    }

    async fn write(&self, db: &mut Connection, request: &Request) -> Result<(), RecordError> {
        if self.rounds.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            r#"insert into countersign.party (request_id, round, identity, role, slack_id)
               select $1, * from unnest($2::integer[], $3::text[], $4::text[], $5::text[])"#,
            request.id.0,
            &self.rounds,
            &self.identities,
            &self.roles,
            &self.slack_ids as &[Option<String>],
        )
        .execute(db)
        .await?;
        Ok(())
    }
}

/// One human's names.
struct Names {
    slack_id: Option<String>,
    identities: Vec<String>,
}

impl From<&Party> for Names {
    fn from(party: &Party) -> Self {
        Self {
            slack_id: Some(party.slack_id.clone()),
            identities: party.identities.iter().cloned().collect(),
        }
    }
}

async fn write_request(
    db: &mut Connection,
    request: &Request,
    at: Instant,
) -> Result<(), RecordError> {
    let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
    let done = sqlx::query!(
        r#"insert into countersign.request as r
               (id, number, operation, risk, requester, subject, state, open, version, round,
                fingerprint, asked_at, updated_at, due_at, look_at, undelivered)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, true)
           on conflict (id) do update set
               risk = excluded.risk, subject = excluded.subject, state = excluded.state, open = excluded.open,
               version = excluded.version, round = excluded.round, updated_at = excluded.updated_at,
               due_at = excluded.due_at, look_at = excluded.look_at, undelivered = true
           where r.version < excluded.version"#,
        request.id.0,
        request.number,
        request.operation,
        request.risk.word(),
        request.requester.name(),
        subject.map(|s| s.user_id.as_str()),
        request.state.status().name(),
        !request.state.is_terminal(),
        request.version,
        request.plan.as_ref().map_or(0, |p| p.round),
        request.fingerprint,
        request.asked_at,
        at,
        request.due_at(at),
    )
    .execute(db)
    .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(RecordError::Conflict)
    }
}

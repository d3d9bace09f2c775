//! The tables that follow from the events. Everything here can be made anew by `countersign audit rebuild`.

use std::collections::BTreeSet;

use super::{RecordError, store::Connection};
use crate::domain::{
    Event, Instant, Request,
    person::{Party, slack_identity, user_identity},
    refusal::NOT_A_MEMBER,
};

/// Brings the projections to `request`, as of its last event at `at`, and adds `parties`.
pub(super) async fn write(
    db: &mut Connection,
    request: &Request,
    parties: &Parties,
    at: Instant,
) -> Result<(), RecordError> {
    write_request(db, request, at).await?;
    parties.write_known(db).await?;
    parties.write(db, request).await
}

/// The people whom a request must tell apart, as its events bring them in.
#[derive(Debug, Default)]
pub(super) struct Parties {
    rounds: Vec<i32>,
    identities: Vec<String>,
    roles: Vec<String>,
    slack_ids: Vec<Option<String>>,
    /// Accounts and what is known of them, in the order in which every transaction writes them.
    known: BTreeSet<(String, String)>,
}

impl Parties {
    /// Notes whom `event` brings in; `request` is the fold up to and including it.
    pub(super) fn note(&mut self, request: &Request, event: &Event) {
        if let Some(by) = event.by() {
            let account = slack_identity(&by.slack_id);
            let known = by.identities.iter().map(|it| (account.clone(), it.clone()));
            self.known.extend(known);
            // Addresses that somebody from outside shows say nothing. They were on record in earlier versions.
            if is_by_outsider(event) {
                self.known
                    .retain(|(of, identity)| *of != account || *identity == account);
            }
        }
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
        if let (Some(subject), Some(identity)) = (subject, identity) {
            let account = user_identity(&subject.user_id);
            self.known.insert((account, identity.clone()));
        }
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

    async fn write_known(&self, db: &mut Connection) -> Result<(), RecordError> {
        if self.known.is_empty() {
            return Ok(());
        }
        let (accounts, identities): (Vec<_>, Vec<_>) = self.known.iter().cloned().unzip();
        sqlx::query!(
            r#"insert into countersign.known_identity (account, identity)
               select * from unnest($1::text[], $2::text[]) on conflict do nothing"#,
            &accounts,
            &identities,
        )
        .execute(db)
        .await?;
        Ok(())
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

fn is_by_outsider(event: &Event) -> bool {
    matches!(event, Event::AttemptRefused { code, .. } if code == NOT_A_MEMBER)
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

//! The tables that follow from the events. Everything here can be made anew by `countersign audit rebuild`.

use sqlx::PgConnection;

use super::RecordError;
use crate::domain::{Event, Instant, Request};

/// Brings the projections to `request`, which is the fold up to and including `events`.
pub(super) async fn write(
    db: &mut PgConnection,
    request: &Request,
    events: &[Event],
    at: Instant,
) -> Result<(), RecordError> {
    write_request(db, request, at).await?;
    for event in events {
        match event {
            Event::Planned(_) | Event::Superseded { .. } => write_round(db, request).await?,
            Event::Approved { by, .. } => {
                let round = request.plan.as_ref().map_or(0, |p| p.round);
                write_party(
                    db,
                    request,
                    round,
                    "approver",
                    Some(&by.slack_id),
                    by.identities.iter(),
                )
                .await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn write_request(
    db: &mut PgConnection,
    request: &Request,
    at: Instant,
) -> Result<(), RecordError> {
    let subject = request.plan.as_ref().and_then(|p| p.plan.subject.as_ref());
    let done = sqlx::query!(
        r#"insert into countersign.request as r
               (id, number, operation, risk, requester, subject, state, open, version, round,
                fingerprint, asked_at, updated_at, due_at, undelivered)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, true)
           on conflict (id) do update set
               subject = excluded.subject, state = excluded.state, open = excluded.open,
               version = excluded.version, round = excluded.round, updated_at = excluded.updated_at,
               due_at = excluded.due_at, undelivered = true
           where r.version < excluded.version"#,
        request.id.0,
        request.number,
        request.operation,
        request.risk.word(),
        request.requester.slack_id,
        subject.map(|s| s.user_id.as_str()),
        request.state.word(),
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

/// The people whom a round of a request must tell apart: the requester first, then the subject, who may be
/// the requester.
async fn write_round(db: &mut PgConnection, request: &Request) -> Result<(), RecordError> {
    let Some(plan) = &request.plan else {
        return Ok(());
    };
    let requester = &request.requester;
    write_party(
        db,
        request,
        plan.round,
        "requester",
        Some(&requester.slack_id),
        requester.identities.iter(),
    )
    .await?;
    let subject = plan.plan.subject.as_ref();
    let identity = subject.and_then(|s| s.email_identity.as_ref());
    if let Some(identity) = identity.filter(|i| !requester.identities.contains(*i)) {
        write_party(
            db,
            request,
            plan.round,
            "subject",
            None,
            std::iter::once(identity),
        )
        .await?;
    }
    Ok(())
}

async fn write_party(
    db: &mut PgConnection,
    request: &Request,
    round: i32,
    role: &str,
    slack_id: Option<&str>,
    identities: impl Iterator<Item = &String>,
) -> Result<(), RecordError> {
    let identities: Vec<String> = identities.cloned().collect();
    sqlx::query!(
        r#"insert into countersign.party (request_id, round, identity, role, slack_id)
           select $1, $2, i, $3, $4 from unnest($5::text[]) as i"#,
        request.id.0,
        round,
        role,
        slack_id,
        &identities,
    )
    .execute(db)
    .await?;
    Ok(())
}

//! A bank may send a refund back after Stripe had called it done. The request is at its end then; that it does not hold any
//! more goes on record after that end, together with the credits that are given back.

use chrono::Duration;

use super::{
    back, facts,
    row::{self, Changed},
    settle, step,
    taken::taken,
};
use crate::{
    domain::{
        Command, Instant, Request, State,
        decide::decide,
        event::StepResult,
        refusal::Refusal,
        request::{Progress, Step},
    },
    journal::{
        Journal, RecordError,
        append::Batch,
        sealed::{self, RefundRow},
    },
    systems::{
        Off, Systems,
        app_db::{AppDbError, CreditsGivenBack},
        stripe::{RefundStatus, StripeError},
    },
};

/// The pause between two looks at a refund that is done.
pub(crate) const LOOK_EVERY: Duration = Duration::days(1);

/// What a look found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// The request is not done yet, so its own steps look.
    NotDone,
    /// The refund still holds.
    StillSettled,
    /// There is nothing more to look for: it came back, which is on record, or it never was.
    Over,
}

/// Why it is not known yet, or not on record.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LateError {
    #[error(transparent)]
    Off(#[from] Off),
    #[error(transparent)]
    Stripe(#[from] StripeError),
    #[error(transparent)]
    AppDb(#[from] AppDbError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error("the journal takes no reversal: {0}")]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Changed(#[from] Changed),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
}

/// Asks Stripe how the refund of a request that is done or settled stands now. When it came back, the credits are given
/// back, once however often this is called, unless a person settled it; and then the journal says so.
///
/// # Errors
/// [`LateError`]; then it is worth another look.
pub(crate) async fn look(
    systems: &Systems,
    journal: &Journal,
    request: Request,
    now: Instant,
) -> Result<Found, LateError> {
    let settled = match &request.state {
        State::Succeeded { .. } => None,
        State::Settled { steps, .. } => Some(steps.as_slice()),
        other if other.is_terminal() => return Ok(Found::Over),
        _ => return Ok(Found::NotDone),
    };
    let condition = "request_id = $1 and closed_at is null";
    let rows = sealed::select::<RefundRow>(&journal.pool, condition, request.id.0).await?;
    let Some(stored) = rows.into_iter().next() else {
        return Ok(Found::Over);
    };
    let row = stored.open(&journal.key).ok_or(Changed::Outside)?;
    let Some((id, user)) = row.refund_id.map(|id| (id, row.user_id)) else {
        return Ok(Found::Over);
    };
    let stripe = systems.need_stripe()?;
    let refund = stripe.refund(&id).await?;
    let Some(status @ (RefundStatus::Failed | RefundStatus::Canceled)) = &refund.status else {
        return Ok(Found::StillSettled);
    };
    let came_back = settle::came_back(&refund, status);
    let (why, result) = match settled {
        Some(steps) => (
            after_settling(&request, steps, &came_back),
            StepResult::new(),
        ),
        None => {
            let why = format!(
                "{came_back}. Stripe had called it done before, so the person has to be paid another way"
            );
            let result = match user {
                Some(user) => credits(systems, &request, &user).await?,
                None => StepResult::new(),
            };
            (why, result)
        }
    };
    record(journal, request, why, result, now).await?;
    tracing::warn!(refund = id, "a refund came back after it had succeeded");
    Ok(Found::Over)
}

/// Whoever settled the request may have given credits back already, so it is only told what was taken.
fn after_settling(request: &Request, steps: &[Step], came_back: &str) -> String {
    let prepared = steps.iter().find(|one| one.planned.id == step::PREPARE);
    let result = prepared.and_then(|one| match &one.progress {
        Progress::Done { result } => Some(result),
        _ => None,
    });
    let credits = match taken(request, result) {
        Some((are_taken, by_hand)) => format!(
            "{are_taken}, unless somebody has given them back since; by hand that is {by_hand}"
        ),
        None => "No credits were taken".to_owned(),
    };
    format!(
        "{came_back}. The request was settled before, so nothing follows by itself: the person has to be paid another \
         way. {credits}"
    )
}

/// Gives the credits back. That this cannot be done at all does not keep the journal from saying that the money came back.
async fn credits(
    systems: &Systems,
    request: &Request,
    user: &str,
) -> Result<StepResult, LateError> {
    let round = request.plan.as_ref().map_or(0, |plan| plan.round);
    let given_back = async {
        let app = systems.app_db.open().await?;
        back::give_back_of(&app, request.id.0, user, round).await
    };
    let note = match given_back.await {
        Ok(CreditsGivenBack::Given(credits)) => {
            return Ok(facts([("credits_given_back", credits.into())]));
        }
        Ok(CreditsGivenBack::Nothing) => return Ok(StepResult::new()),
        Ok(CreditsGivenBack::NoSuchUser(credits)) => {
            format!("{credits} credits could not be given back: the account is not there any more")
        }
        Err(error) if error.is_retryable() => return Err(error.into()),
        Err(error) => format!("the credits that were taken could not be given back: {error}"),
    };
    Ok(facts([("note", note.into())]))
}

/// The entry and the end of the refund's row, at once or not at all.
async fn record(
    journal: &Journal,
    request: Request,
    why: String,
    result: StepResult,
    now: Instant,
) -> Result<(), LateError> {
    let id = request.id;
    let mut tx = journal.pool.begin().await?;
    row::change(&mut tx, &journal.key, id.0, |row| {
        row::close_row(row, &why, now)
    })
    .await?;
    sqlx::query!(
        "update countersign.refund set look_at = null where request_id = $1",
        id.0
    )
    .execute(&mut *tx)
    .await?;
    let events = decide(&request, &Command::Reverse { why, result }, now)?;
    let batch = Batch {
        id,
        before: Some(request),
        events: &events,
        private_data: &[],
        at: now,
        fence: None,
    };
    journal.record_in(&mut tx, batch).await?;
    tx.commit().await?;
    journal.appended.notify();
    Ok(())
}

//! The credits: taken before the money goes, given back when it did not go.

use uuid::Uuid;

use super::{facts, mark, row, terms::Terms};
use crate::{
    domain::event::StepResult,
    operations::{StepContext, StepError},
    systems::app_db::{AppDb, AppDbError, CreditsGivenBack},
};

/// The name of the markers of what was taken.
const TAKE: &str = "credits";
/// The name of the markers of what was given back.
const GIVE_BACK: &str = "credits back";

/// Writes the refund down with its key, then takes the credits.
pub(super) async fn prepare(context: &StepContext<'_>) -> Result<StepResult, StepError> {
    let plan = context.request.plan.as_ref();
    let round = plan.map_or(0, |plan| plan.round);
    let terms = plan.and_then(|plan| Terms::of(&plan.plan));
    let terms = terms.ok_or_else(|| {
        StepError::Failed("the plan is of another version: ask for the refund again".to_owned())
    })?;
    row::write(context, &terms).await?;
    let Some((user, due)) = &terms.credits else {
        return Ok(facts([("credits_taken", 0.into())]));
    };
    // What a plan took that was superseded after it had begun is not this plan's.
    let (app_db, id) = (&context.systems.app_db, context.request_id());
    for earlier in 1..round {
        give_back_of(app_db, id, user, earlier).await?;
    }
    let take = mark(id, TAKE, round);
    let taken = app_db.take_credits(&take, user, *due).await?;
    let mut result = facts([("credits_taken", taken.taken.into())]);
    if taken.missing > 0 {
        result.insert("credits_missing".to_owned(), taken.missing.into());
    }
    Ok(result)
}

/// Closes the refund for good: nothing is sent any more, and the credits go back. Always an error, which says so.
pub(super) async fn end(context: &StepContext<'_>, why: &str) -> StepError {
    match given_back(context, why).await {
        Ok(credits) => StepError::Failed(format!(
            "{why}. {credits}. This request is at its end: settle it, and ask again if need be"
        )),
        Err(error) => error,
    }
}

async fn given_back(context: &StepContext<'_>, why: &str) -> Result<String, StepError> {
    row::close(context, why).await?;
    let row = row::read(context).await?;
    let Some(user) = &row.user_id else {
        return Ok("No credits had been taken".to_owned());
    };
    let round = context.request.plan.as_ref().map_or(0, |plan| plan.round);
    let (app_db, id) = (&context.systems.app_db, context.request_id());
    Ok(match give_back_of(app_db, id, user, round).await? {
        CreditsGivenBack::Given(1) => "The credit is given back".to_owned(),
        CreditsGivenBack::Given(credits) => format!("The {credits} credits are given back"),
        CreditsGivenBack::Nothing => "No credits had been taken".to_owned(),
        CreditsGivenBack::NoSuchUser(credits) => {
            format!("{credits} credits could not be given back: the account is not there any more")
        }
    })
}

/// Gives back what one round of a request took, once however often it is called.
pub(super) async fn give_back_of(
    app_db: &AppDb,
    request_id: Uuid,
    user: &str,
    round: i32,
) -> Result<CreditsGivenBack, AppDbError> {
    let back = mark(request_id, GIVE_BACK, round);
    let taken = mark(request_id, TAKE, round);
    app_db.give_credits_back(&back, &taken, user).await
}

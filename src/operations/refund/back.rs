//! The credits: taken before the money goes, given back when it did not go.

use uuid::Uuid;

use super::{
    facts, mark,
    row::{self, Written},
    taken::{still_taken, unknown},
    terms::{Credits, Terms},
};
use crate::{
    domain::event::StepResult,
    operations::{StepContext, StepError},
    systems::app_db::{AppDbError, CreditsGivenBack, Snapshot},
};

/// The name of the markers of what was taken.
const TAKE: &str = "credits";
/// The name of the markers of what was given back.
const GIVE_BACK: &str = "credits back";

/// Gives back what earlier plans took, writes the refund down with its key, then takes the credits.
pub(super) async fn prepare(context: &StepContext<'_>) -> Result<StepResult, StepError> {
    let plan = context.request.plan.as_ref();
    let round = plan.map_or(0, |plan| plan.round);
    let terms: Terms = context.terms()?;
    let given_back = give_back_before(context, round).await?;
    if row::write(context, &terms).await? == Written::SentAlready {
        return Err(unknown(
            context,
            "this refund was sent already, by another plan",
        ));
    }
    let mut result = facts([("credits_taken", 0.into())]);
    if given_back > 0 {
        result.insert(
            "credits_given_back_of_earlier_plans".to_owned(),
            given_back.into(),
        );
    }
    let Some(Credits { user, number: due }) = &terms.credits else {
        return Ok(result);
    };
    let app = context.app.get().await?;
    let take = mark(context.request_id(), TAKE, round);
    let taken = app.take_credits(&take, user, *due).await?;
    result.insert("credits_taken".to_owned(), taken.taken.into());
    if taken.missing > 0 {
        result.insert("credits_missing".to_owned(), taken.missing.into());
    }
    Ok(result)
}

/// What a plan took that was superseded after it had begun is not this plan's. It goes back to whom it was taken from,
/// which only the refund as it stands written down knows: it is not overwritten before that.
async fn give_back_before(context: &StepContext<'_>, round: i32) -> Result<i64, StepError> {
    if round <= 1 {
        return Ok(0);
    }
    let written = row::written(context).await?;
    // When nobody's credits were written down none were taken, and none can be any more.
    let user = written.and_then(|row| row.user_id).unwrap_or_default();
    let (app, id) = (context.app.get().await?, context.request_id());
    let mut given = 0;
    for earlier in 1..round {
        let back = give_back_of(app, id, &user, earlier).await?;
        if let CreditsGivenBack::Given(credits) = back {
            given += credits;
        }
    }
    Ok(given)
}

/// Closes the refund for good: nothing is sent any more, and the credits go back. Always an error, which says so.
pub(super) async fn end(context: &StepContext<'_>, why: &str) -> StepError {
    match given_back(context, why).await {
        Ok(credits) => StepError::Failed(format!(
            "{why}. {credits}. This request is at its end: settle it, and ask again if need be"
        )),
        Err(error) => not_given_back(context, why, error),
    }
}

/// Why the refund ended is not lost when the credits cannot go back yet.
fn not_given_back(context: &StepContext<'_>, why: &str, error: StepError) -> StepError {
    let says = |says: String| format!("{why}. The credits are not given back: {says}");
    match error {
        StepError::Retry(error) => StepError::Retry(says(error)),
        StepError::Later { why, after } => StepError::Later {
            why: says(why),
            after,
        },
        StepError::Wait { why, again } => StepError::Wait {
            why: says(why),
            again,
        },
        StepError::Failed(error) | StepError::Refused(error) => {
            StepError::Failed(format!("{}. {}", says(error), still_taken(context)))
        }
        StepError::Indeterminate(error) => StepError::Indeterminate(format!("{why}. {error}")),
        StepError::Quoted { error, words } => {
            not_given_back(context, why, *error).quoting(Some(&words))
        }
    }
}

async fn given_back(context: &StepContext<'_>, why: &str) -> Result<String, StepError> {
    row::close(context, why).await?;
    let row = row::read(context).await?;
    let Some(user) = &row.user_id else {
        return Ok("No credits had been taken".to_owned());
    };
    let round = context.request.plan.as_ref().map_or(0, |plan| plan.round);
    let (app, id) = (context.app.get().await?, context.request_id());
    Ok(match give_back_of(app, id, user, round).await? {
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
    app: &Snapshot,
    request_id: Uuid,
    user: &str,
    round: i32,
) -> Result<CreditsGivenBack, AppDbError> {
    let back = mark(request_id, GIVE_BACK, round);
    let taken = mark(request_id, TAKE, round);
    app.give_credits_back(&back, &taken, user).await
}

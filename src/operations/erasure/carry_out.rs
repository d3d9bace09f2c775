//! The steps of one account's erasure, by their short names.

use super::{case::Case, customers, files, ledger, rows, step};
use crate::{
    domain::{Event, event::StepResult},
    operations::StepError,
    systems::app_db::ADDRESS_IN_USE,
};

/// How often what is left is looked for and erased before a person has to look. An open form or an upload that was under
/// way ends within the half minute that the pauses between the tries make up.
const VERIFY_TRIES: usize = 6;

pub(in crate::operations) async fn carry_out(
    case: &Case<'_>,
    step: &str,
) -> Result<StepResult, StepError> {
    let (context, user) = (case.context, case.user);
    match step {
        step::BLOCK => rows::block(case).await,
        step::COLLECT => files::collect(context, user).await,
        step::ROWS => rows::erase(case).await,
        step::OBJECTS => files::erase(context, user).await,
        step::STRIPE => customers::erase(case).await,
        step::VERIFY => verify(case).await,
        step::REDRAW => ledger::forget(case).await,
        _ => Err(StepError::unknown_step(step)),
    }
}

/// Takes back a step of the hold.
pub(in crate::operations) async fn undo(
    case: &Case<'_>,
    step: &str,
) -> Result<StepResult, StepError> {
    match step {
        step::BLOCK => rows::lift_block(case).await,
        _ => Err(StepError::unknown_step(step)),
    }
}

/// Looks for what should be gone. The app may have written in the meantime, from a session or a form that was open, so
/// what came since is erased first; only what is there all the same counts, and only after some tries. All counts
/// must be 0; what is kept for a reason is not among them.
async fn verify(case: &Case<'_>) -> Result<StepResult, StepError> {
    let (context, user) = (case.context, case.user);
    let rows_swept = rows::sweep(case).await?;
    let versions_swept = files::sweep(context, user).await?;
    let rows::Remains {
        unexplained: mut left,
        of_new_account,
    } = rows::left(context, user).await?;
    let customers = customers::left(case).await?;
    if let Some(customers) = customers.as_ref().filter(|left| !left.is_empty()) {
        left.push(format!("{} at Stripe", customers.join(", ")));
    }
    let versions = files::left(context, user).await?;
    if versions > 0 {
        left.push(format!(
            "{versions} versions of the person's files in the bucket"
        ));
    }
    if left.is_empty() {
        let mut result = StepResult::from([
            ("rows_swept".to_owned(), rows_swept.into()),
            ("rows_left".to_owned(), 0.into()),
            ("versions_swept".to_owned(), versions_swept.into()),
            ("versions_left".to_owned(), 0.into()),
        ]);
        if customers.is_some() {
            result.insert("customers_left".to_owned(), 0.into());
        }
        if of_new_account > 0 {
            let says =
                format!("{of_new_account} rows that hold the address stay: {ADDRESS_IN_USE}");
            result.insert("note".to_owned(), says.into());
        }
        result.extend(rows::stay(context, user).await?);
        return Ok(result);
    }
    let says = format!("there again or still: {}", left.join(", "));
    let resumed = context
        .events
        .iter()
        .rposition(|recorded| matches!(recorded.event, Event::Resumed { .. }));
    let events = &context.events[resumed.unwrap_or(0)..];
    if rows::tries(events, &case.step(step::VERIFY)) < VERIFY_TRIES {
        Err(StepError::Retry(says))
    } else {
        Err(StepError::Failed(says))
    }
}

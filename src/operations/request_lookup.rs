//! A request that another one is about.

use super::{Argument, PlanError, StepError, Takes};
use crate::{
    domain::Request,
    journal::{Journal, ReadError, Recorded, read},
};

/// The argument that names a request.
pub(super) const REQUEST: &str = "request";

/// The request that an operation is about.
pub(super) const ARGUMENT: Argument = Argument::required(
    REQUEST,
    "Request",
    "Its number, such as OPS-1042.",
    Takes::Request,
);

/// The request with a label such as `OPS-1042`, and its events. `None` when there is none.
///
/// # Errors
/// What is wrong with the store or its events.
pub(super) async fn find(
    journal: &Journal,
    label: &str,
) -> Result<Option<(Request, Vec<Recorded>)>, ReadError> {
    let number = label.strip_prefix("OPS-").unwrap_or(label).parse();
    let Ok(number) = number else {
        return Ok(None);
    };
    let Some(id) = read::by_number(&journal.pool, number).await? else {
        return Ok(None);
    };
    let events = journal.events(id).await?;
    let request = read::replay(id, &events)?;
    // The number was looked up in a projection, which somebody may have changed.
    Ok((request.number == number).then_some((request, events)))
}

/// The same while planning: a request that is not there is refused.
pub(super) async fn planned(journal: &Journal, label: &str) -> Result<Request, PlanError> {
    match find(journal, label).await {
        Ok(Some((request, _))) => Ok(request),
        Ok(None) => Err(PlanError::Refused(vec![format!("there is no {label}")])),
        Err(ReadError::Store(error)) => Err(error.into()),
        Err(error) => Err(PlanError::Refused(vec![error.to_string()])),
    }
}

/// The same in a step.
pub(super) async fn named(
    journal: &Journal,
    label: &str,
) -> Result<(Request, Vec<Recorded>), StepError> {
    match find(journal, label).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(StepError::Failed(format!("there is no {label} any more"))),
        Err(ReadError::Store(error)) => Err(error.into()),
        Err(error) => Err(StepError::Failed(error.to_string())),
    }
}

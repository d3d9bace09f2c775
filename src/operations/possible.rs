//! Whether the application's schema allows an operation at all.

use super::PlanError;
use crate::systems::{
    Systems,
    app_db::{State, capabilities},
};

/// Checks that the schema has what the operation of this name cannot do without. Gives a sentence about the part that
/// it lacks all the same, when there is one.
///
/// # Errors
/// [`PlanError::Refused`] with what is missing and the Prisma field that adds it.
pub(super) async fn check(systems: &Systems, operation: &str) -> Result<Option<String>, PlanError> {
    let schema = systems.app_db.schema().await?;
    let capability = capabilities(&schema, systems.app_db.mapping())
        .into_iter()
        .find(|one| one.operation == operation);
    match capability {
        Some(one) if one.state == State::Unavailable => Err(PlanError::Refused(vec![one.says])),
        Some(one) if one.state == State::Degraded => Ok(Some(one.says)),
        _ => Ok(None),
    }
}

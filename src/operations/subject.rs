//! The one account of the application that an operation is about.

use super::PlanError;
use crate::systems::{
    Systems,
    app_db::{AppUser, FindError, UserRef},
};

/// Finds the account that was named by its user id or its e-mail address.
///
/// # Errors
/// [`PlanError::Refused`] when there is none, or when the address names more than one or is written in another letter
/// case: then with the ids to ask by.
pub(super) async fn find(systems: &Systems, named: &str) -> Result<AppUser, PlanError> {
    match systems.app_db.find_user(&UserRef::parse(named)).await {
        Ok(user) => Ok(user),
        Err(FindError::Db(error)) => Err(error.into()),
        // By ids alone: a refusal stays in the journal for ever, and masked addresses of twins are the same.
        Err(FindError::Several(all)) => {
            let ids: Vec<_> = all.into_iter().map(|one| one.id).collect();
            Err(PlanError::Refused(vec![format!(
                "the e-mail address does not name exactly one account in this letter case; ask by id: {}",
                ids.join(", ")
            )]))
        }
        Err(error @ FindError::NotFound) => Err(PlanError::Refused(vec![error.to_string()])),
    }
}

//! The person of the application whom an operation is about: found exactly, or not at all.

use std::collections::BTreeMap;

use super::{Argument, PlanContext, PlanError, Proposal, StepContext, Takes};
use crate::{
    domain::{
        person::email_identity,
        plan::{Plan, Subject},
    },
    systems::{
        Systems,
        app_db::{AppUser, FindError, Mark, UserRef},
    },
};

/// The argument that names the account. Cards and erasures know it by this name.
pub(crate) const USER: &str = "user";

/// The account that an operation is about.
pub(super) const ARGUMENT: Argument = Argument::required(
    USER,
    "User",
    "The e-mail address, in the same letter case, or the app's user id.",
    Takes::User,
);

/// Finds the one account that is meant.
///
/// # Errors
/// [`PlanError::Refused`] when nobody or several are meant.
pub(super) async fn find(context: &PlanContext<'_>, named: &str) -> Result<AppUser, PlanError> {
    let app = context.app.get().await?;
    match app.find_user(&UserRef::parse(named)).await {
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

/// A plan that is about an account, with what people read instead of its id.
#[must_use]
pub(super) fn proposal(systems: &Systems, user: &AppUser, plan: Plan) -> Proposal {
    Proposal {
        plan: Plan {
            subject: Some(subject(systems, user)),
            ..plan
        },
        label: user.masked_email(),
        private_terms: BTreeMap::new(),
    }
}

/// The account as a plan names it.
#[must_use]
pub(super) fn subject(systems: &Systems, user: &AppUser) -> Subject {
    let key = systems.key.bytes();
    Subject {
        user_id: user.id.clone(),
        email_identity: user
            .email
            .as_deref()
            .map(|email| email_identity(key, email)),
    }
}

/// The marker of a step's effect. A superseded plan is approved anew and its steps are carried out anew, so the round is
/// part of the name.
#[must_use]
pub(super) fn mark(context: &StepContext<'_>, step: &str) -> Mark {
    let round = context.request.plan.as_ref().map_or(0, |plan| plan.round);
    mark_of_round(context, step, round)
}

/// The marker of a step's effect in another round.
#[must_use]
pub(super) fn mark_of_round(context: &StepContext<'_>, step: &str, round: i32) -> Mark {
    Mark {
        request_id: context.request_id(),
        step: step_of_round(step, round),
    }
}

/// The name under which a step's effect is marked in a round.
#[must_use]
pub(super) fn step_of_round(step: &str, round: i32) -> String {
    format!("{step}@{round}")
}

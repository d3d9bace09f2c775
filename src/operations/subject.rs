//! The person of the application whom an operation is about: found exactly, or not at all.

use std::collections::BTreeMap;

use super::{
    Argument, PlanError, Proposal, StepContext, Takes,
    user_delete::{self, terms::Terms},
};
use crate::{
    domain::{
        Event, RequestId,
        person::email_identity,
        plan::{Plan, Subject},
        request::label,
    },
    journal::{Journal, Store, read::ReadError},
    systems::{
        Systems,
        app_db::{
            AppDbError, AppUser, FindError, Mark, MissingColumn, State, UserRef, capabilities,
        },
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

/// Finds the one account that is meant, when the app's schema allows the operation at all.
///
/// # Errors
/// [`PlanError::Refused`] when nobody or several are meant, or a column is missing that the operation cannot do without.
pub(super) async fn find(
    systems: &Systems,
    operation: &str,
    named: &str,
) -> Result<AppUser, PlanError> {
    possible(systems, operation).await?;
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

/// Refuses what the app's schema does not allow, with the Prisma fields that would.
///
/// # Errors
/// [`PlanError::Refused`], or that the database cannot be reached.
pub(super) async fn possible(systems: &Systems, operation: &str) -> Result<(), PlanError> {
    let schema = systems.app_db.schema().await?;
    let unavailable = capabilities(&schema, systems.app_db.mapping())
        .into_iter()
        .find(|one| one.operation == operation && one.state == State::Unavailable);
    match unavailable {
        Some(capability) => Err(PlanError::Refused(vec![capability.says])),
        None => Ok(()),
    }
}

/// What the app's schema lacks for all of an operation.
///
/// # Errors
/// That the database cannot be reached.
pub(super) async fn missing(
    systems: &Systems,
    operation: &str,
) -> Result<Vec<MissingColumn>, AppDbError> {
    let schema = systems.app_db.schema().await?;
    let all = capabilities(&schema, systems.app_db.mapping()).into_iter();
    let of_this = all.filter(|one| one.operation == operation);
    Ok(of_this.flat_map(|one| one.missing).collect())
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

/// The erasure of this account that was approved and has not ended, alone or with others who came back with a backup:
/// `OPS-1042`. From its approval on, whether the account is blocked is the erasure's business alone.
///
/// # Errors
/// The store's.
pub(super) async fn erasure_under_way(
    journal: &Journal,
    user_id: &str,
) -> Result<Option<String>, ReadError> {
    let number = sqlx::query_scalar!(
        r#"select number from countersign.request
           where operation = 'user delete' and subject = $1 and open
             and state not in ('asked', 'awaiting_approval')"#,
        user_id
    )
    .fetch_optional(&journal.pool)
    .await?;
    match number {
        Some(number) => Ok(Some(label(number))),
        None => replay_under_way(journal, user_id, uuid::Uuid::nil()).await,
    }
}

/// The replay of the erasures that was approved, has not ended, and is about this account among others. It has no subject:
/// whom it blocks is in the terms of its plan. `except` is a request that does not count.
///
/// # Errors
/// The store's.
pub(super) async fn replay_under_way(
    journal: &Journal,
    user_id: &str,
    except: uuid::Uuid,
) -> Result<Option<String>, ReadError> {
    let open = sqlx::query!(
        r#"select id, number from countersign.request
           where operation = 'erasure replay' and open and id <> $1 and state not in ('asked', 'awaiting_approval')
           order by number"#,
        except
    )
    .fetch_all(&journal.pool)
    .await?;
    for one in open {
        let request = journal.request(RequestId(one.id)).await?;
        let terms = request.plan.and_then(|plan| Terms::of(&plan.plan));
        if terms.is_some_and(|terms| terms.accounts.contains_key(user_id)) {
            return Ok(Some(label(one.number)));
        }
    }
    Ok(None)
}

/// The deletion of this account that was asked for and has not ended, approved or not: `OPS-1042`.
///
/// # Errors
/// The store's.
pub(super) async fn open_deletion(
    store: &Store,
    user_id: &str,
) -> Result<Option<String>, sqlx::Error> {
    let number = sqlx::query_scalar!(
        "select number from countersign.request where operation = 'user delete' and subject = $1 and open",
        user_id
    )
    .fetch_optional(store)
    .await?;
    Ok(number.map(label))
}

/// The deletion of this account that was approved, has blocked it and has not ended: `OPS-1042`.
///
/// # Errors
/// The store's.
pub(super) async fn deletion_that_blocked(
    journal: &Journal,
    user_id: &str,
) -> Result<Option<String>, ReadError> {
    let open = sqlx::query!(
        r#"select id, number from countersign.request
           where operation = 'user delete' and subject = $1 and open and state not in ('asked', 'awaiting_approval')"#,
        user_id
    )
    .fetch_optional(&journal.pool)
    .await?;
    let Some(open) = open else {
        return Ok(None);
    };
    let events = journal.events(RequestId(open.id)).await?;
    let has_blocked = |event: &Event| matches!(event, Event::StepSucceeded { step, .. } if step == user_delete::step::BLOCK);
    let has_blocked = events.iter().any(|one| has_blocked(&one.event));
    Ok(has_blocked.then(|| label(open.number)))
}

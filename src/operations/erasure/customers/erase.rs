//! Deletes the customers that were approved, each after one more look at whose it is: it cannot be undone.

use chrono::Duration;
use serde_json::json;

use super::approved;
use crate::{
    domain::event::StepResult,
    operations::{
        StepError,
        erasure::{case::Case, work},
        stripe_customers::{Owner, Whose},
    },
    systems::stripe::{Retry, Stripe, StripeError},
};

/// How long until it is looked whether somebody has set the key in.
const UNTIL_CONFIGURED: Duration = Duration::minutes(5);

/// How a customer is after a try.
enum Now {
    Deleted,
    /// Stripe knows none of this id.
    Unknown,
}

/// Deletes them. What a try that was broken off had deleted already is deleted all the same.
pub(in crate::operations::erasure) async fn erase(
    case: &Case<'_>,
) -> Result<StepResult, StepError> {
    let stripe = stripe(case)?;
    let email = work::email(case.context).await?.unwrap_or_default();
    let mapping = case.context.systems.app_db.mapping();
    let owner = Owner {
        user: case.user,
        email: &email,
        user_field: &mapping.payment.metadata_user,
        doubt: None,
        erased: None,
    };
    let (mut deleted, mut unknown) = (vec![], vec![]);
    for id in approved(case)? {
        match delete(stripe, &owner, &id).await? {
            Now::Unknown => unknown.push(id),
            Now::Deleted => deleted.push(id),
        }
    }
    let mut result = StepResult::from([("customers_deleted".to_owned(), json!(deleted))]);
    if !unknown.is_empty() {
        let says = format!(
            "Stripe knows no {} under this key any more: nothing was left to delete",
            unknown.join(", ")
        );
        result.insert("note".to_owned(), says.into());
    }
    Ok(result)
}

/// Those that were to be deleted and are there.
pub(in crate::operations::erasure) async fn left(
    case: &Case<'_>,
) -> Result<Option<Vec<String>>, StepError> {
    let ids = approved(case)?;
    if ids.is_empty() {
        return Ok(None);
    }
    let stripe = stripe(case)?;
    let mut left = vec![];
    for id in ids {
        match stripe.customer(&id).await {
            Ok(customer) if customer.deleted => {}
            Ok(_) => left.push(id),
            Err(error) if error.is_resource_missing() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(left))
}

/// Deletes one. The first look tells too what became of an earlier try that had no answer.
async fn delete(stripe: &Stripe, owner: &Owner<'_>, id: &str) -> Result<Now, StepError> {
    match stripe.customer(id).await {
        Ok(customer) if customer.deleted => return Ok(Now::Deleted),
        Ok(customer) if owner.whose(&customer) == Whose::Theirs => {}
        Ok(_) => {
            return Err(StepError::Failed(format!(
                "{id} was not deleted: its address or its account is not what was approved any more. Look in Stripe \
                 whose it is, delete it there if it is this person's, and try again"
            )));
        }
        Err(error) if error.is_resource_missing() => return Ok(Now::Unknown),
        Err(error) => return Err(error.into()),
    }
    match stripe.delete_customer(id).await {
        Ok(customer) if customer.deleted => Ok(Now::Deleted),
        Ok(_) => Err(StepError::Retry(format!(
            "Stripe does not say that {id} is deleted"
        ))),
        // It was there a moment ago: somebody else was faster.
        Err(error) if error.is_resource_missing() => Ok(Now::Deleted),
        Err(error) => Err(not_deleted(id, &error)),
    }
}

/// A call without an answer may have had its effect, and may be made again: the next try looks first.
fn not_deleted(id: &str, error: &StripeError) -> StepError {
    match error.retry() {
        Retry::Pointless => {
            StepError::Failed(format!("{id} was not deleted: {error}")).quoting(error.words())
        }
        Retry::Harmless { .. } | Retry::InDoubt { .. } => StepError::Retry(error.to_string()),
    }
}

/// The client; until there is one nothing is known to be wrong.
fn stripe<'a>(case: &'a Case<'_>) -> Result<&'a Stripe, StepError> {
    let stripe = case.context.systems.need_stripe();
    stripe.map_err(|off| StepError::Wait {
        why: off.to_string(),
        again: UNTIL_CONFIGURED,
    })
}

//! What Stripe holds about the person: the customers with exactly the account's e-mail address, and their payments.

use serde_json::{Value, json};

use super::manifest::NotHere;
use crate::{
    operations::StepError,
    systems::{
        Systems,
        app_db::{FindError, UserRef},
        stripe::{Customer, Payment, Retry, Stripe, StripeError},
    },
};

/// Customers that are read: more with one address are no person's.
const MOST_CUSTOMERS: usize = 10;
/// Payments of one customer that are read.
const MOST_PAYMENTS: usize = 1_000;

/// What was found, or why nothing was read.
pub(super) enum Found {
    /// Customers and payments, and what is left out of them.
    Read {
        customers: usize,
        json: Value,
        left_out: Vec<NotHere>,
    },
    /// Stripe is not configured: what is said of it is said already.
    Off,
    /// Why nothing could be read.
    Refused(NotHere),
}

/// Reads the person's customers. What Stripe refuses is told; what it does not answer now is tried again.
pub(super) async fn read(systems: &Systems, user: &str) -> Result<Found, StepError> {
    let Some(stripe) = &systems.stripe else {
        return Ok(Found::Off);
    };
    let account = systems
        .app_db
        .find_user(&UserRef::Id(user.to_owned()))
        .await;
    let email = match account {
        Ok(account) => account.email,
        Err(FindError::Db(error)) => return Err(error.into()),
        Err(error) => return Err(StepError::Failed(error.to_string())),
    };
    let Some(email) = email else {
        let why = "the account has no e-mail address, and Stripe knows people by nothing else";
        return Ok(Found::Refused(not_read(why)));
    };
    let named_otherwise = &systems.app_db.mapping().payment.metadata_user;
    match gather(stripe, &email, user, named_otherwise).await {
        Ok(found) => Ok(found),
        Err(error) if error.retry() == Retry::Pointless => {
            Ok(Found::Refused(not_read(&error.to_string())))
        }
        Err(error) => Err(StepError::Retry(error.to_string())),
    }
}

async fn gather(
    stripe: &Stripe,
    email: &str,
    user: &str,
    metadata_user: &str,
) -> Result<Found, StripeError> {
    let mut left_out = vec![];
    let customers = stripe.customers_by_email(email, MOST_CUSTOMERS).await?;
    let is_other = |customer: &Customer| {
        customer
            .metadata
            .get(metadata_user)
            .is_some_and(|id| id != user)
    };
    let (others, own): (Vec<_>, Vec<_>) = customers.items.into_iter().partition(is_other);
    if !others.is_empty() || customers.more {
        left_out.push(NotHere {
            what: "customers of Stripe with the same address".to_owned(),
            rows: (!customers.more).then_some(others.len() as u64),
            why: "they name another account, or there are too many".to_owned(),
        });
    }
    let mut payments = vec![];
    for customer in &own {
        let found = stripe
            .payments_of_customer(&customer.id, MOST_PAYMENTS)
            .await?;
        if found.more {
            left_out.push(NotHere {
                what: format!("older payments of {}", customer.id),
                rows: None,
                why: format!("the {MOST_PAYMENTS} newest are in here"),
            });
        }
        payments.extend(found.items.iter().map(payment_json));
    }
    let json = json!({
        "customers": own.iter().map(customer_json).collect::<Vec<_>>(),
        "payments": payments,
    });
    Ok(Found::Read {
        customers: own.len(),
        json,
        left_out,
    })
}

fn customer_json(customer: &Customer) -> Value {
    json!({ "id": customer.id, "email": customer.email, "created": customer.created })
}

fn payment_json(payment: &Payment) -> Value {
    json!({
        "id": payment.id,
        "customer": payment.customer,
        "created": payment.created,
        "status": payment.status,
        "amount_in_smallest_unit": payment.amount.minor,
        "refunded_in_smallest_unit": payment.refunded,
        "currency": payment.amount.currency.0,
        "disputed": payment.disputed,
    })
}

fn not_read(why: &str) -> NotHere {
    NotHere {
        what: "the Stripe customer".to_owned(),
        rows: None,
        why: why.to_owned(),
    }
}

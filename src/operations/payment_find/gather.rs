//! The payments behind one e-mail address. Stripe has no single place for that: a customer may be written in other
//! letters, several may share the address, and a guest is no customer at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    operations::stripe_customers::{MOST_CUSTOMERS, under_address},
    systems::stripe::{Payment, PaymentId, Stripe, StripeError},
};

/// Payments of one customer that are looked at.
const MOST_PAYMENTS: usize = 100;
/// Checkout sessions of guests that are looked at.
const MOST_SESSIONS: usize = 20;

/// Where a payment was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::operations) enum Place {
    /// Of a customer with this very address.
    Customer,
    /// Of a customer with the address in other letter case.
    OtherCase,
    /// Of somebody who paid without becoming a customer.
    Guest,
}

pub(in crate::operations) struct Found {
    /// The payments, newest first.
    pub payments: Vec<(Payment, Place)>,
    /// How many customers have the address.
    pub customers: usize,
    /// What could not be looked at, or not wholly, for people.
    pub gaps: Vec<String>,
}

/// Looks everywhere, within the limits above.
pub(in crate::operations) async fn gather(
    stripe: &Stripe,
    email: &str,
) -> Result<Found, StripeError> {
    let mut gaps = Vec::new();
    let customers = customers(stripe, email, &mut gaps).await?;
    let mut payments: BTreeMap<String, (Payment, Place)> = BTreeMap::new();
    for (customer, place) in &customers {
        let found = stripe.payments_of_customer(customer, MOST_PAYMENTS).await?;
        if found.more {
            gaps.push(format!(
                "{customer} has more than {MOST_PAYMENTS} payments: the oldest are not shown"
            ));
        }
        for payment in found.items {
            payments.insert(payment.id.clone(), (payment, *place));
        }
    }
    let sessions = stripe.sessions_by_email(email, MOST_SESSIONS).await?;
    if sessions.more {
        gaps.push(format!(
            "there are more than {MOST_SESSIONS} checkouts with this address: older payments of guests may be missing"
        ));
    }
    let intents: BTreeSet<String> = sessions
        .items
        .iter()
        .filter_map(|session| Some(session.payment_intent.as_ref()?.id().to_owned()))
        .collect();
    for intent in intents {
        if payments.contains_key(&intent) {
            continue;
        }
        if let Some(payment) = stripe.payment(&PaymentId::Intent(intent)).await? {
            payments.insert(payment.id.clone(), (payment, Place::Guest));
        }
    }
    let mut payments: Vec<_> = payments.into_values().collect();
    payments.sort_by(|(a, _), (b, _)| b.created.cmp(&a.created).then(a.id.cmp(&b.id)));
    Ok(Found {
        payments,
        customers: customers.len(),
        gaps,
    })
}

/// Customers by the address as it is, and by search in other letter case.
async fn customers(
    stripe: &Stripe,
    email: &str,
    gaps: &mut Vec<String>,
) -> Result<Vec<(String, Place)>, StripeError> {
    let found = under_address(stripe, email).await?;
    let mut all: Vec<(String, Place)> = found
        .exact
        .into_iter()
        .map(|customer| (customer.id, Place::Customer))
        .collect();
    for customer in found.searched {
        if !all.iter().any(|(id, _)| *id == customer.id) {
            all.push((customer.id, Place::OtherCase));
        }
    }
    if let Some(error) = found.unsearched {
        gaps.push(format!(
            "customers with the address in other letter case could not be searched for: {error}"
        ));
    }
    if found.more {
        gaps.push(format!(
            "more than {MOST_CUSTOMERS} customers have this address: not all are shown"
        ));
    }
    Ok(all)
}

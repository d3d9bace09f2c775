//! What Stripe holds about the person: customers, payments of guests, and payments that carry the app's user id. What names
//! another account is never taken, and what names none only under exactly the account's address, if that was confirmed:
//! until then anybody may have typed it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::manifest::NotHere;
use crate::{
    operations::{
        StepContext, StepError,
        stripe_customers::{MOST_CUSTOMERS, Owner, find},
    },
    systems::{
        app_db::{FindError, UserRef},
        stripe::{CheckoutSession, Customer, Payment, PaymentId, Retry, Stripe, StripeError},
    },
};

/// Payments of one customer, or with the user id in them, that are read.
const MOST_PAYMENTS: usize = 1_000;
/// Checkouts with one address that are read.
const MOST_SESSIONS: usize = 100;

/// What was found, or why nothing was read.
pub(super) enum Found {
    /// Customers and payments, and what is left out of them.
    Read {
        customers: usize,
        payments: usize,
        json: Value,
        left_out: Vec<NotHere>,
    },
    /// Stripe is not configured: what is said of it is said already.
    Off,
    /// Why nothing could be read.
    Refused(NotHere),
}

/// Reads what is the person's. What Stripe refuses is told; what it does not answer now is tried again.
pub(super) async fn read(context: &StepContext<'_>, user: &str) -> Result<Found, StepError> {
    let Some(stripe) = &context.systems.stripe else {
        return Ok(Found::Off);
    };
    let app = context.app.get().await?;
    let account = app.find_user(&UserRef::Id(user.to_owned())).await;
    let (email, unconfirmed) = match account {
        Ok(account) => (account.email, account.email_verified == Some(false)),
        Err(FindError::Db(error)) => return Err(error.into()),
        Err(error) => return Err(StepError::Failed(error.to_string())),
    };
    let is_shared = match email {
        Some(_) => app.shares_address(user).await? == Some(true),
        None => false,
    };
    let doubt = match (is_shared, unconfirmed) {
        (true, _) => Some("another account has this address too"),
        (false, true) => Some("nobody has confirmed that the address is this account's"),
        (false, false) => None,
    };
    let mut gathering = Gathering {
        stripe,
        user,
        email: email.as_deref(),
        doubt,
        user_field: &app.mapping.payment.metadata_user,
        customers: vec![],
        checkouts: vec![],
        payments: BTreeMap::new(),
        others: 0,
        unclaimed: 0,
        left_out: vec![],
    };
    match gathering.gather().await {
        Ok(()) => Ok(gathering.found()),
        Err(error) if error.retry() == Retry::Pointless => Ok(Found::Refused(NotHere {
            what: "the Stripe customer".to_owned(),
            rows: None,
            why: error.to_string(),
        })),
        Err(error) => Err(StepError::Retry(error.to_string())),
    }
}

/// Everything that was found so far.
struct Gathering<'a> {
    stripe: &'a Stripe,
    user: &'a str,
    email: Option<&'a str>,
    /// Why the address alone does not say that something is theirs; `None` when it does.
    doubt: Option<&'static str>,
    /// The name under which Stripe's metadata hold the user id.
    user_field: &'a str,
    customers: Vec<Customer>,
    checkouts: Vec<CheckoutSession>,
    /// By id, with how each was found.
    payments: BTreeMap<String, (Payment, &'static str)>,
    /// What names another account.
    others: u64,
    /// What names none, under an address that does not say whose it is.
    unclaimed: u64,
    left_out: Vec<NotHere>,
}

impl Gathering<'_> {
    async fn gather(&mut self) -> Result<(), StripeError> {
        if let Some(email) = self.email {
            self.add_customers(email).await?;
            for at in 0..self.customers.len() {
                self.add_payments_of(at).await?;
            }
            self.add_checkouts(email).await?;
        }
        self.search_payments().await?;
        if self.others > 0 {
            let why =
                "they have the same address and name another account, or none in other letter case";
            self.leave_out(
                "customers, checkouts and payments of others",
                Some(self.others),
                why,
            );
        }
        if let Some(doubt) = self.doubt.filter(|_| self.unclaimed > 0) {
            let why = format!("they name no account, and {doubt}");
            let what = "customers and checkouts with the address";
            self.leave_out(what, Some(self.unclaimed), &why);
        }
        let why = "Stripe finds a guest's checkout by nothing but the address as it was typed";
        let what = "checkouts with another address whose payment does not carry the user id";
        self.leave_out(what, None, why);
        Ok(())
    }

    /// The customers that are the account's.
    async fn add_customers(&mut self, email: &str) -> Result<(), StripeError> {
        let owner = Owner {
            user: self.user,
            email,
            user_field: self.user_field,
            doubt: self.doubt,
            erased: None,
        };
        let found = find(self.stripe, &owner).await?;
        self.customers = found.theirs;
        self.others += found.others;
        for customer in found.unclear {
            if self.doubt.is_some() && customer.email.as_deref() == Some(email) {
                self.unclaimed += 1;
            } else {
                self.others += 1;
            }
        }
        if let Some(error) = found.unsearched {
            self.not_searched("customers with the address in other letter case", error)?;
        }
        if found.more {
            let why = format!("the {MOST_CUSTOMERS} newest are in here");
            self.leave_out("more customers with the address", None, &why);
        }
        Ok(())
    }

    async fn add_payments_of(&mut self, at: usize) -> Result<(), StripeError> {
        let id = self.customers[at].id.clone();
        let found = self.stripe.payments_of_customer(&id, MOST_PAYMENTS).await?;
        if found.more {
            let why = format!("the {MOST_PAYMENTS} newest are in here");
            self.leave_out(&format!("older payments of {id}"), None, &why);
        }
        for payment in found.items {
            self.add_payment(payment, "the customer");
        }
        Ok(())
    }

    /// Checkouts in which the address was typed: a guest is no customer.
    async fn add_checkouts(&mut self, email: &str) -> Result<(), StripeError> {
        let found = self.stripe.sessions_by_email(email, MOST_SESSIONS).await?;
        if found.more {
            let why = format!("the {MOST_SESSIONS} newest are in here");
            self.leave_out("older checkouts with the address", None, &why);
        }
        for session in found.items {
            let reference = session.client_reference_id.as_deref();
            match self.names(&session.metadata, reference) {
                Some(false) => {
                    self.others += 1;
                    continue;
                }
                None if self.doubt.is_some() => {
                    self.unclaimed += 1;
                    continue;
                }
                Some(true) | None => {}
            }
            if let Some(intent) = &session.payment_intent
                && !self.payments.contains_key(intent.id())
                && let Some(payment) = self
                    .stripe
                    .payment(&PaymentId::Intent(intent.id().to_owned()))
                    .await?
            {
                self.add_payment(payment, "a checkout with the address");
            }
            self.checkouts.push(session);
        }
        Ok(())
    }

    /// Payments that carry the user id, whoever paid them and under whichever address.
    async fn search_payments(&mut self) -> Result<(), StripeError> {
        let searched = self
            .stripe
            .search_payments(self.user_field, self.user, MOST_PAYMENTS);
        match searched.await {
            Ok(found) => {
                if found.more {
                    let why = format!("{MOST_PAYMENTS} of them are in here");
                    self.leave_out("more payments that carry the user id", None, &why);
                }
                for payment in found.items {
                    self.add_payment(payment, "the user id in it");
                }
                Ok(())
            }
            Err(error) => self.not_searched("payments that carry the user id", error),
        }
    }

    fn add_payment(&mut self, payment: Payment, found_by: &'static str) {
        if self.names(&payment.metadata, None) == Some(false) {
            self.others += 1;
            return;
        }
        let entry = self.payments.entry(payment.id.clone());
        entry.or_insert((payment, found_by));
    }

    /// Whether something names the account (true), another one (false), or none.
    fn names(&self, metadata: &BTreeMap<String, String>, reference: Option<&str>) -> Option<bool> {
        let named = metadata.get(self.user_field).map(String::as_str);
        let named = named.or(reference).filter(|id| !id.is_empty());
        named.map(|id| id == self.user)
    }

    /// Some countries have no search, and a key may lack the right to it.
    fn not_searched(&mut self, what: &str, error: StripeError) -> Result<(), StripeError> {
        if error.retry() != Retry::Pointless {
            return Err(error);
        }
        self.leave_out(
            what,
            None,
            &format!("they could not be searched for: {error}"),
        );
        Ok(())
    }

    fn leave_out(&mut self, what: &str, rows: Option<u64>, why: &str) {
        self.left_out.push(NotHere {
            what: format!("at Stripe: {what}"),
            rows,
            why: why.to_owned(),
        });
    }

    fn found(self) -> Found {
        let mut payments: Vec<_> = self.payments.into_values().collect();
        payments.sort_by(|(a, _), (b, _)| b.created.cmp(&a.created).then(a.id.cmp(&b.id)));
        let json = json!({
            "customers": self.customers.iter().map(customer_json).collect::<Vec<_>>(),
            "checkouts": self.checkouts.iter().map(checkout_json).collect::<Vec<_>>(),
            "payments": payments.iter().map(|(payment, by)| payment_json(payment, by)).collect::<Vec<_>>(),
        });
        Found::Read {
            customers: self.customers.len(),
            payments: payments.len(),
            json,
            left_out: self.left_out,
        }
    }
}

fn customer_json(customer: &Customer) -> Value {
    json!({ "id": customer.id, "email": customer.email, "created": customer.created })
}

fn checkout_json(session: &CheckoutSession) -> Value {
    let details = session.customer_details.as_ref();
    json!({
        "id": session.id,
        "created": session.created,
        "email": details.and_then(|details| details.email.as_deref()),
        "payment": session.payment_intent.as_ref().map(|intent| intent.id()),
        "payment_status": session.payment_status,
    })
}

fn payment_json(payment: &Payment, found_by: &str) -> Value {
    json!({
        "id": payment.id,
        "found_by": found_by,
        "customer": payment.customer,
        "created": payment.created,
        "status": payment.status,
        "amount_in_smallest_unit": payment.amount.minor,
        "refunded_in_smallest_unit": payment.refunded,
        "currency": payment.amount.currency.0,
        "disputed": payment.disputed,
    })
}

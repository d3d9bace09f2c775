//! Checkout sessions: the only list in which a payment without a customer is found by e-mail address.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Currency, Stripe, StripeError,
    call::path,
    listing::{Expandable, Listed, identified, or_empty},
    payment::PaymentIntent,
};

#[derive(Debug, Clone, Deserialize)]
pub struct CheckoutSession {
    /// `cs_…`
    pub id: String,
    /// The payment; `None` before it was begun, and for a subscription, which is paid by invoices.
    pub payment_intent: Option<Expandable<PaymentIntent>>,
    /// `paid`, `unpaid`, `no_payment_required`.
    pub payment_status: String,
    /// The sum, in the smallest unit.
    pub amount_total: Option<i64>,
    pub currency: Option<Currency>,
    /// Whether money moved.
    pub livemode: bool,
    /// When it was opened.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// `cus_…`, when there is one.
    pub customer: Option<String>,
    /// What the payer typed.
    pub customer_details: Option<CustomerDetails>,
    /// What the app calls the payer, when it says so: its user id as a rule.
    pub client_reference_id: Option<String>,
    /// What the app keeps with it.
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// What the payer typed.
#[derive(Debug, Clone, Deserialize)]
pub struct CustomerDetails {
    /// The address.
    pub email: Option<String>,
}

identified!(CheckoutSession);

const SESSIONS: &str = "checkout/sessions";

impl Stripe {
    /// Sessions in which this address was typed.
    pub async fn sessions_by_email(
        &self,
        email: &str,
        most: usize,
    ) -> Result<Listed<CheckoutSession>, StripeError> {
        self.list(SESSIONS, &[("customer_details[email]", email)], most)
            .await
    }

    /// Sessions that led to a payment.
    pub async fn sessions_of_intent(
        &self,
        intent: &str,
        most: usize,
    ) -> Result<Listed<CheckoutSession>, StripeError> {
        self.list(SESSIONS, &[("payment_intent", intent)], most)
            .await
    }

    pub async fn session(&self, id: &str) -> Result<CheckoutSession, StripeError> {
        self.get(SESSIONS, &path(SESSIONS, id), &[]).await
    }
}

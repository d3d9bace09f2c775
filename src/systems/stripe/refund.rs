//! Refunds: asked for once per key, and followed until they settle.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Currency, Money, Stripe, StripeError,
    call::{Fields, path},
    listing::{Listed, identified, or_empty},
};

#[derive(Debug, Clone, Deserialize)]
pub struct Refund {
    /// `re_…` or `pyr_…`
    pub id: String,
    /// How much, in the smallest unit.
    pub amount: i64,
    pub currency: Currency,
    /// How it is.
    pub status: Option<RefundStatus>,
    /// The charge that it takes back.
    pub charge: Option<String>,
    /// The payment intent that it takes back.
    pub payment_intent: Option<String>,
    /// When it was made.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// Why it failed: `lost_or_stolen_card`, `expired_or_canceled_card`, …
    pub failure_reason: Option<String>,
    /// Why it waits: `processing`, `insufficient_funds`, `charge_pending`.
    pub pending_reason: Option<String>,
    /// `txn_…`: what it came to on the account.
    #[serde(default)]
    pub balance_transaction: Option<String>,
    /// What was written into it.
    #[serde(default, deserialize_with = "or_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl Refund {
    /// How much.
    #[must_use]
    pub fn money(&self) -> Money {
        Money::new(self.amount, &self.currency)
    }

    /// Whether it only released what was authorised and never taken, of a charge that released so much: it is done, and
    /// nothing moved on the account.
    #[must_use]
    pub fn is_release(&self, released: i64) -> bool {
        self.status == Some(RefundStatus::Succeeded)
            && self.balance_transaction.is_none()
            && released > 0
            && self.amount == released
    }

    /// Whether the money is with us again.
    #[must_use]
    pub fn came_back(&self) -> bool {
        matches!(
            self.status,
            Some(RefundStatus::Failed | RefundStatus::Canceled)
        )
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// The payer has to do something first.
    RequiresAction,
    /// Done, as far as Stripe knows.
    Succeeded,
    /// The money came back to us.
    Failed,
    /// Withdrawn.
    Canceled,
    /// A word that this version does not know.
    #[serde(untagged)]
    Other(String),
}

impl RefundStatus {
    /// Stripe's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Other(word) => word,
        }
    }
}

identified!(Refund);

/// A refund to be made.
#[derive(Debug, Clone)]
pub struct NewRefund<'a> {
    /// The payment intent, or the charge that has none.
    pub payment: &'a str,
    /// How much, in the smallest unit. Always said, so that the same key always asks for the same.
    pub amount: i64,
    /// Names and values that it is found by.
    pub metadata: &'a [(&'a str, &'a str)],
}

const REFUNDS: &str = "refunds";

impl Stripe {
    /// Makes a refund, once per key: Stripe keeps a key and its outcome for a day.
    ///
    /// # Errors
    /// [`StripeError`]; look at [`StripeError::retry`] before anything else.
    pub async fn create_refund(
        &self,
        refund: &NewRefund<'_>,
        key: &str,
    ) -> Result<Refund, StripeError> {
        let amount = refund.amount.to_string();
        let names: Vec<String> = refund
            .metadata
            .iter()
            .map(|(name, _)| format!("metadata[{name}]"))
            .collect();
        let mut form = vec![
            (named(refund.payment), refund.payment),
            ("amount", amount.as_str()),
            ("reason", "requested_by_customer"),
        ];
        let values = refund.metadata.iter().map(|(_, value)| *value);
        form.extend(names.iter().map(String::as_str).zip(values));
        self.post(REFUNDS, REFUNDS, &form, key).await
    }

    pub async fn refund(&self, id: &str) -> Result<Refund, StripeError> {
        self.get(REFUNDS, &path(REFUNDS, id), &[]).await
    }

    /// The refunds of one payment.
    pub async fn refunds_of(
        &self,
        payment: &str,
        most: usize,
    ) -> Result<Listed<Refund>, StripeError> {
        let query: &Fields<'_> = &[(named(payment), payment)];
        self.list(REFUNDS, query, most).await
    }

    /// Refunds since a time.
    pub async fn refunds_since(
        &self,
        since: DateTime<Utc>,
        most: usize,
    ) -> Result<Listed<Refund>, StripeError> {
        let since = since.timestamp().to_string();
        self.list(REFUNDS, &[("created[gte]", &since)], most).await
    }
}

/// The parameter that an id of this kind goes into.
fn named(payment: &str) -> &'static str {
    if payment.starts_with("pi_") {
        "payment_intent"
    } else {
        "charge"
    }
}

//! Disputes, and the banks' warnings that come before them.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Currency, Stripe, StripeError,
    listing::{Listed, identified},
};

#[derive(Debug, Clone, Deserialize)]
pub struct Dispute {
    /// `du_…` or `dp_…`
    pub id: String,
    pub charge: String,
    pub payment_intent: Option<String>,
    /// How much, in the smallest unit.
    pub amount: i64,
    pub currency: Currency,
    /// `needs_response`, `under_review`, `won`, `lost`, `warning_…`.
    pub status: String,
    /// What the payer says: `fraudulent`, `product_not_received`, …
    pub reason: String,
    /// When it was opened.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// Whether a refund would still settle it.
    #[serde(default)]
    pub is_charge_refundable: bool,
    /// What is asked of us.
    pub evidence_details: Option<EvidenceDetails>,
}

/// What is asked of us in a dispute.
#[derive(Debug, Clone, Deserialize)]
pub struct EvidenceDetails {
    /// Until when.
    #[serde(default, with = "chrono::serde::ts_seconds_option")]
    pub due_by: Option<DateTime<Utc>>,
}

/// A bank's warning that a payment may be fraud.
#[derive(Debug, Clone, Deserialize)]
pub struct EarlyFraudWarning {
    /// `issfr_…`
    pub id: String,
    pub charge: String,
    pub payment_intent: Option<String>,
    /// Whether a refund would still help.
    pub actionable: bool,
    /// `made_with_stolen_card`, …
    pub fraud_type: String,
    /// When it came.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
}

identified!(Dispute, EarlyFraudWarning);

/// The statuses of disputes that are over.
const OVER: &[&str] = &["won", "lost", "warning_closed", "prevented"];

impl Dispute {
    /// Whether the bank has not decided yet. A status that is not known counts as open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !OVER.contains(&self.status.as_str())
    }
}

const WARNINGS: &str = "radar/early_fraud_warnings";

impl Stripe {
    /// Disputes since a time.
    pub async fn disputes_since(
        &self,
        since: DateTime<Utc>,
        most: usize,
    ) -> Result<Listed<Dispute>, StripeError> {
        let since = since.timestamp().to_string();
        let query = [("created[gte]", since.as_str())];
        self.list("disputes", &query, most).await
    }

    /// The disputes of one payment, by the id of its intent, or of its charge when it has none.
    pub async fn disputes_of(
        &self,
        payment: &str,
        most: usize,
    ) -> Result<Listed<Dispute>, StripeError> {
        let kind = match payment.starts_with("pi_") {
            true => "payment_intent",
            false => "charge",
        };
        self.list("disputes", &[(kind, payment)], most).await
    }

    /// The newest early fraud warnings: the list cannot be asked for a time.
    pub async fn early_fraud_warnings(
        &self,
        most: usize,
    ) -> Result<Listed<EarlyFraudWarning>, StripeError> {
        self.list(WARNINGS, &[], most).await
    }

    /// The early fraud warnings about one charge.
    pub async fn early_fraud_warnings_of(
        &self,
        charge: &str,
        most: usize,
    ) -> Result<Listed<EarlyFraudWarning>, StripeError> {
        self.list(WARNINGS, &[("charge", charge)], most).await
    }
}

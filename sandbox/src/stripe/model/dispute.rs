//! Disputes and early fraud warnings.

use serde::Serialize;

use super::{Metadata, collection::object};

/// A cardholder's bank takes its money back, or asks.
#[derive(Debug, Clone, Serialize)]
pub struct Dispute {
    /// `du_…`
    pub id: String,
    /// `dispute`
    pub object: &'static str,
    /// How much.
    pub amount: i64,
    /// The charge.
    pub charge: String,
    /// When it was made.
    pub created: i64,
    /// Three small letters.
    pub currency: String,
    /// Until when to answer.
    pub evidence_details: EvidenceDetails,
    /// True only for an inquiry, which a refund can still settle.
    pub is_charge_refundable: bool,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// The payment.
    pub payment_intent: Option<String>,
    /// For example `fraudulent`.
    pub reason: String,
    /// `needs_response`, `warning_needs_response`, `under_review`, `warning_under_review`, `warning_closed`, `won`
    /// or `lost`
    pub status: String,
}
object!(Dispute, "dispute");

/// Until when to answer a dispute.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceDetails {
    /// After this it is lost.
    pub due_by: Option<i64>,
    /// Whether anything was prepared.
    pub has_evidence: bool,
    /// Whether the time is over.
    pub past_due: bool,
    /// How often evidence was sent.
    pub submission_count: u32,
}

/// The card's network says early that a charge is probably fraud.
#[derive(Debug, Clone, Serialize)]
pub struct EarlyFraudWarning {
    /// `issfr_…`
    pub id: String,
    /// `radar.early_fraud_warning`
    pub object: &'static str,
    /// Whether something can still be done: the charge is neither refunded in full nor disputed.
    pub actionable: bool,
    /// The charge.
    pub charge: String,
    /// When it was made.
    pub created: i64,
    /// For example `made_with_stolen_card`.
    pub fraud_type: String,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// The payment.
    pub payment_intent: Option<String>,
}
object!(EarlyFraudWarning, "early_fraud_warning");

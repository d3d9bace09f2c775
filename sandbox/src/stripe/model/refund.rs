//! Refunds.

use serde::Serialize;

use super::{Metadata, collection::object};

/// Money that goes back.
#[derive(Debug, Clone, Serialize)]
pub struct Refund {
    /// `re_…`
    pub id: String,
    /// `refund`
    pub object: &'static str,
    /// How much.
    pub amount: i64,
    /// The entry in the balance; none while the balance is too low for it.
    pub balance_transaction: Option<String>,
    /// The charge that it gives back.
    pub charge: String,
    /// When it was made.
    pub created: i64,
    /// Three small letters; the charge's.
    pub currency: String,
    /// The entry that brought the money back when the refund failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_balance_transaction: Option<String>,
    /// Why it failed, for example `expired_or_canceled_card`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// The payment.
    pub payment_intent: Option<String>,
    /// `processing`, `insufficient_funds` or `charge_pending`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_reason: Option<&'static str>,
    /// `duplicate`, `fraudulent` or `requested_by_customer`
    pub reason: Option<String>,
    /// On the receipt.
    pub receipt_number: Option<String>,
    /// `pending`, `succeeded`, `failed` or `canceled`
    pub status: &'static str,
}
object!(Refund, "refund");

//! Payments.

use serde::Serialize;

use super::{Metadata, collection::object};

/// A payment, with one charge per attempt.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentIntent {
    /// `pi_…`
    pub id: String,
    /// `payment_intent`
    pub object: &'static str,
    /// What was asked for.
    pub amount: i64,
    /// Held back for a later capture.
    pub amount_capturable: i64,
    /// What was taken; refunds do not lower it.
    pub amount_received: i64,
    /// When it was given up.
    pub canceled_at: Option<i64>,
    /// `automatic` or `manual`
    pub capture_method: &'static str,
    /// When it was made.
    pub created: i64,
    /// Three small letters.
    pub currency: String,
    /// The customer; none for a guest.
    pub customer: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Why the last attempt failed.
    pub last_payment_error: Option<PaymentError>,
    /// The charge of the last attempt.
    pub latest_charge: Option<String>,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// Where the receipt went.
    pub receipt_email: Option<String>,
    /// `succeeded`, `requires_payment_method`, `processing` …
    pub status: &'static str,
}
object!(PaymentIntent, "payment_intent");

/// Why an attempt failed.
#[derive(Debug, Clone, Serialize)]
pub struct PaymentError {
    /// The charge that failed.
    pub charge: String,
    /// For example `card_declined`.
    pub code: String,
    /// For the customer.
    pub message: String,
    /// `card_error`
    #[serde(rename = "type")]
    pub kind: &'static str,
}

//! Checkout sessions.

use serde::Serialize;

use super::{Metadata, collection::object};

/// One visit of somebody to the payment page.
#[derive(Debug, Clone, Serialize)]
pub struct CheckoutSession {
    /// `cs_…`
    pub id: String,
    /// `checkout.session`
    pub object: &'static str,
    /// What was to be paid.
    pub amount_total: i64,
    /// The application's own reference, for example its user id.
    pub client_reference_id: Option<String>,
    /// When it was made.
    pub created: i64,
    /// Three small letters.
    pub currency: String,
    /// The customer; none for a guest.
    pub customer: Option<String>,
    /// Who paid, as typed at the checkout.
    pub customer_details: CustomerDetails,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// `payment`
    pub mode: &'static str,
    /// The payment.
    pub payment_intent: Option<String>,
    /// `paid` or `unpaid`
    pub payment_status: &'static str,
    /// `complete`, `open` or `expired`
    pub status: &'static str,
}
object!(CheckoutSession, "checkout.session");

/// Who paid, as typed at the checkout.
#[derive(Debug, Clone, Serialize)]
pub struct CustomerDetails {
    /// As typed.
    pub email: Option<String>,
    /// As typed.
    pub name: Option<String>,
}

//! Charges.

use serde::Serialize;

use super::{Metadata, collection::object};

/// One attempt to take money.
#[derive(Debug, Clone, Serialize)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// `charge`
    pub object: &'static str,
    /// What was asked for.
    pub amount: i64,
    /// What was taken.
    pub amount_captured: i64,
    /// What was given back so far, pending refunds included, and what was authorised and will never be taken.
    pub amount_refunded: i64,
    /// The entry in the balance; none for a failed charge.
    pub balance_transaction: Option<String>,
    /// Who paid, as typed at the checkout.
    pub billing_details: BillingDetails,
    /// Whether the money was taken.
    pub captured: bool,
    /// When it was made.
    pub created: i64,
    /// Three small letters.
    pub currency: String,
    /// The customer; none for a guest.
    pub customer: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Whether the cardholder's bank disputed it.
    pub disputed: bool,
    /// Why it failed.
    pub failure_code: Option<String>,
    /// The same for people.
    pub failure_message: Option<String>,
    /// Whether it belongs to the live account.
    pub livemode: bool,
    /// What the application tied to it.
    pub metadata: Metadata,
    /// The verdict of the network and of the risk rules.
    pub outcome: Outcome,
    /// Whether it went through.
    pub paid: bool,
    /// The payment that it belongs to.
    pub payment_intent: Option<String>,
    /// How it was paid.
    pub payment_method_details: MethodDetails,
    /// Where the receipt went.
    pub receipt_email: Option<String>,
    /// Whether all of it was given back.
    pub refunded: bool,
    /// `succeeded`, `pending` or `failed`
    pub status: &'static str,
}
object!(Charge, "charge");

impl Charge {
    /// What could still be given back.
    #[must_use]
    pub fn refundable(&self) -> i64 {
        (self.amount - self.amount_refunded).min(self.amount_captured)
    }
}

/// Who paid.
#[derive(Debug, Clone, Serialize)]
pub struct BillingDetails {
    /// As typed.
    pub email: Option<String>,
    /// As typed.
    pub name: Option<String>,
}

/// The verdict on a charge.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// For example `approved_by_network`.
    pub network_status: &'static str,
    /// Why not, when it was declined.
    pub reason: Option<String>,
    /// `normal`, `elevated` or `highest`
    pub risk_level: &'static str,
    /// 0 to 99.
    pub risk_score: u8,
    /// For the merchant.
    pub seller_message: String,
    /// `authorized`, `issuer_declined` …
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// How it was paid: by card.
#[derive(Debug, Clone, Serialize)]
pub struct MethodDetails {
    /// `card`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The card.
    pub card: Card,
}

/// A card.
#[derive(Debug, Clone, Serialize)]
pub struct Card {
    /// For example `visa`.
    pub brand: &'static str,
    /// Of the bank.
    pub country: &'static str,
    /// The same for the same card number.
    pub fingerprint: String,
    /// The last four digits.
    pub last4: String,
}

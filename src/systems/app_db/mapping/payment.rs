//! Names around payments: the app's own table, and what the app writes into Stripe's metadata.

use serde::Deserialize;

/// Where it is written whose a payment is and how many credits it bought. The table is used when it is there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PaymentMapping {
    /// The app's table of payments.
    pub table: String,
    /// The column with Stripe's id of the payment, the charge or the checkout session.
    pub payment: String,
    /// The key to the account.
    pub user_id: String,
    /// How many credits it bought.
    pub credits: String,
    /// How much was paid.
    pub amount: String,
    pub currency: String,
    /// How it is: text or an enum.
    pub status: String,
    /// When it was made.
    pub created_at: String,
    /// The name under which Stripe's metadata hold the app's user id.
    pub metadata_user: String,
    /// The name under which Stripe's metadata hold the number of credits.
    pub metadata_credits: String,
}

impl Default for PaymentMapping {
    fn default() -> Self {
        Self {
            table: "Payment".into(),
            payment: "stripePaymentId".into(),
            user_id: "userId".into(),
            credits: "credits".into(),
            amount: "amount".into(),
            currency: "currency".into(),
            status: "status".into(),
            created_at: "createdAt".into(),
            metadata_user: "userId".into(),
            metadata_credits: "credits".into(),
        }
    }
}

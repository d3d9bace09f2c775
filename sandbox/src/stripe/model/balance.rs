//! The balance.

use serde::Serialize;

use super::collection::object;

/// One entry of the account's balance: the truth about money.
#[derive(Debug, Clone, Serialize)]
pub struct BalanceTransaction {
    /// `txn_…`
    pub id: String,
    /// `balance_transaction`
    pub object: &'static str,
    /// Before the fee; negative when money goes.
    pub amount: i64,
    /// When it can be paid out.
    pub available_on: i64,
    /// When it was made.
    pub created: i64,
    /// Of the balance, which is not always the currency that was paid in.
    pub currency: String,
    /// Free text.
    pub description: Option<String>,
    /// From the currency that was paid in, when it is another one.
    pub exchange_rate: Option<f64>,
    /// What Stripe keeps.
    pub fee: i64,
    /// The same in parts.
    pub fee_details: Vec<Fee>,
    /// The amount without the fee.
    pub net: i64,
    /// For reports: `charge`, `refund`, `dispute`, `payout` …
    pub reporting_category: &'static str,
    /// The charge, refund, dispute or payout.
    pub source: Option<String>,
    /// `available` or `pending`
    pub status: &'static str,
    /// `charge`, `refund`, `refund_failure`, `adjustment`, `payout` …
    #[serde(rename = "type")]
    pub kind: &'static str,
}
object!(BalanceTransaction, "balance_transaction");

/// One part of a fee.
#[derive(Debug, Clone, Serialize)]
pub struct Fee {
    /// How much.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// For people.
    pub description: &'static str,
    /// `stripe_fee`
    #[serde(rename = "type")]
    pub kind: &'static str,
}

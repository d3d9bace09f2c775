//! What came in and went out, and whether the key works at all.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Currency, Stripe, StripeError,
    call::path,
    listing::{Listed, identified},
};

/// One movement on the account.
#[derive(Debug, Clone, Deserialize)]
pub struct BalanceTransaction {
    /// `txn_…`
    pub id: String,
    /// How much, in the smallest unit; negative for what went out.
    pub amount: i64,
    /// What Stripe kept of it.
    pub fee: i64,
    /// What was left.
    pub net: i64,
    /// The account's currency, which need not be the payment's.
    pub currency: Currency,
    /// `charge`, `payment`, `refund`, `adjustment`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is in Stripe's reports: `charge`, `refund`, `dispute`, `fee`, `payout`, …
    pub reporting_category: Option<String>,
    /// `available`, or `pending` as long as it cannot be paid out.
    pub status: String,
    #[serde(with = "chrono::serde::ts_seconds")]
    pub created: DateTime<Utc>,
    /// What caused it.
    pub source: Option<String>,
}

/// The account's balance.
#[derive(Debug, Clone, Deserialize)]
pub struct Balance {
    /// Whether the key is one for real money.
    pub livemode: bool,
    /// What can be paid out.
    #[serde(default)]
    pub available: Vec<Funds>,
    /// What is on its way.
    #[serde(default)]
    pub pending: Vec<Funds>,
}

/// An amount on the balance.
#[derive(Debug, Clone, Deserialize)]
pub struct Funds {
    /// How much, in the smallest unit.
    pub amount: i64,
    pub currency: Currency,
}

identified!(BalanceTransaction);

const TRANSACTIONS: &str = "balance_transactions";

impl Stripe {
    /// Movements of one type, or of all, in a span of time, its end not included.
    pub async fn balance_transactions(
        &self,
        kind: Option<&str>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most: usize,
    ) -> Result<Listed<BalanceTransaction>, StripeError> {
        let (from, to) = (from.timestamp().to_string(), to.timestamp().to_string());
        let mut query = vec![
            ("created[gte]", from.as_str()),
            ("created[lt]", to.as_str()),
        ];
        query.extend(kind.map(|kind| ("type", kind)));
        self.list(TRANSACTIONS, &query, most).await
    }

    /// One movement.
    pub async fn balance_transaction(&self, id: &str) -> Result<BalanceTransaction, StripeError> {
        self.get(TRANSACTIONS, &path(TRANSACTIONS, id), &[]).await
    }

    /// The balance: the cheapest proof that the key works.
    pub async fn balance(&self) -> Result<Balance, StripeError> {
        self.get("balance", "balance", &[]).await
    }
}

//! The balance's entries, and what refunds and disputes do to a charge.

use super::{
    core::Core,
    currency::DISPUTE_FEE,
    model::{BalanceTransaction, Charge, Fee},
};

/// Money of a charge is there this much later, in seconds.
const AVAILABLE_AFTER: i64 = 2 * 24 * 60 * 60;

/// What is written into the balance.
pub(super) struct Entry {
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    /// In the currency that was paid in, negative when money goes.
    pub(super) amount: i64,
    pub(super) fee: i64,
    pub(super) source: String,
    /// The charge whose currency and exchange rate it has.
    pub(super) charge: Charge,
}

impl Entry {
    /// Money of a charge that goes back. Stripe's fee does not.
    pub(super) fn refund(charge: &Charge, refund: &str, amount: i64) -> Self {
        Self::of(charge, "refund", "refund", refund, -amount)
    }

    /// Money of a refund that failed.
    pub(super) fn failed_refund(charge: &Charge, refund: &str, amount: i64) -> Self {
        Self::of(charge, "refund_failure", "refund_failure", refund, amount)
    }

    /// Money that the cardholder's bank took, with the fee for the trouble.
    pub(super) fn dispute(charge: &Charge, dispute: &str, amount: i64) -> Self {
        Self {
            fee: DISPUTE_FEE,
            ..Self::of(charge, "adjustment", "dispute", dispute, -amount)
        }
    }

    /// Money of a dispute that was won.
    pub(super) fn reversal(charge: &Charge, dispute: &str, amount: i64) -> Self {
        Self::of(charge, "adjustment", "dispute_reversal", dispute, amount)
    }

    fn of(
        charge: &Charge,
        kind: &'static str,
        category: &'static str,
        source: &str,
        amount: i64,
    ) -> Self {
        Self {
            kind,
            category,
            amount,
            fee: 0,
            source: source.to_owned(),
            charge: charge.clone(),
        }
    }
}

impl Core {
    /// Writes an entry, in the currency that the charge was settled in.
    pub(super) fn enter(&mut self, entry: Entry) -> String {
        let of_charge = entry.charge.balance_transaction.as_deref();
        let settled = of_charge.and_then(|id| self.account.transactions.get(id));
        let (currency, rate, amount) = match settled {
            Some(settled) => (
                settled.currency.clone(),
                settled.exchange_rate,
                // The same part of what was settled as of what was paid.
                settled.amount * entry.amount / entry.charge.amount_captured,
            ),
            None => (entry.charge.currency.clone(), None, entry.amount),
        };
        let now = self.now();
        let transaction = BalanceTransaction {
            id: self.new_id("txn"),
            exchange_rate: rate,
            reporting_category: entry.category,
            source: Some(entry.source),
            kind: entry.kind,
            ..plain(amount, entry.fee, &currency, now)
        };
        let id = transaction.id.clone();
        self.account.transactions.add(transaction);
        id
    }

    /// Brings the status of every entry up to date.
    pub(super) fn settle_funds(&mut self) {
        let now = self.now();
        for entry in self.account.transactions.iter_mut() {
            entry.status = if entry.available_on <= now {
                "available"
            } else {
                "pending"
            };
        }
    }

    /// Counts a refund in its charge.
    pub(super) fn give_back(&mut self, charge: &str, amount: i64) {
        let Some(charge) = self.account.charges.get_mut(charge) else {
            return;
        };
        charge.amount_refunded += amount;
        charge.refunded = charge.amount_refunded >= charge.amount;
        let (id, over) = (charge.id.clone(), charge.refunded || charge.disputed);
        self.set_actionable(&id, !over);
    }

    /// Whether something can still be done about the fraud warnings of a charge.
    pub(super) fn set_actionable(&mut self, charge: &str, actionable: bool) {
        let ids: Vec<String> = self
            .account
            .warnings
            .iter()
            .filter(|warning| warning.charge == charge)
            .map(|warning| warning.id.clone())
            .collect();
        for id in ids {
            if let Some(warning) = self.account.warnings.get_mut(&id) {
                warning.actionable = actionable;
            }
        }
    }
}

/// An entry without an id and a source.
pub(super) fn plain(amount: i64, fee: i64, currency: &str, created: i64) -> BalanceTransaction {
    let fee_details = (fee != 0).then(|| Fee {
        amount: fee,
        currency: currency.to_owned(),
        description: "Stripe processing fees",
        kind: "stripe_fee",
    });
    BalanceTransaction {
        id: String::new(),
        object: "balance_transaction",
        amount,
        available_on: created + AVAILABLE_AFTER,
        created,
        currency: currency.to_owned(),
        description: None,
        exchange_rate: None,
        fee,
        fee_details: fee_details.into_iter().collect(),
        net: amount - fee,
        reporting_category: "charge",
        source: None,
        status: "available",
        kind: "charge",
    }
}

//! What balance entries come to. Amounts are in the smallest unit, and never added up across currencies.

use std::ops::AddAssign;

use crate::systems::stripe::BalanceTransaction;

/// What an entry is to the revenue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Money of payments, less those that bounced.
    Gross,
    /// Money that went back, and what of it came back again.
    Refunds,
    /// Money that banks took or gave back.
    Disputes,
    /// What Stripe took for itself, beside the fees that stand in other entries.
    Fees,
    /// Anything else that changes the balance.
    Other,
    /// Money that only moved: to the bank, between accounts, or into a reserve and out of it. No revenue.
    Moved,
}

impl Part {
    /// By the entry's type, and its category for reports where the type alone does not say.
    pub(super) fn of(entry: &BalanceTransaction) -> Self {
        let category = entry.reporting_category.as_deref().unwrap_or_default();
        match entry.kind.as_str() {
            // A debit that bounced takes its payment off again. Nobody gave anything back.
            "charge" | "payment" | "payment_failure_refund" | "payment_reversal" => Self::Gross,
            "refund" | "payment_refund" | "refund_failure" => Self::Refunds,
            "adjustment" if category.starts_with("dispute") => Self::Disputes,
            "stripe_fee" | "stripe_fx_fee" | "tax_fee" => Self::Fees,
            "payout"
            | "payout_failure"
            | "payout_cancel"
            | "transfer"
            | "transfer_cancel"
            | "transfer_failure"
            | "transfer_refund"
            | "topup"
            | "topup_reversal"
            | "reserve_transaction"
            | "reserved_funds"
            | "reserve_hold"
            | "reserve_release"
            | "payment_network_reserve_hold"
            | "payment_network_reserve_release"
            | "payout_minimum_balance_hold"
            | "payout_minimum_balance_release" => Self::Moved,
            _ => Self::Other,
        }
    }
}

/// Sums of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) gross: i64,
    /// Negative as a rule.
    pub(super) refunds: i64,
    /// Negative as a rule.
    pub(super) disputes: i64,
    pub(super) other: i64,
    /// What Stripe kept; positive as a rule.
    pub(super) fees: i64,
    /// All of the above: gross and the rest, without the fees.
    pub(super) net: i64,
    pub(super) entries: u64,
}

impl AddAssign<&BalanceTransaction> for Sums {
    /// Money that only moved must not come here.
    fn add_assign(&mut self, entry: &BalanceTransaction) {
        match Part::of(entry) {
            Part::Gross => self.gross += entry.amount,
            Part::Refunds => self.refunds += entry.amount,
            Part::Disputes => self.disputes += entry.amount,
            Part::Fees => self.fees -= entry.amount,
            Part::Other | Part::Moved => self.other += entry.amount,
        }
        self.fees += entry.fee;
        self.net += entry.net;
        self.entries += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::stripe::Currency;

    fn entry(kind: &str, category: &str, amount: i64, fee: i64) -> BalanceTransaction {
        BalanceTransaction {
            id: "txn_1".into(),
            amount,
            fee,
            net: amount - fee,
            currency: Currency("usd".into()),
            kind: kind.into(),
            reporting_category: Some(category.into()),
            status: "available".into(),
            created: chrono::DateTime::UNIX_EPOCH,
            source: None,
        }
    }

    #[test]
    fn net_is_everything_less_the_fees() {
        let entries = [
            entry("charge", "charge", 1999, 87),
            entry("payment", "charge", 999, 58),
            entry("refund", "refund", -500, 0),
            entry("refund_failure", "refund_failure", 500, 0),
            entry("adjustment", "dispute", -999, 1500),
            entry("adjustment", "other_adjustment", 10, 0),
            entry("stripe_fee", "fee", -200, 0),
            entry("contribution", "contribution", -5, 0),
        ];
        let mut sums = Sums::default();
        for entry in &entries {
            sums += entry;
        }
        let expected = Sums {
            gross: 2998,
            refunds: 0,
            disputes: -999,
            other: 5,
            fees: 1845,
            net: 159,
            entries: 8,
        };
        assert_eq!(sums, expected);
        let parts = sums.gross + sums.refunds + sums.disputes + sums.other;
        assert_eq!(sums.net, parts - sums.fees);
    }

    #[test]
    fn money_on_its_way_to_the_bank_is_no_revenue() {
        for kind in [
            "payout",
            "payout_failure",
            "transfer",
            "transfer_refund",
            "topup",
            "reserve_transaction",
            "payout_minimum_balance_hold",
        ] {
            assert_eq!(Part::of(&entry(kind, kind, -900, 0)), Part::Moved);
        }
    }

    #[test]
    fn a_debit_that_bounced_is_a_payment_less_and_no_refund() {
        for kind in ["payment_failure_refund", "payment_reversal"] {
            let of = Part::of(&entry(kind, "charge_failure", -900, 0));
            assert_eq!(of, Part::Gross, "{kind}");
        }
    }
}

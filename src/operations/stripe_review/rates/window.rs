//! What was tried, declined and refunded within some days.

use std::{collections::BTreeMap, fmt};

use crate::systems::stripe::{Charge, Currency, Refund};

/// The reason that stands where Stripe names none.
const NO_REASON: &str = "no reason given";

/// Some days.
#[derive(Debug, Default)]
pub(super) struct Window {
    succeeded: u64,
    declined: u64,
    refunded: u64,
    /// Why payments were declined, and how often.
    pub(super) reasons: BTreeMap<String, u64>,
    /// Never added up across currencies.
    pub(super) money: BTreeMap<Currency, Moved>,
}

/// What came and went in one currency, in its smallest unit.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) paid: i64,
    pub(super) refunded: i64,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) part: u64,
    whole: u64,
}

impl Window {
    /// Counts. A charge that is still pending is neither; a refund that came back is none.
    pub(super) fn of<'a>(
        charges: impl Iterator<Item = &'a Charge>,
        refunds: impl Iterator<Item = &'a Refund>,
    ) -> Self {
        let mut window = Self::default();
        for charge in charges {
            match charge.status.as_str() {
                "succeeded" => {
                    window.succeeded += 1;
                    let money = window.money.entry(charge.currency.clone()).or_default();
                    money.paid += charge.amount_captured;
                }
                "failed" => {
                    window.declined += 1;
                    let reason = charge.failure_code.as_deref().unwrap_or(NO_REASON);
                    *window.reasons.entry(reason.to_owned()).or_default() += 1;
                }
                _ => {}
            }
        }
        for refund in refunds.filter(|refund| !refund.came_back()) {
            window.refunded += 1;
            let money = window.money.entry(refund.currency.clone()).or_default();
            money.refunded += refund.amount;
        }
        window
    }

    /// Payments that ended one way or the other.
    pub(super) fn tried(&self) -> u64 {
        self.succeeded + self.declined
    }

    pub(super) fn declined(&self) -> Share {
        Share {
            part: self.declined,
            whole: self.tried(),
        }
    }

    /// Refunds made in these days, of payments of these days: the usual measure, though a refund may be of an older
    /// payment.
    pub(super) fn refunds(&self) -> Share {
        Share {
            part: self.refunded,
            whole: self.succeeded,
        }
    }
}

impl Share {
    /// `None` of nothing.
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(super) fn percent(self) -> Option<f64> {
        (self.whole > 0).then(|| self.part as f64 * 100.0 / self.whole as f64)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent() {
            Some(percent) => write!(f, "{} ({percent:.1} %)", self.part),
            None => write!(f, "{}", self.part),
        }
    }
}

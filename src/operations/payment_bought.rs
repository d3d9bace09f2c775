//! How many credits a payment bought, and whether they were given at all: what was not given is not taken back.

use crate::systems::app_db::PaymentRow;

/// The credits of a whole payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bought {
    /// How many, when that is written down.
    pub(super) credits: Option<i64>,
    /// Whether they are on the account.
    pub(super) given: Given,
}

/// Whether credits that were bought were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// The app's own record says so, or it was done by hand.
    Yes,
    /// The app has begun the payment and not finished it.
    No,
    /// Nothing says so but Stripe's metadata, which were there before the payment was.
    Unknown,
}

impl Bought {
    /// What a record says; without one, or with one that names no number, the number of Stripe's metadata.
    pub(super) fn of(row: Option<&PaymentRow>, said: Option<i64>) -> Self {
        let given = match row {
            None => Given::Unknown,
            Some(row) if row.is_only_begun() => Given::No,
            Some(row) if row.credits.is_none() && row.status.is_none() => Given::Unknown,
            Some(_) => Given::Yes,
        };
        Self {
            credits: row.and_then(|row| row.credits).or(said),
            given,
        }
    }
}

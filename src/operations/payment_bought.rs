//! How many credits a payment bought, and whether they were given at all: what was not given is not taken back.

use crate::{domain::plan::Warning, systems::app_db::PaymentRow};

/// The credits of a whole payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bought {
    /// How many, when that is written down.
    pub(super) credits: Option<i64>,
    /// Whether they are on the account.
    pub(super) given: Given,
    /// Where the records of it contradict each other.
    pub(super) warnings: Vec<Warning>,
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

/// Credits that were given by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    /// To whom.
    pub(super) user_id: String,
    pub(super) credits: i64,
    /// The requests that gave them: `OPS-1042`.
    pub(super) by: Vec<String>,
}

impl Bought {
    /// What was given by hand counts first, together with what the app has given; then what the app's record says; then
    /// the number of Stripe's metadata.
    pub(super) fn of(grant: Option<&Grant>, row: Option<&PaymentRow>, said: Option<i64>) -> Self {
        if let Some(grant) = grant {
            return Self::by_hand(grant, row, said);
        }
        let given = match row {
            None => Given::Unknown,
            Some(row) if row.is_only_begun() => Given::No,
            Some(row) if row.credits.is_none() && row.status.is_none() => Given::Unknown,
            Some(_) => Given::Yes,
        };
        Self {
            credits: row.and_then(|row| row.credits).or(said),
            given,
            warnings: vec![],
        }
    }

    /// A webhook that came late after all counts the payment a second time.
    fn by_hand(grant: &Grant, row: Option<&PaymentRow>, said: Option<i64>) -> Self {
        let by = grant.by.join(", ");
        let mut credits = grant.credits;
        let mut warnings = vec![];
        if let Some((row, counted)) = row.and_then(|row| Some((row, row.counted()?))) {
            if row.user_id == grant.user_id {
                credits = credits.saturating_add(counted);
                let says = format!(
                    "this payment was counted twice: {by} gave {}, and the app {counted}",
                    grant.credits
                );
                warnings.push(Warning::new("counted_twice", says));
            } else {
                let says = format!(
                    "this payment was counted twice: {by} gave {}, and the app {counted} to another account, {}, which \
                     keeps them",
                    grant.credits, row.user_id
                );
                warnings.push(Warning::new("counted_for_another", says).about(&row.user_id));
            }
        }
        if let Some(said) = said.filter(|said| *said != grant.credits) {
            let says = format!(
                "{by} gave {} credits for this payment, and Stripe's metadata say {said}",
                grant.credits
            );
            warnings.push(Warning::new("metadata_say_otherwise", says));
        }
        Self {
            credits: Some(credits),
            given: Given::Yes,
            warnings,
        }
    }
}

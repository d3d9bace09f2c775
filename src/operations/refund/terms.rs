//! What was approved, in numbers: the plan's own terms, so that nothing else is ever carried out.

use serde::{Deserialize, Serialize};

use crate::{domain::Plan, systems::stripe::Money};

/// One refund, as it was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    /// The id of the payment intent, or of the charge that has none.
    pub payment: String,
    /// Whether it is real money.
    pub livemode: bool,
    /// How much goes back.
    pub amount: Money,
    /// How much had gone back before, in the smallest unit.
    pub refunded_before: i64,
    /// The credits that are to be taken.
    pub credits: Option<Credits>,
}

/// Credits that are to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Credits {
    pub user: String,
    pub number: i64,
}

impl Terms {
    /// Those of a plan; `None` for a plan of another version.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        plan.terms.read()
    }
}

//! How a payment stands with the payer's bank. Stripe's own mark on a payment stays whatever came of a dispute, so the
//! disputes themselves are asked.

use std::fmt;

use crate::{
    domain::plan::Warning,
    systems::stripe::{Dispute, Payment, Retry, Stripe, StripeError},
};

/// Disputes of one payment that are looked at. There is one as a rule, after an inquiry perhaps.
const MOST_DISPUTES: usize = 20;

/// How a payment stands with the payer's bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nobody ever disputed it.
    Undisputed,
    /// There was a dispute, or there is an inquiry, and money may go back all the same.
    Refundable(Told),
    /// The money went back through the bank or may, or nobody can say that it will not.
    Disputed(Told),
}

/// How a dispute stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The code of its warning: two plans are compared by it.
    code: &'static str,
    /// Stripe's id of the dispute.
    dispute: Option<String>,
    /// In a few words.
    says: String,
}

impl Told {
    fn new(code: &'static str, dispute: Option<&Dispute>, says: impl Into<String>) -> Self {
        Self {
            code,
            dispute: dispute.map(|one| one.id.clone()),
            says: says.into(),
        }
    }

    /// The same as a warning of a plan.
    pub(super) fn warning(&self) -> Warning {
        let warning = Warning::new(self.code, &self.says);
        match &self.dispute {
            Some(id) => warning.about(id),
            None => warning,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

impl Standing {
    /// How it stands, in a few words.
    pub(super) fn says(&self) -> &str {
        match self {
            Self::Undisputed => "not disputed",
            Self::Refundable(told) | Self::Disputed(told) => &told.says,
        }
    }
}

/// Asks Stripe for the disputes of a payment that was ever disputed.
///
/// # Errors
/// [`StripeError`] when the same question may be answered later. What Stripe refuses to tell is a dispute.
pub(super) async fn of(stripe: &Stripe, payment: &Payment) -> Result<Standing, StripeError> {
    let Some(charge) = payment.charge.as_ref().filter(|_| payment.disputed) else {
        return Ok(Standing::Undisputed);
    };
    let found = match stripe.disputes_of(charge, MOST_DISPUTES).await {
        Ok(found) => found,
        Err(error) if error.retry() == Retry::Pointless => {
            let says =
                format!("it is or was disputed, and how that stands cannot be read: {error}");
            return Ok(Standing::Disputed(Told::new(
                "dispute_unreadable",
                None,
                says,
            )));
        }
        Err(error) => return Err(error),
    };
    // The newest first; one that is in the way decides, whatever became of the others.
    let says = "Stripe marks it as disputed and shows no dispute of it: look there first";
    let mut standing = Standing::Disputed(Told::new("dispute_not_shown", None, says));
    for (nth, dispute) in found.items.iter().enumerate() {
        match of_one(dispute) {
            disputed @ Standing::Disputed(_) => return Ok(disputed),
            other if nth == 0 => standing = other,
            _ => {}
        }
    }
    Ok(standing)
}

fn of_one(dispute: &Dispute) -> Standing {
    let id = &dispute.id;
    let told = |code, says: String| Told::new(code, Some(dispute), says);
    match dispute.status.as_str() {
        "won" => Standing::Refundable(told(
            "dispute_won",
            format!("it was disputed ({id}), and the dispute was won"),
        )),
        "lost" => Standing::Disputed(told(
            "dispute_lost",
            format!("the payer disputed it and won ({id}): the bank has given the money back"),
        )),
        status if dispute.is_charge_refundable => Standing::Refundable(told(
            "dispute_inquiry",
            format!(
                "the payer's bank inquired about it ({id}, {status}), and it can still be refunded"
            ),
        )),
        status => Standing::Disputed(told(
            "dispute_open",
            format!("the payer disputes it at the bank ({id}, {status})"),
        )),
    }
}

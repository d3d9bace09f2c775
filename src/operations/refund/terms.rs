//! What was approved, in numbers: read from the approved plan itself, so that nothing else is ever carried out.

pub(super) use crate::domain::plan::BALANCE;
use crate::{
    domain::{Plan, plan::Impact},
    systems::stripe::{Currency, Money},
};

/// How the value begins that tells what has gone back of which payment.
const REFUNDED_OF: &str = "refunded of ";
/// The value that tells how many credits are taken.
const CREDITS: &str = "credits to take";

/// One refund, as it was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// The id of the payment intent, or of the charge that has none.
    pub payment: String,
    /// How much goes back.
    pub amount: Money,
    /// How much had gone back before, in the smallest unit.
    pub refunded_before: i64,
    /// How many credits are to be taken, of whom.
    pub credits: Option<(String, i64)>,
}

impl Terms {
    /// Writes the terms into a plan.
    pub(super) fn write(&self, plan: &mut Plan) {
        let before = self.refunded_before;
        let money = |minor| Money::new(minor, &self.amount.currency).to_string();
        plan.impact.push(Impact::Value {
            name: format!("{REFUNDED_OF}{}", self.payment),
            before: money(before),
            after: money(before.saturating_add(self.amount.minor)),
        });
        if let Some((_, credits)) = &self.credits {
            plan.impact
                .push(Impact::fact(CREDITS, &credits.to_string()));
        }
    }

    /// Reads them from a plan; `None` for a plan of another version.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let values = || {
            plan.impact.iter().filter_map(|impact| match impact {
                Impact::Value {
                    name,
                    before,
                    after,
                } => Some((name.as_str(), before.as_str(), after.as_str())),
                _ => None,
            })
        };
        let (payment, before, after) = values().find_map(|(name, before, after)| {
            Some((name.strip_prefix(REFUNDED_OF)?, before, after))
        })?;
        let (before, after) = (read(before)?, read(after)?);
        let credits = values().find(|(name, ..)| *name == CREDITS);
        let credits = match credits {
            Some((_, _, credits)) => {
                let user = plan.subject.as_ref()?.user_id.clone();
                Some((user, credits.parse().ok()?))
            }
            None => None,
        };
        Some(Self {
            payment: payment.to_owned(),
            amount: Money::new(after.minor.checked_sub(before.minor)?, &after.currency),
            refunded_before: before.minor,
            credits,
        })
    }
}

fn read(text: &str) -> Option<Money> {
    let (number, currency) = text.split_once(' ')?;
    let currency = Currency(currency.to_ascii_lowercase());
    // What Stripe has on record may be finer than what it accepts today.
    let decimals = currency.decimals() as usize;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let minor = format!("{whole}{part:0<decimals$}").parse().ok()?;
    Some(Money::new(minor, &currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Subject;

    #[test]
    fn terms_are_read_from_the_plan_as_they_were_written() {
        for (code, minor, before) in [("usd", 1250, 5), ("jpy", 1200, 0), ("kwd", 5120, 10)] {
            let terms = Terms {
                payment: "pi_1".to_owned(),
                amount: Money::new(minor, &Currency(code.to_owned())),
                refunded_before: before,
                credits: Some(("usr_1".to_owned(), 7)),
            };
            let mut plan = Plan::of_steps(vec![]);
            plan.subject = Some(Subject {
                user_id: "usr_1".to_owned(),
                email_identity: None,
            });
            terms.write(&mut plan);
            assert_eq!(Terms::of(&plan), Some(terms));
        }
    }
}

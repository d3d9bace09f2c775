//! Which credits go with the money: those that were given for it, and of them the part that goes back.

use crate::{
    domain::plan::Warning,
    operations::{
        PlanContext, PlanError,
        payment_bought::Given,
        payment_delivery::{self, Delivery},
        payment_owner::Owner,
    },
    systems::stripe::{Event, Money, Payment, Retry, Stripe},
};

/// What becomes of the credits.
pub(super) struct Due {
    /// What goes, or why nothing goes.
    pub(super) taken: Result<Taken, String>,
    /// What the approver should know of it.
    pub(super) warnings: Vec<Warning>,
}

/// Credits that go.
#[derive(Clone)]
pub(super) struct Taken {
    pub(super) user: String,
    pub(super) credits: i64,
    /// How many the account has.
    pub(super) balance: i64,
}

impl Due {
    fn nothing(why: impl Into<String>) -> Self {
        Self {
            taken: Err(why.into()),
            warnings: vec![],
        }
    }
}

/// Works it out.
pub(super) async fn of(
    context: &PlanContext<'_>,
    stripe: &Stripe,
    payment: &Payment,
    amount: &Money,
    owner: &Owner,
) -> Result<Due, PlanError> {
    let (user, bought) = match owner {
        Owner::Unknown(why) => return Ok(Due::nothing(why)),
        Owner::Known { user, bought } => (user, bought),
    };
    let Some(balance) = user.credits else {
        return Ok(Due::nothing(no_credits(context).await?));
    };
    if bought.given == Given::No {
        return Ok(Due::nothing(NOT_GIVEN));
    }
    let Some(all) = bought.credits else {
        let says = "neither the app nor Stripe's metadata say how many it bought";
        return Ok(Due::nothing(says));
    };
    let credits = pro_rata(all, payment, amount);
    if credits == 0 {
        let says = format!("{amount} is less than the price of one credit");
        return Ok(Due::nothing(says));
    }
    let mut due = Due {
        taken: Ok(Taken {
            user: user.id.clone(),
            credits,
            balance,
        }),
        warnings: bought.warnings.clone(),
    };
    if bought.given == Given::Unknown {
        was_heard_of(context, stripe, payment, &mut due).await?;
    }
    Ok(due)
}

const NOT_GIVEN: &str = "the app has not given them";

/// When the number comes from Stripe alone, the app gave the credits only if it took Stripe's event.
async fn was_heard_of(
    context: &PlanContext<'_>,
    stripe: &Stripe,
    payment: &Payment,
    due: &mut Due,
) -> Result<(), PlanError> {
    let says = |code: &str, event: &Event, how: &str| {
        let says = format!(
            "the app has not taken {} ({}), {how}, so it has not given the credits and none are taken. If they are on the \
             account all the same, or come later, take them with `credits remove`",
            event.id, event.kind
        );
        Warning::new(code, says)
    };
    let (warning, heard) = match payment_delivery::of(stripe, payment, context.now).await {
        Ok(Delivery::Tried(event)) => (
            says(
                "event_undelivered",
                &event,
                "which Stripe still tries to deliver",
            ),
            false,
        ),
        Ok(Delivery::GivenUp(event)) => (
            says("event_given_up", &event, "which Stripe has given up"),
            false,
        ),
        Ok(Delivery::NothingWaits | Delivery::TooOld) => return Ok(()),
        Ok(Delivery::TooMany) => (
            Warning::new(
                "many_events_undelivered",
                "more events are undelivered than were looked at: the app may not have given the credits that are taken",
            ),
            true,
        ),
        Err(error) if error.retry() == Retry::Pointless => {
            let says =
                format!("whether the app has heard of this payment cannot be looked up: {error}");
            (Warning::new("events_not_readable", says), true)
        }
        Err(error) => return Err(error.into()),
    };
    due.warnings.push(warning);
    if !heard {
        due.taken = Err(NOT_GIVEN.to_owned());
    }
    Ok(())
}

/// The credits that this part of the payment bought. Over all refunds of one payment the parts come to the whole.
fn pro_rata(bought: i64, payment: &Payment, amount: &Money) -> i64 {
    let paid = i128::from(payment.amount.minor.max(1));
    let until = |minor: i64| i128::from(bought) * i128::from(minor).min(paid) / paid;
    let after = payment.refunded.saturating_add(amount.minor);
    i64::try_from(until(after) - until(payment.refunded)).unwrap_or(0)
}

/// What the app's schema lacks, with the Prisma field that adds it.
async fn no_credits(context: &PlanContext<'_>) -> Result<String, PlanError> {
    let missing = super::DECLARATION
        .capability(context.app.get().await?)
        .missing;
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    Ok(match missing.is_empty() {
        true => "the account has none".to_owned(),
        false => format!("the app keeps none: it lacks {}", missing.join("; ")),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::systems::stripe::Currency;

    fn payment(minor: i64, refunded: i64) -> Payment {
        let currency = Currency("usd".to_owned());
        Payment {
            id: "pi_1".to_owned(),
            charge: None,
            amount: Money::new(minor, &currency),
            refunded,
            released: 0,
            status: "succeeded".to_owned(),
            disputed: false,
            livemode: true,
            created: chrono::DateTime::UNIX_EPOCH,
            customer: None,
            metadata: BTreeMap::new(),
            balance_transaction: None,
        }
    }

    #[test]
    fn the_parts_of_several_refunds_come_to_all_that_was_bought() {
        let mut taken = 0;
        let mut refunded = 0;
        for part in [333, 333, 333, 1] {
            let payment = payment(1000, refunded);
            taken += pro_rata(7, &payment, &payment.money(part));
            refunded += part;
        }
        assert_eq!(taken, 7);
    }

    #[test]
    fn a_whole_refund_takes_all_that_was_bought() {
        let payment = payment(1999, 0);
        assert_eq!(pro_rata(50, &payment, &payment.money(1999)), 50);
        assert_eq!(pro_rata(50, &payment, &payment.money(1)), 0);
    }
}

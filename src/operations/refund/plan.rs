//! What a refund would do: money, credits, what stays, what warns and what forbids.

use std::collections::BTreeMap;

use super::{
    due::{self, Due, Taken},
    step,
    terms::{Credits, Terms},
};
use crate::{
    domain::{
        Plan,
        plan::{Impact, Kept, PlannedStep, Terms as PlanTerms, Warning},
    },
    operations::{
        PlanContext, PlanError, Proposal,
        payment_dispute::{self, Standing},
        payment_named,
        payment_owner::{self, Owner},
        subject,
    },
    systems::{
        Systems,
        stripe::{Money, Payment, Retry, Stripe},
    },
};

pub(super) async fn plan(
    context: &PlanContext<'_>,
    named: &str,
    amount: Option<&str>,
) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let refused = |says: String| Err(PlanError::Refused(vec![says]));
    let stripe = systems.need_stripe()?;
    let payment = payment_named::named(stripe, named).await?;
    let standing = payment_dispute::of(stripe, &payment).await?;
    let amount = match amount {
        Some(typed) => match Money::parse(typed, &payment.amount.currency) {
            Ok(amount) => amount,
            Err(error) => return refused(error.to_string()),
        },
        None => payment.money(payment.rest()),
    };
    let owner = payment_owner::of(context, stripe, &payment).await?;
    let due = due::of(context, stripe, &payment, &amount, &owner).await?;
    let mut proposal = of_payment(systems, &payment, &amount, &owner, due);
    let plan = &mut proposal.plan;
    judge(plan, &payment, &standing);
    plan.kept.push(fee(stripe, &payment).await?);
    plan.warnings.extend(fraud(stripe, &payment).await?);
    Ok(proposal)
}

fn of_payment(
    systems: &Systems,
    payment: &Payment,
    amount: &Money,
    owner: &Owner,
    due: Due,
) -> Proposal {
    let terms = Terms {
        payment: payment.id.clone(),
        livemode: payment.livemode,
        amount: amount.clone(),
        refunded_before: payment.refunded,
        credits: due.taken.clone().ok().map(|taken| Credits {
            user: taken.user,
            number: taken.credits,
        }),
    };
    let mut plan = Plan::of_steps(steps(&terms));
    plan.terms = PlanTerms::of(&terms);
    plan.irreversible = true;
    plan.confirm = Some(amount.to_string());
    let user = owner.user();
    plan.subject = user.map(|user| subject::subject(systems, user));
    let rest = payment.rest();
    plan.impact = money(&terms, rest);
    match due.taken {
        Ok(Taken {
            credits, balance, ..
        }) => {
            let left = balance.saturating_sub(credits).max(0);
            plan.impact.push(Impact::Credits {
                name: "credits of the account".to_owned(),
                before: balance,
                after: left.min(balance),
            });
            let missing = credits - balance.clamp(0, credits);
            if missing > 0 {
                let says = format!(
                    "{missing} of the {credits} credits to take are not on the account and cannot be taken"
                );
                plan.warnings.push(Warning::new("credits_missing", says));
            }
        }
        Err(why) => plan.kept.push(Kept::new(
            "credits_of_account",
            "the credits of the account",
            format!("no credits are taken: {why}"),
        )),
    }
    plan.warnings.extend(due.warnings);
    if amount.minor > rest && rest > 0 {
        plan.blockers.push(format!(
            "{amount} is more than the {} that are left of this payment",
            payment.money(rest)
        ));
    }
    Proposal {
        plan,
        label: user.and_then(crate::systems::app_db::AppUser::masked_email),
        private_terms: BTreeMap::new(),
    }
}

/// The money that goes back and what is left of the payment, and how many credits are to be taken.
fn money(terms: &Terms, rest: i64) -> Vec<Impact> {
    let Terms {
        amount,
        refunded_before,
        ..
    } = terms;
    let money = |what: String, minor, before| Impact::Money {
        what,
        minor,
        currency: amount.currency.0.clone(),
        before,
    };
    let refunded = refunded_before.saturating_add(amount.minor);
    let of_payment = format!("refunded of {}", terms.payment);
    let mut impact = vec![money(of_payment, refunded, Some(*refunded_before))];
    if let Some(Credits { number, .. }) = &terms.credits {
        impact.push(Impact::fact("credits to take", &number.to_string()));
    }
    let left = rest.saturating_sub(amount.minor).max(0);
    let afterwards = "left of the payment afterwards".to_owned();
    impact.push(money(afterwards, left, None));
    impact
}

fn steps(terms: &Terms) -> Vec<PlannedStep> {
    let prepare = match &terms.credits {
        Some(Credits { number: 1, .. }) => {
            "Write down the refund's key and take 1 credit".to_owned()
        }
        Some(Credits { number, .. }) => {
            format!("Write down the refund's key and take {number} credits")
        }
        None => "Write down the refund's key".to_owned(),
    };
    let send = format!("Refund {} through Stripe", terms.amount);
    // From the first step on the run is finished, not called off: a refund in doubt is followed to its end.
    vec![
        PlannedStep::irreversible(step::PREPARE, prepare),
        PlannedStep::irreversible(step::SEND, send),
        PlannedStep::irreversible(step::SETTLE, "Follow it until Stripe has settled it"),
    ]
}

/// What there is to know of the payment before anybody approves, and what forbids the refund.
fn judge(plan: &mut Plan, payment: &Payment, standing: &Standing) {
    let dispute = match standing {
        Standing::Undisputed => "none",
        Standing::Refundable(told) => {
            plan.warnings.push(told.warning());
            "see the warning"
        }
        Standing::Disputed(told) => {
            plan.blockers.push(format!(
                "{told}: a refund could pay twice, the dispute is answered in Stripe"
            ));
            "disputed"
        }
    };
    let mode = if payment.livemode { "live" } else { "test" };
    plan.impact.push(Impact::fact("mode of the payment", mode));
    plan.impact.push(Impact::fact("dispute", dispute));
    if payment.refunded > 0 {
        let says = format!(
            "{} of {} went back before",
            payment.money(payment.refunded),
            payment.amount
        );
        plan.warnings.push(Warning::new("refunded_before", says));
    }
    let blockers = &mut plan.blockers;
    if !payment.has_succeeded() {
        blockers.push(format!(
            "nothing was received: the payment's status is {}",
            payment.status
        ));
    } else if payment.rest() == 0 {
        blockers.push(format!(
            "all of it is refunded already: {}",
            payment.money(payment.refunded)
        ));
    }
}

/// Stripe keeps its fee whatever goes back.
async fn fee(stripe: &Stripe, payment: &Payment) -> Result<Kept, PlanError> {
    let kept = |why: String| Kept::new("stripe_fee", "Stripe's fee", why);
    let Some(transaction) = &payment.balance_transaction else {
        return Ok(kept(
            "Stripe does not give it back; it is not known yet".to_owned(),
        ));
    };
    match stripe.balance_transaction(transaction).await {
        Ok(transaction) => {
            let fee = Money::new(transaction.fee, &transaction.currency);
            Ok(kept(format!("Stripe does not give the {fee} back")))
        }
        Err(error) if error.retry() == Retry::Pointless => Ok(kept(format!(
            "Stripe does not give it back; how much it was cannot be read: {error}"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// What the card's network said of the payment.
async fn fraud(stripe: &Stripe, payment: &Payment) -> Result<Option<Warning>, PlanError> {
    let Some(charge) = &payment.charge else {
        return Ok(None);
    };
    match stripe.early_fraud_warnings_of(charge, 1).await {
        Ok(found) => Ok(found.items.first().map(|warning| {
            let says = format!(
                "the card's network warned that this payment may be fraud ({})",
                warning.fraud_type
            );
            Warning::new("fraud_warning", says).about(&warning.fraud_type)
        })),
        Err(error) if error.retry() == Retry::Pointless => {
            let says =
                format!("whether the card's network warned of fraud cannot be looked up: {error}");
            Ok(Some(Warning::new("fraud_warnings_not_readable", says)))
        }
        Err(error) => Err(error.into()),
    }
}

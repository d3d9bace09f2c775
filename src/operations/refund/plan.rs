//! What a refund would do: money, credits, what stays, what warns and what forbids.

use super::{
    due::{self, Due, Taken},
    step,
    terms::{BALANCE, Terms},
};
use crate::{
    domain::{
        Plan,
        plan::{Impact, Kept, PlannedStep},
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

/// What is kept of the account when no credits are taken.
const THE_CREDITS: &str = "the credits of the account";

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
        amount: amount.clone(),
        refunded_before: payment.refunded,
        credits: due
            .taken
            .clone()
            .ok()
            .map(|taken| (taken.user, taken.credits)),
    };
    let mut plan = Plan::of_steps(steps(&terms));
    plan.irreversible = true;
    plan.confirm = Some(amount.to_string());
    let user = owner.user();
    plan.subject = user.map(|user| subject::subject(systems, user));
    terms.write(&mut plan);
    let rest = payment.rest();
    let left = payment.money(rest.saturating_sub(amount.minor).max(0));
    plan.impact.push(Impact::fact(
        "left of the payment afterwards",
        &left.to_string(),
    ));
    match due.taken {
        Ok(Taken {
            credits, balance, ..
        }) => {
            let left = balance.saturating_sub(credits).max(0);
            plan.impact.push(Impact::Value {
                name: BALANCE.to_owned(),
                before: balance.to_string(),
                after: left.min(balance).to_string(),
            });
            let missing = credits - balance.clamp(0, credits);
            if missing > 0 {
                plan.warnings.push(format!(
                    "{missing} of the {credits} credits to take are not on the account and cannot be taken"
                ));
            }
        }
        Err(why) => plan.kept.push(Kept {
            what: THE_CREDITS.to_owned(),
            count: None,
            why: format!("no credits are taken: {why}"),
        }),
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
    }
}

fn steps(terms: &Terms) -> Vec<PlannedStep> {
    let prepare = match &terms.credits {
        Some((_, 1)) => "Write down the refund's key and take 1 credit".to_owned(),
        Some((_, credits)) => format!("Write down the refund's key and take {credits} credits"),
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
        Standing::Refundable(says) => {
            plan.warnings.push(says.clone());
            "see the warning"
        }
        Standing::Disputed(says) => {
            plan.blockers.push(format!(
                "{says}: a refund could pay twice, the dispute is answered in Stripe"
            ));
            "disputed"
        }
    };
    let mode = if payment.livemode { "live" } else { "test" };
    plan.impact.push(Impact::fact("mode of the payment", mode));
    plan.impact.push(Impact::fact("dispute", dispute));
    if payment.refunded > 0 {
        plan.warnings.push(format!(
            "{} of {} went back before",
            payment.money(payment.refunded),
            payment.amount
        ));
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
    let kept = |why: String| Kept {
        what: "Stripe's fee".to_owned(),
        count: None,
        why,
    };
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
async fn fraud(stripe: &Stripe, payment: &Payment) -> Result<Option<String>, PlanError> {
    let Some(charge) = &payment.charge else {
        return Ok(None);
    };
    match stripe.early_fraud_warnings_of(charge, 1).await {
        Ok(found) => Ok(found.items.first().map(|warning| {
            format!(
                "the card's network warned that this payment may be fraud ({})",
                warning.fraud_type
            )
        })),
        Err(error) if error.retry() == Retry::Pointless => Ok(Some(format!(
            "whether the card's network warned of fraud cannot be looked up: {error}"
        ))),
        Err(error) => Err(error.into()),
    }
}

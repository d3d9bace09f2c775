//! What Stripe knows about a payment for which credits are asked.

use chrono::{DateTime, Utc};

use crate::{
    domain::plan::Warning,
    operations::{
        PlanContext, PlanError,
        payment_delivery::{self, Delivery},
        payment_dispute::{self, Standing},
        payment_named,
        payment_owner::{self, Owner},
    },
    systems::{
        app_db::{AppUser, PaymentRow},
        stripe::{Payment, Stripe},
    },
};

/// What is said without a key.
const UNCHECKED: &str = "Stripe is not configured, so nothing is known of this payment: look there that it succeeded, is this person's and is not \
     written under another id too (pi_, ch_ and cs_ can be one payment), and that its webhook is not still being delivered";

/// Checkout sessions of one payment that are looked at. There is one as a rule.
const SESSIONS: usize = 5;
/// A payment as far as it is known.
pub(super) struct Known {
    /// Every id that it goes by, the one that stands for it first.
    pub(super) ids: Vec<String>,
    /// What was paid, and whether that was real money.
    pub(super) paid: Option<String>,
    /// What the approver should know.
    pub(super) warnings: Vec<Warning>,
    /// What forbids the grant.
    pub(super) blockers: Vec<String>,
}

/// Asks Stripe about a payment, when there is a key.
pub(super) async fn look_up(
    context: &PlanContext<'_>,
    typed: &str,
    user: &AppUser,
    credits: i64,
) -> Result<Known, PlanError> {
    let Some(stripe) = &context.systems.stripe else {
        return Ok(Known {
            ids: vec![typed.to_owned()],
            paid: None,
            warnings: vec![Warning::new("payment_not_checked", UNCHECKED)],
            blockers: vec![],
        });
    };
    let payment = payment_named::named(stripe, typed).await?;
    let owner = payment_owner::of(context, stripe, &payment).await?;
    let mut known = Known {
        ids: ids(stripe, &payment, typed).await?,
        paid: Some(paid(&payment)),
        warnings: vec![],
        blockers: vec![],
    };
    let standing = payment_dispute::of(stripe, &payment).await?;
    judge(&mut known, &payment, &standing);
    let app = context.app.get().await?;
    let counted = app.payment_row(&known.ids).await?;
    known
        .blockers
        .extend(counted.and_then(|row| already_counted(&row)));
    compare(&mut known, &owner, user, credits);
    let delivery = delivery(stripe, &payment, context.now).await?;
    known.warnings.push(delivery);
    Ok(known)
}

/// The payment's own id, then those that it goes by too.
async fn ids(stripe: &Stripe, payment: &Payment, typed: &str) -> Result<Vec<String>, PlanError> {
    let mut ids = vec![payment.id.clone()];
    ids.extend(payment.charge.clone());
    if payment.id.starts_with("pi_") {
        let sessions = stripe.sessions_of_intent(&payment.id, SESSIONS).await?;
        ids.extend(sessions.items.into_iter().map(|session| session.id));
    }
    ids.push(typed.to_owned());
    Ok(ids)
}

fn paid(payment: &Payment) -> String {
    let mode = if payment.livemode { "live" } else { "test" };
    format!("{}, {mode} mode", payment.amount)
}

fn judge(known: &mut Known, payment: &Payment, standing: &Standing) {
    if !payment.has_succeeded() {
        let status = &payment.status;
        known.blockers.push(format!(
            "nothing was received: the payment's status is {status}"
        ));
    } else if payment.rest() == 0 {
        let says = "all of this payment is refunded";
        known.blockers.push(says.to_owned());
    } else if payment.refunded > 0 {
        let (back, all) = (payment.money(payment.refunded), &payment.amount);
        let says = format!("{back} of {all} are refunded already");
        known.warnings.push(Warning::new("refunded_in_part", says));
    }
    match standing {
        Standing::Undisputed => {}
        Standing::Refundable(told) | Standing::Disputed(told) => {
            known.warnings.push(told.warning());
        }
    }
}

/// The app writes a payment down with its credits when it gives them.
fn already_counted(row: &PaymentRow) -> Option<String> {
    let credits = row.counted()?;
    Some(format!(
        "the app has counted this payment already: its own record says {credits} credits of {}",
        row.user_id
    ))
}

fn compare(known: &mut Known, owner: &Owner, user: &AppUser, credits: i64) {
    match owner {
        Owner::Known { user: payer, .. } if payer.id != user.id => known
            .blockers
            .push(format!("this payment is {}'s, not {}'s", payer.id, user.id)),
        Owner::Known { bought, .. } => {
            if let Some(bought) = bought.credits.filter(|bought| *bought != credits) {
                let says = format!("this payment bought {bought} credits");
                known
                    .warnings
                    .push(Warning::new("bought_another_number", says));
            }
        }
        Owner::Unknown(why) => {
            let says = format!("whose payment it is cannot be said: {why}");
            known.warnings.push(Warning::new("owner_unknown", says));
        }
    }
}

/// Whether the app may still hear of the payment from Stripe itself, or has: then the credits would count twice.
async fn delivery(
    stripe: &Stripe,
    payment: &Payment,
    now: DateTime<Utc>,
) -> Result<Warning, PlanError> {
    let (code, says) = match payment_delivery::of(stripe, payment, now).await? {
        Delivery::Tried(event) => (
            "event_undelivered",
            format!(
                "Stripe is still trying to deliver {} ({}): when the app takes it, it may add these credits a second time",
                event.id, event.kind
            ),
        ),
        Delivery::GivenUp(event) => (
            "event_given_up",
            format!(
                "the app never took {} ({}), and Stripe has stopped trying: whoever sends it again from there adds these credits a second time",
                event.id, event.kind
            ),
        ),
        Delivery::NothingWaits => (
            "no_event_undelivered",
            "no event of this payment waits for its delivery: the app may have added the credits already".to_owned(),
        ),
        Delivery::TooMany => (
            "many_events_undelivered",
            "more events are undelivered than were looked at: the app may still hear of this payment".to_owned(),
        ),
        Delivery::TooOld => (
            "events_too_old",
            "Stripe keeps events for 30 days: whether the app heard of this payment cannot be seen any more".to_owned(),
        ),
    };
    Ok(Warning::new(code, says))
}

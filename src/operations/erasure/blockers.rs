//! What forbids an erasure: somebody would be left without an admin, money is on its way, or the law wants the data kept.

use super::under_way::replay_under_way;
use crate::{
    domain::{Instant, Plan, plan::Warning, request::label},
    operations::{PlanContext, PlanError, payment_find::gather::gather},
    systems::{
        app_db::AppUser,
        stripe::{Dispute, Payment, Retry, Stripe, StripeError},
    },
};

/// Disputed payments whose disputes are looked at. The rest counts as open.
const MOST_DISPUTED: usize = 20;
/// Disputes of one payment that are looked at. There is one as a rule.
const MOST_DISPUTES: usize = 10;

/// Adds what forbids it. `erased` is when the account was erased before, if it has come back with a backup.
pub(super) async fn add(
    plan: &mut Plan,
    context: &PlanContext<'_>,
    user: &AppUser,
    erased: Option<Instant>,
) -> Result<(), PlanError> {
    let systems = context.systems;
    if systems.legal_hold.contains(&user.id) {
        plan.blockers.push(
            "a legal hold is on this account (COUNTERSIGN_LEGAL_HOLD): it must not be deleted"
                .to_owned(),
        );
    }
    add_subscriptions(plan, context, user, erased).await?;
    if let Some(refund) = open_refund(context, user).await? {
        plan.blockers.push(format!(
            "{refund} refunds a payment of this account and is still open: wait for its end, or cancel it"
        ));
    }
    let own = context.request.id.0;
    if let Some(replay) = replay_under_way(context.journal, &user.id, own).await? {
        plan.blockers.push(format!(
            "{replay} is erasing this account again and keeps it blocked: stop it, or wait for its end"
        ));
    }
    if let (Some(stripe), Some(email)) = (&systems.stripe, &user.email) {
        add_disputes(plan, stripe, email).await?;
    }
    Ok(())
}

/// Whoever pays is not erased under it. A row that came back with a backup says how things were: it was settled before the
/// account was erased, and since then there was no account to subscribe with. Only what was made since counts then.
async fn add_subscriptions(
    plan: &mut Plan,
    context: &PlanContext<'_>,
    user: &AppUser,
    erased: Option<Instant>,
) -> Result<(), PlanError> {
    let app = context.app.get().await?;
    let Some(all) = app.running_subscriptions(&user.id, None).await? else {
        plan.warnings.push(Warning::new(
            "subscriptions_not_readable",
            "whether a subscription is running cannot be read from this database",
        ));
        return Ok(());
    };
    let new = match erased {
        Some(_) => app.running_subscriptions(&user.id, erased).await?,
        None => None,
    };
    let (settled, running) = match new {
        Some(new) => (all.saturating_sub(new), new),
        None => (0, all),
    };
    if settled > 0 {
        let says = format!(
            "subscriptions that run by what the backup says, and were settled before the account was erased: {settled}"
        );
        plan.warnings
            .push(Warning::new("subscriptions_settled_before", says));
    }
    if running > 0 {
        let what = match running {
            1 => "1 subscription is running: cancel and settle it first".to_owned(),
            _ => format!("{running} subscriptions are running: cancel and settle them first"),
        };
        let end = app.subscription_end();
        plan.blockers.push(match end.filter(|end| end.column.is_none()) {
            Some(end) => format!(
                "{what}. Only the status counts, as no column of {} is known to hold the end: if one does, name it with \
                 ends_at in [app.schema.subscription]",
                end.table
            ),
            None => what,
        });
    }
    Ok(())
}

/// The refund of this person that is asked for or under way.
async fn open_refund(
    context: &PlanContext<'_>,
    user: &AppUser,
) -> Result<Option<String>, sqlx::Error> {
    let number = sqlx::query_scalar!(
        r#"select r.number from countersign.request r
           where r.operation = 'refund' and r.open
             and (r.subject = $1
                  or exists (select from countersign.refund f where f.request_id = r.id and f.user_id = $1))
           order by r.number limit 1"#,
        user.id
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    Ok(number.map(label))
}

/// Disputes that the banks have not decided. The rows may be the evidence.
async fn add_disputes(plan: &mut Plan, stripe: &Stripe, email: &str) -> Result<(), PlanError> {
    let unread = |error: &StripeError| {
        let says = format!("whether a payment is disputed cannot be read from Stripe: {error}");
        Warning::new("disputes_not_readable", says)
    };
    let found = match gather(stripe, email).await {
        Ok(found) => found,
        Err(error) if error.retry() == Retry::Pointless => {
            plan.warnings.push(unread(&error));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    // One more gap is news, in whatever words.
    let gaps = found.gaps.iter().enumerate();
    plan.warnings.extend(gaps.map(|(at, gap)| {
        let says = format!("disputes were looked for, but not everywhere: {gap}");
        Warning::new("disputes_not_looked_for_everywhere", says).about((at + 1).to_string())
    }));
    let disputed: Vec<&Payment> = found
        .payments
        .iter()
        .map(|(payment, _)| payment)
        .filter(|payment| payment.disputed)
        .collect();
    let mut open: Vec<&str> = vec![];
    for (index, payment) in disputed.iter().enumerate() {
        let is_open = match index < MOST_DISPUTED {
            true => match stripe.disputes_of(&payment.id, MOST_DISPUTES).await {
                Ok(disputes) => disputes.more || disputes.items.iter().any(Dispute::is_open),
                Err(error) if error.retry() == Retry::Pointless => {
                    plan.warnings.push(unread(&error));
                    false
                }
                Err(error) => return Err(error.into()),
            },
            false => true,
        };
        if is_open {
            open.push(&payment.id);
        }
    }
    if !open.is_empty() {
        let disputed = match open.len() {
            1 => "1 payment is disputed".to_owned(),
            n => format!("{n} payments are disputed"),
        };
        plan.blockers.push(format!(
            "{disputed} at the bank ({}): answer in Stripe, and wait until it is decided",
            open.join(", ")
        ));
    }
    Ok(())
}

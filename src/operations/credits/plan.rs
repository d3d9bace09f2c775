//! What a change of credits would do.

use super::{Asked, Moves, NUMBER, PAYMENT, STEP, limit, payment::Claim, stripe};
use crate::{
    domain::{
        Plan, Risk,
        plan::{Impact, PlannedStep, Terms, Warning},
    },
    operations::{PlanContext, PlanError, Proposal, subject},
    systems::app_db::{AppUser, CreditRules, CreditWay},
};

/// Works out before and after. A payment is claimed here already, in the store alone: of two requests for one payment
/// the second is refused before anybody has to decide about it.
pub(in crate::operations) async fn plan(
    context: &PlanContext<'_>,
    way: CreditWay,
) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let named = context.argument(subject::USER);
    let user = subject::find(context, named).await?;
    let rules = context.app.get().await?.credit_rules(way).await?;
    let asked = Asked::of(context.argument(NUMBER), context.argument(PAYMENT));
    let mut asked = asked.ok_or_else(|| PlanError::Refused(vec!["say how many credits".into()]))?;
    let mut plan = Plan::of_steps(vec![]);
    add_impact(&mut plan, way, asked.credits, &user, &rules);
    if let Some(why) = limit::needs_approval(context, way, &user, asked.credits).await? {
        plan.risk = Some(Risk::Sensitive);
        plan.warnings.insert(0, why);
    }
    plan.warnings.extend(rules.no_event.map(|why| {
        let says = format!("no analytics event will be written: {why}");
        Warning::new("no_analytics_event", says)
    }));
    if let Some(typed) = asked.payment {
        let known = stripe::look_up(context, typed, &user, asked.credits).await?;
        plan.impact
            .extend(known.paid.map(|paid| Impact::fact("paid", &paid)));
        plan.warnings.extend(known.warnings);
        plan.blockers.extend(known.blockers);
        // What is refused anyway must not keep the payment from others.
        if plan.blockers.is_empty() {
            let claim = Claim::new(context, &known.ids, &user.id, asked.credits);
            claim.hold().await?;
        }
        asked.claimed = known.ids.into_iter().next();
    }
    plan.steps = steps(way, &asked);
    plan.terms = Terms::of(&Moves {
        user: user.id.clone(),
        way,
        credits: asked.credits,
        payment: asked.claimed.clone(),
    });
    Ok(subject::proposal(systems, &user, plan))
}

fn steps(way: CreditWay, asked: &Asked<'_>) -> Vec<PlannedStep> {
    let credits = asked.credits;
    let payment = match (asked.payment, asked.claimed.as_deref()) {
        (Some(typed), Some(claimed)) if typed != claimed => {
            format!(" for {typed}, which is {claimed}")
        }
        (Some(typed), _) => format!(" for {typed}"),
        (None, _) => String::new(),
    };
    let title = match way {
        CreditWay::Add => format!("Add {credits} credits{payment}, with the analytics event"),
        CreditWay::Remove => format!("Remove {credits} credits, never below 0"),
    };
    vec![PlannedStep::new(STEP, title)]
}

fn add_impact(plan: &mut Plan, way: CreditWay, credits: i64, user: &AppUser, rules: &CreditRules) {
    let before = user.credits.unwrap_or_default();
    if user.credits.is_none() {
        let says = "the account's credits are empty, which counts as 0";
        plan.warnings.push(Warning::new("credits_empty", says));
    }
    let after = match way {
        CreditWay::Add => before.saturating_add(credits),
        CreditWay::Remove => before.saturating_sub(credits).max(before.min(0)),
    };
    plan.impact = vec![Impact::Credits {
        name: "credits".to_owned(),
        before,
        after,
    }];
    let there = before.max(0);
    match way {
        CreditWay::Add if after > rules.most => plan.blockers.push(format!(
            "an account holds {} credits at most, and this one would have {after}",
            rules.most
        )),
        CreditWay::Remove if there == 0 => plan
            .blockers
            .push("there are no credits to remove".to_owned()),
        CreditWay::Remove if there < credits => {
            let says = format!(
                "the account has only {there} of the {credits} credits; no more than that is removed"
            );
            plan.warnings.push(Warning::new("credits_missing", says));
        }
        _ => {}
    }
}

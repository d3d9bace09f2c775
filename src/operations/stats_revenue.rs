//! `stats revenue`: what came in during a month, per currency. Stripe's balance is the truth about it; without Stripe the
//! app's own rows tell less.

mod booked;
mod month;
mod plots;
mod sums;
mod written;

use async_trait::async_trait;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes,
};
use crate::{
    domain::{Plan, Risk, answer::Done, event::Asking, plan::PlannedStep},
    systems::{Requirement, stripe::Stripe},
};
use month::Month;

const MONTH: &str = "month";
const STEP: &str = "sum";

static DECLARATION: Declaration = Declaration {
    name: "stats revenue",
    title: "Sum the revenue",
    summary: "Gross, refunds, fees and net of a month, per currency and by day, as Stripe booked them.",
    risk: Risk::Read,
    arguments: &[Argument::optional(
        MONTH,
        "Month",
        "A month such as 2026-11; the current one (UTC) when left out.",
        Takes::Month,
    )],
    requires: &[
        Requirement::Part("subscription.amount", "nothing is told without Stripe"),
        Requirement::Part("subscription.currency", "nothing is told without Stripe"),
        Requirement::Part("subscription.created_at", "nothing is told without Stripe"),
        Requirement::Part(
            "subscription.status",
            "without Stripe, sums are not told apart by status",
        ),
    ],
    runs_when_frozen: true,
    runbook: "Useful Scripts: Revenue This Month",
    example: "/ops stats revenue 2026-10",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct StatsRevenue;

#[async_trait]
impl Operation for StatsRevenue {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let month = Month::parse(context.argument(MONTH), context.now)
            .map_err(|says| PlanError::Refused(vec![says]))?;
        let title = match &context.systems.stripe {
            Some(_) => format!("Sum Stripe's balance entries of {month}"),
            None => {
                let table = context.app.get().await?.revenue_table()?;
                format!("Sum the app's rows in {table} of {month}: Stripe is not configured")
            }
        };
        Ok(Plan::of_steps(vec![PlannedStep::new(STEP, title)]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let month =
            Month::parse(context.argument(MONTH), context.now).map_err(StepError::Failed)?;
        match &context.systems.stripe {
            Some(stripe) => booked(stripe, month).await,
            None => {
                let (from, to) = month.span();
                let revenue = context.app.get().await?.revenue(from, to).await?;
                Ok(written::done(month, &revenue))
            }
        }
    }
}

async fn booked(stripe: &Stripe, month: Month) -> Result<Done, StepError> {
    let (from, to) = month.span();
    let entries = stripe
        .balance_transactions(None, from, to, booked::MOST_ENTRIES)
        .await?;
    if entries.more {
        return Err(StepError::Failed(format!(
            "{month} has more than {} entries, and a part of them would be no sum: take the month from Stripe's own \
             reports",
            booked::MOST_ENTRIES
        )));
    }
    Ok(booked::done(month, &entries.items, stripe.is_test_mode()))
}

//! `stripe review`: what at Stripe somebody should look at, section by section.

mod deliveries;
mod disputes;
mod rates;

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    section::{self, Section},
};
use crate::{
    domain::{
        Plan, Risk,
        answer::Done,
        event::{Asking, StepResult},
        plan::PlannedStep,
    },
    systems::{Requirement, System, stripe::StripeError},
};

const STEP: &str = "look";
/// The HTTP status with which Stripe says that the key lacks a right.
const FORBIDDEN: u16 = 403;

static DECLARATION: Declaration = Declaration {
    name: "stripe review",
    title: "Review Stripe",
    summary: "Webhooks that failed, open disputes, early fraud warnings, and refunds and declined payments against \
              the month before.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[Requirement::System(System::Stripe)],
    runs_when_frozen: true,
    runbook: "Security Checklist; Monitoring & Alerts: What to Monitor",
    example: "/ops stripe review",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct StripeReview;

#[async_trait]
impl Operation for StripeReview {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let title = "Read webhooks, events, disputes, warnings, charges and refunds at Stripe";
        Ok(Plan::of_steps(vec![PlannedStep::new(STEP, title)]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let stripe = context.systems.need_stripe()?;
        let now = context.now;
        let sections = [
            deliveries::endpoints(stripe).await?,
            deliveries::events(stripe, now).await?,
            disputes::open(stripe, now).await?,
            disputes::warnings(stripe).await?,
            rates::rates(stripe, now).await?,
        ];
        let result: StepResult = sections
            .iter()
            .map(|section| (section.key.to_owned(), section.journalled()))
            .collect();
        Ok(Done::answered(result, section::answer("Stripe", &sections)))
    }
}

/// What a failed look means: a right that is missing hides this section alone, everything else is the step's.
fn hidden(
    key: &'static str,
    title: &'static str,
    error: StripeError,
) -> Result<Section, StepError> {
    let refusal = error.refusal().filter(|it| it.status == FORBIDDEN);
    let Some(refusal) = refusal else {
        return Err(error.into());
    };
    let right = refusal.missing_permission().map_or_else(
        || "a right that Stripe does not name".to_owned(),
        |name| format!("the right {name}"),
    );
    let says = format!(
        "The key in STRIPE_SECRET_KEY lacks {right}. Give it to the key in Stripe's dashboard, under API keys."
    );
    Ok(Section::not_known(key, title, says))
}

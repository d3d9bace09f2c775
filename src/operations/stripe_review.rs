//! `stripe review`: what at Stripe somebody should look at, section by section.

mod deliveries;
mod disputes;
mod rates;
mod section;

use async_trait::async_trait;

use super::{Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError};
use crate::{
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
        private_data::Asking,
    },
    systems::stripe::NOT_CONFIGURED,
};
use section::{Section, Verdict};

const STEP: &str = "look";

static DECLARATION: Declaration = Declaration {
    name: "stripe review",
    title: "Review Stripe",
    summary: "Webhooks that failed, open disputes, early fraud warnings, and refunds and declined payments against \
              the month before.",
    risk: Risk::Read,
    arguments: &[],
    runs_when_frozen: true,
    runbook: "Security Checklist; Monitoring & Alerts: What to Monitor",
    example: "/ops stripe review",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

/// The operation.
pub(super) struct StripeReview;

#[async_trait]
impl Operation for StripeReview {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        if context.systems.stripe.is_none() {
            return Err(PlanError::Refused(vec![NOT_CONFIGURED.to_owned()]));
        }
        let title = "Read webhooks, events, disputes, warnings, charges and refunds at Stripe";
        Ok(Plan::of_steps(vec![PlannedStep::new(STEP, title)]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let Some(stripe) = &context.systems.stripe else {
            return Err(StepError::Failed(NOT_CONFIGURED.to_owned()));
        };
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
        Ok(Done::answered(result, answer(&sections)))
    }
}

fn answer(sections: &[Section]) -> Answer {
    let count = |verdict| sections.iter().filter(|it| it.verdict == verdict).count();
    let (look, unknown) = (count(Verdict::LookAtIt), count(Verdict::NotKnown));
    let sum = match (look, unknown) {
        (0, 0) => "Stripe: nothing to look at".to_owned(),
        (look, 0) => format!("Stripe: {look} of {} to look at", sections.len()),
        (look, unknown) => format!(
            "Stripe: {look} of {} to look at, {unknown} not known",
            sections.len()
        ),
    };
    let rows = sections
        .iter()
        .map(|section| vec![section.title.to_owned(), section.verdict.word().to_owned()]);
    let overview = Answer::default()
        .heading(sum)
        .table(&["What", "Verdict"], rows.collect(), 0);
    sections
        .iter()
        .fold(overview, |answer, section| section.told(answer))
}

//! `credits add`: gives an account credits, in one transaction with the analytics event that says so.

use async_trait::async_trait;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, credits, subject,
};
use crate::{
    domain::{Risk, answer::Done, event::Asking},
    systems::{Requirement, app_db::CreditWay},
};

static DECLARATION: Declaration = Declaration {
    name: "credits add",
    title: "Add credits",
    summary: "Adds credits to an account and writes the analytics event, both or neither. More than the limit needs a second admin.",
    risk: Risk::Change,
    arguments: &[
        subject::ARGUMENT,
        credits::NUMBER_ARGUMENT,
        Argument::optional(
            credits::PAYMENT,
            "Stripe payment",
            "The payment that the credits are for, by its id (pi_…, ch_… or cs_…). Credits are given once for it.",
            Takes::Payment,
        ),
    ],
    requires: &[
        Requirement::Account,
        Requirement::Column("user.credits"),
        Requirement::Event(CreditWay::Add),
    ],
    runs_when_frozen: false,
    runbook: "Common Operations 1: Manually Add Credits to User Account",
    example: "/ops credits add maria@example.com 10 pi_3MtwBw paid, but the webhook failed",
    changes: "The account's credits, and one analytics event, in one transaction.",
    undo: "`/ops credits remove` with the same number.",
};

pub(super) struct CreditsAdd;

#[async_trait]
impl Operation for CreditsAdd {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, asking: &Asking) -> bool {
        let payment = asking.arguments.get(credits::PAYMENT);
        payment.is_some_and(|payment| !payment.is_empty())
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        credits::plan(context, CreditWay::Add).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        credits::carry_out(context, CreditWay::Add).await
    }
}

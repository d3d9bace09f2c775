//! `credits remove`: takes credits back, never below 0, and says how many it really took.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError, credits,
    subject,
};
use crate::{
    domain::{Risk, answer::Done},
    systems::{Requirement, app_db::CreditWay},
};

static DECLARATION: Declaration = Declaration {
    name: "credits remove",
    title: "Remove credits",
    summary: "Takes credits from an account, never below 0, and says how many were really there. More than the limit needs a second admin.",
    risk: Risk::Change,
    arguments: &[subject::ARGUMENT, credits::NUMBER_ARGUMENT],
    requires: &[
        Requirement::Account,
        Requirement::Column("user.credits"),
        Requirement::Event(CreditWay::Remove),
    ],
    runs_when_frozen: false,
    runbook: "Common Operations 6: Process Refund Manually",
    example: "/ops credits remove maria@example.com 10 the payment was refunded",
    changes: "The account's credits, never below 0.",
    undo: "`/ops credits add` with the number that was taken.",
};

pub(super) struct CreditsRemove;

#[async_trait]
impl Operation for CreditsRemove {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        credits::plan(context, CreditWay::Remove).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        credits::carry_out(context, CreditWay::Remove).await
    }
}

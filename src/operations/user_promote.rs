//! `user promote`: makes an account an admin of the app.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    role_change::{self, Direction},
    subject,
};
use crate::{
    domain::{Risk, answer::Done},
    systems::Requirement,
};

static DECLARATION: Declaration = Declaration {
    name: "user promote",
    title: "Make a user an admin",
    summary: "Gives an account the role of an admin of the app, after a second admin has approved.",
    risk: Risk::Sensitive,
    arguments: &[subject::ARGUMENT],
    requires: &[Requirement::Account, Requirement::Column("user.role")],
    runs_when_frozen: false,
    runbook: "Common Operations 2: Promote User to Admin",
    example: "/ops user promote hana@example.com joins the support team",
    changes: "The account's role in the app.",
    undo: "`/ops user demote`.",
};

pub(super) struct UserPromote;

#[async_trait]
impl Operation for UserPromote {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        role_change::plan(context, Direction::Promote).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        role_change::carry_out(context).await
    }
}

//! `user demote`: makes an admin of the app an ordinary user again.

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
    name: "user demote",
    title: "Take an admin's role",
    summary: "Makes an admin of the app an ordinary user again, after a second admin has approved; never the last one.",
    risk: Risk::Sensitive,
    arguments: &[subject::ARGUMENT],
    requires: &[Requirement::Account, Requirement::Column("user.role")],
    runs_when_frozen: false,
    runbook: "Common Operations 2: Promote User to Admin",
    example: "/ops user demote ben@example.com has left the team",
    changes: "The account's role in the app. Open sessions may keep the old role until the next sign-in.",
    undo: "`/ops user promote`.",
};

pub(super) struct UserDemote;

#[async_trait]
impl Operation for UserDemote {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        role_change::plan(context, Direction::Demote).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        role_change::carry_out(context).await
    }
}

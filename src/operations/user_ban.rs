//! `user ban`: blocks an account and ends its sessions.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    ban::{self, Direction},
    subject,
};
use crate::{
    domain::{Risk, answer::Done},
    systems::Requirement,
};

static DECLARATION: Declaration = Declaration {
    name: "user ban",
    title: "Ban a user",
    summary: "Blocks an account and ends its sessions. An admin is demoted first.",
    risk: Risk::Change,
    arguments: &[subject::ARGUMENT],
    requires: &[Requirement::Account, Requirement::Column("user.is_blocked")],
    runs_when_frozen: false,
    runbook: "Common Operations 3: Ban User or IP Address",
    example: "/ops user ban umar@example.org sends spam",
    changes: "Marks the account as blocked and ends its sessions.",
    undo: "`/ops user unban`; the person has to sign in again.",
};

pub(super) struct UserBan;

#[async_trait]
impl Operation for UserBan {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        ban::plan(context, Direction::Ban).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        ban::carry_out(context, Direction::Ban).await
    }
}

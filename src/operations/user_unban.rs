//! `user unban`: makes a blocked account usable again.

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
    name: "user unban",
    title: "Lift a user's ban",
    summary: "Makes a blocked account usable again. Ended sessions stay ended.",
    risk: Risk::Change,
    arguments: &[subject::ARGUMENT],
    requires: &[Requirement::Account, Requirement::Column("user.is_blocked")],
    runs_when_frozen: false,
    runbook: "Common Operations 3: Ban User or IP Address",
    example: "/ops user unban umar@example.org it was a mistake",
    changes: "Removes the mark that blocks the account.",
    undo: "`/ops user ban`.",
};

pub(super) struct UserUnban;

#[async_trait]
impl Operation for UserUnban {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        ban::plan(context, Direction::Unban).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        ban::carry_out(context, Direction::Unban).await
    }
}

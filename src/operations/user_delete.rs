//! `user delete`: erases a person's account, rows and files, and leaves a certificate.
//!
//! The order of the steps is the point: the account is blocked first, the ledger and the list of files are
//! written before the rows go that are their only index, and nothing is called gone before it was looked for
//! again.

mod certificate;
mod files;
mod plan;
mod rows;
mod work;

use async_trait::async_trait;

pub(super) use work::forget_closed;

use super::{Argument, Declaration, Operation, PlanError, Proposal, StepContext, StepError};
use crate::{
    domain::{Risk, event::StepResult, particulars::Asking},
    systems::Systems,
};

/// The steps' names, in their order.
mod step {
    pub const BLOCK: &str = "block";
    pub const LEDGER: &str = "ledger";
    pub const COLLECT: &str = "collect";
    pub const ROWS: &str = "rows";
    pub const OBJECTS: &str = "objects";
    pub const ELSEWHERE: &str = "elsewhere";
    pub const VERIFY: &str = "verify";
    pub const CERTIFICATE: &str = "certificate";
    pub const REDRAW: &str = "redraw";
}

static DECLARATION: Declaration = Declaration {
    name: "user delete",
    title: "Delete a user",
    summary: "Erases an account with all rows and files, after a second admin has approved and a cooling-off time has passed.",
    risk: Risk::Destructive,
    arguments: &[Argument {
        name: "user",
        label: "User",
        help: "The e-mail address, in the same letter case, or the app's user id.",
    }],
    runs_when_frozen: false,
    runbook: "Common Operations 8: Delete User Account & Data",
    example: "/ops user delete maria@example.com asked for erasure by mail",
};

/// The operation.
pub(super) struct UserDelete;

#[async_trait]
impl Operation for UserDelete {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, systems: &Systems, asking: &Asking) -> Result<Proposal, PlanError> {
        plan::plan(systems, asking).await
    }

    async fn carry_out(
        &self,
        context: &StepContext<'_>,
        step: &str,
    ) -> Result<StepResult, StepError> {
        let user = context.approved_user()?;
        match step {
            step::BLOCK => rows::block(context, user).await,
            step::LEDGER => work::enter_ledger(context, user).await,
            step::COLLECT => files::collect(context, user).await,
            step::ROWS => rows::erase(context, user).await,
            step::OBJECTS => files::erase(context, user).await,
            step::ELSEWHERE => Ok(plan::elsewhere(context)),
            step::VERIFY => verify(context, user).await,
            step::CERTIFICATE => certificate::issue(context).await,
            step::REDRAW => work::forget(context, user).await,
            _ => Err(unknown(step)),
        }
    }

    async fn undo(&self, context: &StepContext<'_>, step: &str) -> Result<StepResult, StepError> {
        match step {
            step::BLOCK => rows::lift_block(context, context.subject()?).await,
            _ => Err(unknown(step)),
        }
    }
}

fn unknown(step: &str) -> StepError {
    StepError::Failed(format!("this version does not know the step `{step}`"))
}

/// Looks for what should be gone. Both counts must be 0; what is kept for a reason is not among them.
async fn verify(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    let mut result = rows::verify(context, user).await?;
    result.extend(files::verify(context, user).await?);
    Ok(result)
}

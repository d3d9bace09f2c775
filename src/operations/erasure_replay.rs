//! `erasure replay`: erases again whom a restore of a backup has brought back.
//!
//! Who was erased is on record twice: in the ledger, and in the signed certificates in the documents' bucket. When the
//! store shares a database with the app, a restore takes the ledger back as well, and only the certificates know.

mod again;
mod plan;
mod record;
mod search;

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError, drift,
    user_delete::{
        case::{Case, carry_out, undo},
        certificate, step, without_own_effects,
    },
};
use crate::domain::{Plan, Risk, answer::Done, event::StepResult, private_data::Asking};

static DECLARATION: Declaration = Declaration {
    name: "erasure replay",
    title: "Replay the erasures",
    summary: "Looks for everybody who was erased and is there again, as after a restore of a backup, and erases them again.",
    risk: Risk::Destructive,
    arguments: &[],
    runs_when_frozen: false,
    runbook: "Database Backup & Recovery; Common Operations 8: Delete User Account & Data",
    example: "/ops erasure replay the database was restored from Monday's backup",
    changes: "Erases accounts again that were erased before and came back: rows, files and Stripe customers, as `/ops user delete` does.",
    undo: "Stop it in the cooling-off time. After that it cannot be undone.",
};

/// The operation.
pub(super) struct ErasureReplay;

#[async_trait]
impl Operation for ErasureReplay {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        plan::plan(context).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let result = match step.split_once(':') {
            Some((step, user)) => {
                let case = Case::one_of_several(context, user);
                again::look(&case, step).await?;
                carry_out(&case, step).await?
            }
            None if step == step::CERTIFICATE => certificate::issue(context).await?,
            None if step == plan::LOOK => plan::nobody(),
            None => return Err(unknown(step)),
        };
        Ok(result.into())
    }

    async fn undo(&self, context: &StepContext<'_>, step: &str) -> Result<StepResult, StepError> {
        let (step, user) = step.split_once(':').ok_or_else(|| unknown(step))?;
        undo(&Case::one_of_several(context, user), step).await
    }

    fn drift(&self, approved: &Plan, now: &Plan) -> Vec<String> {
        drift::beyond_tolerance(approved, &without_own_effects(now))
    }
}

fn unknown(step: &str) -> StepError {
    StepError::Failed(format!("this version does not know the step `{step}`"))
}

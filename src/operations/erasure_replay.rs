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
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    erasure::{
        self,
        carry_out::{carry_out, undo},
        case::Case,
        certificate, step,
    },
};
use crate::domain::{
    Risk,
    answer::Done,
    event::{Asking, StepResult},
};

static DECLARATION: Declaration = Declaration {
    name: "erasure replay",
    title: "Replay the erasures",
    summary: "Looks for everybody who was erased and is there again, as after a restore of a backup, and erases them again.",
    risk: Risk::Destructive,
    arguments: &[],
    requires: erasure::REQUIRES,
    runs_when_frozen: false,
    runbook: "Database Backup & Recovery; Common Operations 8: Delete User Account & Data",
    example: "/ops erasure replay the database was restored from Monday's backup",
    changes: "Erases accounts again that were erased before and came back: rows, files and Stripe customers, as `/ops user delete` does.",
    undo: "Stop it in the cooling-off time. After that it cannot be undone.",
};

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
        let planned = context.step(step)?;
        let result = match (planned.kind.as_str(), planned.target.as_deref()) {
            (kind, Some(user)) => {
                let case = Case::one_of_several(context, user);
                again::look(&case, kind).await?;
                carry_out(&case, kind).await?
            }
            (step::CERTIFICATE, None) => certificate::issue(context).await?,
            (plan::LOOK, None) => plan::nobody(),
            (_, None) => return Err(StepError::unknown_step(step)),
        };
        Ok(result.into())
    }

    async fn undo(&self, context: &StepContext<'_>, step: &str) -> Result<StepResult, StepError> {
        let planned = context.step(step)?;
        let user = planned
            .target
            .as_deref()
            .ok_or_else(|| StepError::unknown_step(step))?;
        undo(&Case::one_of_several(context, user), &planned.kind).await
    }
}

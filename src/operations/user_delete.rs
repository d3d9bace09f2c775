//! `user delete`: erases a person's account, rows and files, and leaves a certificate.
//!
//! The order of the steps is the point: the account is blocked first, the ledger and the list of files are
//! written before the rows go that are their only index, and nothing is called gone before it was looked for
//! again.

mod closed;
mod settled;

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    erasure::{
        self, carry_out, case::Case, certificate, ledger, plan, step, under_way::replay_under_way,
    },
    subject,
};
use crate::{
    domain::{
        Risk,
        answer::Done,
        event::{Asking, StepResult},
    },
    work::Job,
};

static DECLARATION: Declaration = Declaration {
    name: erasure::DELETION,
    title: "Delete a user",
    summary: "Erases an account with all rows and files, after a second admin has approved and a cooling-off time has passed.",
    risk: Risk::Destructive,
    arguments: &[subject::ARGUMENT],
    requires: erasure::REQUIRES,
    runs_when_frozen: false,
    runbook: "Common Operations 8: Delete User Account & Data",
    example: "/ops user delete maria@example.com asked for erasure by mail",
    changes: "Deletes or unlinks the account's rows and deletes its files with all versions; where it is configured, the Stripe customer too. What stays is listed on the card and on the certificate.",
    undo: "Stop it in the cooling-off time. After that it cannot be undone.",
};

pub(super) struct UserDelete;

#[async_trait]
impl Operation for UserDelete {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    fn jobs(&self) -> &'static [Job] {
        &[closed::FORGET]
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        plan::plan(context, context.argument(subject::USER), None).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError> {
        let user = context.approved_user()?;
        let result = match step {
            step::LEDGER => ledger::enter(context, user).await,
            step::ELSEWHERE => Ok(elsewhere(context)),
            step::CERTIFICATE => certificate::issue(context).await,
            step::BLOCK => match let_replay_end(context, user).await {
                Ok(()) => carry_out::carry_out(&Case::only(context, user), step).await,
                Err(wait) => Err(wait),
            },
            _ => carry_out::carry_out(&Case::only(context, user), step).await,
        };
        result.map(Done::from)
    }

    async fn undo(&self, context: &StepContext<'_>, step: &str) -> Result<StepResult, StepError> {
        carry_out::undo(&Case::only(context, context.subject()?), step).await
    }
}

/// Whoever is stopped lifts the block again, so that two must not hold one account at a time. A replay that was approved
/// before notices this deletion at its own start, and leaves the account to it.
async fn let_replay_end(context: &StepContext<'_>, user: &str) -> Result<(), StepError> {
    match replay_under_way(context.journal, user, context.request_id()).await? {
        Some(replay) => Err(StepError::Wait {
            why: format!("{replay} keeps this account blocked: its end is waited for"),
            again: erasure::LOOK_AGAIN,
        }),
        None => Ok(()),
    }
}

/// What stays, once more, so that the certificate lists it.
fn elsewhere(context: &StepContext<'_>) -> StepResult {
    let kept = context.request.plan.as_ref().map(|plan| &plan.plan.kept);
    let kept: Vec<String> = kept
        .into_iter()
        .flatten()
        .map(|kept| format!("{kept}: {}", kept.why))
        .collect();
    StepResult::from([("kept".to_owned(), kept.into())])
}

//! One account that is erased in the course of a request: alone by `user delete`, one after another by `erasure replay`.

use crate::{
    domain::event::StepResult,
    operations::{
        StepContext, StepError,
        subject::{mark, mark_of_round},
    },
    systems::app_db::Mark,
};

use super::{customers, files, ledger, rows, step, unknown, verify};

/// One account, within one request.
pub(in crate::operations) struct Case<'a> {
    pub context: &'a StepContext<'a>,
    pub user: &'a str,
    /// What the names of its steps end with; empty when the request is about this account alone.
    pub suffix: String,
}

impl<'a> Case<'a> {
    /// The one account of a request.
    pub(super) fn only(context: &'a StepContext<'a>, user: &'a str) -> Self {
        Self {
            context,
            user,
            suffix: String::new(),
        }
    }

    /// One of several accounts of a request. Their work lists share a place, so that one has to be through with all of
    /// its steps before the next one begins.
    pub(in crate::operations) fn one_of_several(
        context: &'a StepContext<'a>,
        user: &'a str,
    ) -> Self {
        Self {
            context,
            user,
            suffix: suffix(user),
        }
    }

    /// The full name of a step.
    pub(super) fn step(&self, name: &str) -> String {
        format!("{name}{}", self.suffix)
    }

    /// The marker of a step in this round.
    pub(in crate::operations) fn mark(&self, step: &str) -> Mark {
        mark(self.context, &self.step(step))
    }

    pub(super) fn mark_of_round(&self, step: &str, round: i32) -> Mark {
        mark_of_round(self.context, &self.step(step), round)
    }
}

/// What the names of one account's steps end with, where a request is about several.
pub(in crate::operations) fn suffix(user: &str) -> String {
    format!(":{user}")
}

/// Carries out a step of one account's erasure, by its short name.
pub(in crate::operations) async fn carry_out(
    case: &Case<'_>,
    step: &str,
) -> Result<StepResult, StepError> {
    let (context, user) = (case.context, case.user);
    match step {
        step::BLOCK => rows::block(case).await,
        step::COLLECT => files::collect(context, user).await,
        step::ROWS => rows::erase(case).await,
        step::OBJECTS => files::erase(context, user).await,
        step::STRIPE => customers::erase(case).await,
        step::VERIFY => verify(case).await,
        step::REDRAW => ledger::forget(case).await,
        _ => Err(unknown(step)),
    }
}

/// Takes back a step of one account's hold, by its short name.
pub(in crate::operations) async fn undo(
    case: &Case<'_>,
    step: &str,
) -> Result<StepResult, StepError> {
    match step {
        step::BLOCK => rows::lift_block(case).await,
        _ => Err(unknown(step)),
    }
}

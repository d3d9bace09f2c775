//! One account that is erased in the course of a request: alone by `user delete`, one after another by `erasure replay`.

use crate::{
    operations::{
        StepContext,
        subject::{mark, mark_of_round},
    },
    systems::app_db::Mark,
};

/// One account, within one request.
pub(in crate::operations) struct Case<'a> {
    pub context: &'a StepContext<'a>,
    pub user: &'a str,
    /// What the names of its steps end with; empty when the request is about this account alone.
    pub suffix: String,
}

impl<'a> Case<'a> {
    /// The one account of a request.
    pub(in crate::operations) fn only(context: &'a StepContext<'a>, user: &'a str) -> Self {
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

//! What can be asked for: one file per operation, named as people type it; [`catalogue`] lists them.
//!
//! An operation declares its name, arguments and risk, works out a plan, and carries out the plan's steps.
//! It knows nothing of Slack, of approvals or of retries: those follow from the declaration and the plan.

pub mod catalogue;
pub mod declaration;
pub mod drift;
mod freeze;
pub mod parse;
pub mod step;
mod user_delete;

use async_trait::async_trait;

pub use declaration::{Argument, Declaration};
pub use step::{StepContext, StepError};

use crate::{
    domain::{Instant, Plan, event::StepResult, particulars::Asking},
    systems::Systems,
};

/// One entry of the runbook.
#[async_trait]
pub trait Operation: Send + Sync {
    /// What it is called, what it takes, and how much it can hurt.
    fn declaration(&self) -> &Declaration;

    /// Works out what it would do. Looks only; called when it is asked for and again right before the run.
    async fn plan(&self, systems: &Systems, asking: &Asking) -> Result<Proposal, PlanError>;

    /// Carries out one step of an approved plan. Called again after a crash or a failed try, so it must be
    /// harmless when its effect is there already, and give the same result.
    async fn carry_out(
        &self,
        context: &StepContext<'_>,
        step: &str,
    ) -> Result<StepResult, StepError>;

    /// Takes back a step of the hold. Operations without a hold have nothing to take back.
    async fn undo(&self, _context: &StepContext<'_>, _step: &str) -> Result<StepResult, StepError> {
        Ok(StepResult::new())
    }

    /// What has changed between the approved plan and the plan as it is now, beyond what the operation
    /// tolerates. Empty when the approval still covers it.
    fn drift(&self, approved: &Plan, now: &Plan) -> Vec<String> {
        drift::beyond_tolerance(approved, now)
    }
}

/// Erases what operations kept in the store for requests that are closed, however they ended.
/// `now` is the time at which it counts as erased.
///
/// # Errors
/// The store's.
pub async fn forget_closed(pool: &sqlx::PgPool, now: Instant) -> Result<(), sqlx::Error> {
    user_delete::forget_closed(pool, now).await
}

/// A plan, with what people read instead of the ids in it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// What would happen.
    pub plan: Plan,
    /// The subject's masked e-mail; lives beside the chain.
    pub label: Option<String>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The arguments name nothing, or more than one thing, or this application cannot do it.
    #[error("{}", .0.join("; "))]
    Refused(Vec<String>),
    /// A system did not answer; worth another try.
    #[error("{0}")]
    Unavailable(String),
}

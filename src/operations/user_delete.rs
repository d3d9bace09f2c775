//! `user delete`: erases a person's account, rows and files, and leaves a certificate.
//!
//! The order of the steps is the point: the account is blocked first, the ledger and the list of files are
//! written before the rows go that are their only index, and nothing is called gone before it was looked for
//! again.

mod blockers;
pub(super) mod case;
pub(super) mod certificate;
mod closed;
pub(super) mod customers;
pub(super) mod files;
mod ledger;
pub(super) mod named;
pub(super) mod plan;
mod rows;
mod settled;
pub(super) mod terms;
mod work;

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError, subject,
};
use crate::{
    domain::{
        Event, Risk,
        answer::Done,
        event::{Asking, StepResult},
    },
    systems::app_db::ADDRESS_IN_USE,
    work::Job,
};
use case::Case;

/// How often what is left is looked for and erased before a person has to look. An open form or an upload that was under
/// way ends within the half minute that the pauses between the tries make up.
const VERIFY_TRIES: usize = 6;

/// How often it is looked whether another erasure of the account has ended.
pub(super) const LOOK_AGAIN: chrono::Duration = chrono::Duration::seconds(30);

/// The steps' names, in their order.
pub(super) mod step {
    pub const BLOCK: &str = "block";
    pub const LEDGER: &str = "ledger";
    pub const COLLECT: &str = "collect";
    pub const ROWS: &str = "rows";
    pub const OBJECTS: &str = "objects";
    pub const STRIPE: &str = "stripe";
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
    arguments: &[subject::ARGUMENT],
    requires: &[],
    runs_when_frozen: false,
    runbook: "Common Operations 8: Delete User Account & Data",
    example: "/ops user delete maria@example.com asked for erasure by mail",
    changes: "Deletes or unlinks the account's rows and deletes its files with all versions; where it is configured, the Stripe customer too. What stays is listed on the card and on the certificate.",
    undo: "Stop it in the cooling-off time. After that it cannot be undone.",
};

/// The operation.
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
            step::ELSEWHERE => Ok(plan::elsewhere(context)),
            step::CERTIFICATE => certificate::issue(context).await,
            step::BLOCK => match let_replay_end(context, user).await {
                Ok(()) => case::carry_out(&Case::only(context, user), step).await,
                Err(wait) => Err(wait),
            },
            _ => case::carry_out(&Case::only(context, user), step).await,
        };
        result.map(Done::from)
    }

    async fn undo(&self, context: &StepContext<'_>, step: &str) -> Result<StepResult, StepError> {
        case::undo(&Case::only(context, context.subject()?), step).await
    }
}

/// Whoever is stopped lifts the block again, so that two must not hold one account at a time. A replay that was approved
/// before notices this deletion at its own start, and leaves the account to it.
async fn let_replay_end(context: &StepContext<'_>, user: &str) -> Result<(), StepError> {
    match subject::replay_under_way(context.journal, user, context.request_id()).await? {
        Some(replay) => Err(StepError::Wait {
            why: format!("{replay} keeps this account blocked: its end is waited for"),
            again: LOOK_AGAIN,
        }),
        None => Ok(()),
    }
}

fn unknown(step: &str) -> StepError {
    StepError::Failed(format!("this version does not know the step `{step}`"))
}

/// Looks for what should be gone. The app may have written in the meantime, from a session or a form that was open, so
/// what came since is erased first; only what is there all the same counts, and only after some tries. All counts
/// must be 0; what is kept for a reason is not among them.
async fn verify(case: &Case<'_>) -> Result<StepResult, StepError> {
    let (context, user) = (case.context, case.user);
    let rows_swept = rows::sweep(case).await?;
    let versions_swept = files::sweep(context, user).await?;
    let rows::Remains {
        unexplained: mut left,
        of_new_account,
    } = rows::left(context, user).await?;
    let customers = customers::left(case).await?;
    if let Some(customers) = customers.as_ref().filter(|left| !left.is_empty()) {
        left.push(format!("{} at Stripe", customers.join(", ")));
    }
    let versions = files::left(context, user).await?;
    if versions > 0 {
        left.push(format!(
            "{versions} versions of the person's files in the bucket"
        ));
    }
    if left.is_empty() {
        let mut result = StepResult::from([
            ("rows_swept".to_owned(), rows_swept.into()),
            ("rows_left".to_owned(), 0.into()),
            ("versions_swept".to_owned(), versions_swept.into()),
            ("versions_left".to_owned(), 0.into()),
        ]);
        if customers.is_some() {
            result.insert("customers_left".to_owned(), 0.into());
        }
        if of_new_account > 0 {
            let says =
                format!("{of_new_account} rows that hold the address stay: {ADDRESS_IN_USE}");
            result.insert("note".to_owned(), says.into());
        }
        result.extend(rows::stay(context, user).await?);
        return Ok(result);
    }
    let says = format!("there again or still: {}", left.join(", "));
    let resumed = context
        .events
        .iter()
        .rposition(|recorded| matches!(recorded.event, Event::Resumed { .. }));
    let events = &context.events[resumed.unwrap_or(0)..];
    if rows::tries(events, &case.step(step::VERIFY)) < VERIFY_TRIES {
        Err(StepError::Retry(says))
    } else {
        Err(StepError::Failed(says))
    }
}

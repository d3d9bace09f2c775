//! `refund`: gives money back through Stripe, in the payment's own currency, and takes the credits that it bought.
//!
//! Money and credits live in two places, so the order is the point: the key of the refund is written down and the
//! credits are taken first; then Stripe is asked, always under that key and never before a look at what has become of
//! the payment; then the refund is followed until it has settled. Whenever it turns out that no money went back, the
//! credits are given back.

mod back;
mod due;
mod late;
mod look;
mod plan;
mod row;
mod send;
mod settle;
mod taken;
mod terms;

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes,
};
use crate::{
    domain::{
        Risk,
        answer::Done,
        event::{Asking, Event, StepResult},
        request::label,
    },
    systems::{Requirement, System, app_db::Mark},
};

pub(crate) use late::{Found, LOOK_EVERY, LateError, look};

/// The steps' names, in their order.
pub(crate) mod step {
    /// Writes the key down and takes the credits.
    pub const PREPARE: &str = "prepare";
    /// Asks Stripe.
    pub const SEND: &str = "send";
    /// Follows the refund.
    pub const SETTLE: &str = "settle";
}

/// The name under which a refund at Stripe carries our request's id.
pub(crate) const METADATA_REQUEST: &str = "countersign_request";
/// The name under which it carries the number that people know the request by.
const METADATA_NUMBER: &str = "countersign_number";

const PAYMENT: &str = "payment";
const AMOUNT: &str = "amount";

static DECLARATION: Declaration = Declaration {
    name: "refund",
    title: "Refund a payment",
    summary: "Gives a payment back through Stripe, wholly or in part, and takes the credits that it bought.",
    risk: Risk::Destructive,
    arguments: &[
        Argument::required(
            PAYMENT,
            "Payment",
            "One payment: pi_…, ch_…, py_… or cs_…, as `/ops payment find` shows it.",
            Takes::Payment,
        ),
        Argument::optional(
            AMOUNT,
            "Amount",
            "In the payment's currency, such as 12.50. Without it all that is left is refunded.",
            Takes::Amount,
        ),
    ],
    requires: &[
        Requirement::System(System::Stripe),
        Requirement::Part("user.credits", "no credits are taken back"),
    ],
    runs_when_frozen: false,
    runbook: "Common Operations 6: Process Refund Manually",
    example: "/ops refund pi_3QabcDEF 12.50 the test was interrupted",
    changes: "Gives money back at Stripe and takes the credits that the payment bought.",
    undo: "Stop it before it runs. Money that was given back cannot be fetched again; credits can be given back with `/ops credits add`.",
};

pub(super) struct Refund;

#[async_trait]
impl Operation for Refund {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn asks_stripe(&self, _asking: &Asking) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let amount = context.argument(AMOUNT);
        let amount = Some(amount).filter(|amount| !amount.is_empty());
        let mut proposal = plan::plan(context, context.argument(PAYMENT), amount).await?;
        if let Some(terms) = terms::Terms::of(&proposal.plan)
            && let Some(other) = row::other_of(context, &terms.payment).await?
        {
            proposal.plan.blockers.push(format!(
                "{} refunds this payment already: wait for its end, or settle it",
                label(other)
            ));
        }
        Ok(proposal)
    }

    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let result = match step {
            step::PREPARE => back::prepare(context).await,
            step::SEND => send::send(context).await,
            step::SETTLE => settle::settle(context).await,
            _ => Err(StepError::unknown_step(step)),
        };
        result.map(Done::from)
    }
}

/// The marker of a step of one round: a superseded plan is approved anew.
fn mark(request_id: Uuid, step: &str, round: i32) -> Mark {
    Mark {
        request_id,
        step: format!("{step}@{round}"),
    }
}

/// How often a step was begun since a person last had the run go on.
fn tries(context: &StepContext<'_>, step: &str) -> usize {
    let events = context.events.iter().rev();
    let since = events.take_while(|recorded| !matches!(recorded.event, Event::Resumed { .. }));
    let begun =
        |event: &Event| matches!(event, Event::StepStarted { step: one, .. } if one == step);
    since.filter(|recorded| begun(&recorded.event)).count()
}

fn facts<const N: usize>(facts: [(&str, serde_json::Value); N]) -> StepResult {
    let facts = facts.into_iter();
    facts
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

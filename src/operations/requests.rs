//! `requests`: what waits, what runs, and what was asked before.

use async_trait::async_trait;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, catalogue,
};
use crate::{
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
        request,
    },
    journal::read::{self, Listed, Which},
};

const WHICH: &str = "which";
const STEP: &str = "list";
const MINE: &str = "mine";
const ALL: &str = "all";
/// Requests that one answer lists; the rest is counted.
const MOST: i64 = 25;

static DECLARATION: Declaration = Declaration {
    name: "requests",
    title: "List the requests",
    summary: "Lists what is open, or your own requests, or all, the newest first.",
    risk: Risk::Read,
    arguments: &[Argument::optional(
        WHICH,
        "Which",
        "pending: what is open, which is the default; mine: what you asked for; all.",
        Takes::Choice(&["pending", MINE, ALL]),
    )],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops requests mine",
};

/// The operation.
pub(super) struct Requests;

#[async_trait]
impl Operation for Requests {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let step = PlannedStep::new(STEP, "List the requests");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let which = match context.argument(WHICH) {
            MINE => Which::Of(&context.request.requester.slack_id),
            ALL => Which::All,
            _ => Which::Open,
        };
        let pool = &context.journal.pool;
        let (listed, total) = read::list(pool, which, context.request.id, MOST).await?;
        let lines: Vec<String> = listed.iter().map(line).collect();
        let mut answer = Answer::default();
        answer = if lines.is_empty() {
            answer.text("There is none.")
        } else {
            answer.lines(lines)
        };
        let more = total - i64::try_from(listed.len()).unwrap_or(total);
        if more > 0 {
            answer = answer.text(format!("{more} older ones are not shown."));
        }
        let result = StepResult::from([("requests".to_owned(), total.into())]);
        Ok(Done::answered(result, answer))
    }
}

fn line(listed: &Listed) -> String {
    format!(
        "{} · {} · {} · asked by <@{}> on {}",
        request::label(listed.number),
        catalogue::title(&listed.operation),
        listed.state,
        listed.requester,
        listed.asked_at.format("%Y-%m-%d %H:%M UTC"),
    )
}

//! `requests`: what waits, what runs, and what was asked before.

use async_trait::async_trait;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, argument::shortened,
};
use crate::{
    domain::{
        Plan, Risk,
        actor::SERVICE,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
        request,
    },
    journal::read::{self, Listed, Which},
    text::{meant, user_mention},
};

const WHICH: &str = "which";
const STEP: &str = "list";
const PENDING: &str = "pending";
const MINE: &str = "mine";
const ALL: &str = "all";
/// Requests that one answer lists; the rest is counted.
const MOST: i64 = 25;

static DECLARATION: Declaration = Declaration {
    name: "requests",
    title: "List the requests",
    summary: "Lists what is open, your own requests, all, or those of one command, state, colleague or user, the newest first.",
    risk: Risk::Read,
    arguments: &[Argument::optional(
        WHICH,
        "Which",
        "pending: what is open, which is the default; mine: what you asked for; all. Or what they have in common: a command (`refund`, `\"user delete\"`), a state (`failed`), a colleague (`@ada`), or the app's user id whom they are about.",
        Takes::Word,
    )
    .shown_as("pending|mine|all|<filter>")],
    requires: &[],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops requests \"user delete\"",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct Requests {
    /// The heading of an operation by its name.
    pub(super) title: fn(&str) -> String,
}

#[async_trait]
impl Operation for Requests {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let filter = context.argument(WHICH);
        let is_address = filter.contains('@') && user_mention(filter).is_none();
        // An id may look like an address.
        if is_address && !is_on_record(context, filter).await? {
            let says = "requests are on record by the app's user id, never by an e-mail address: `/ops user show` tells the id";
            return Err(PlanError::Refused(vec![says.to_owned()]));
        }
        let step = PlannedStep::new(STEP, "List the requests");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let which = match context.argument(WHICH) {
            MINE => Which::Of(context.request.requester.name()),
            ALL => Which::All,
            "" | PENDING => Which::Open,
            filter => match user_mention(filter) {
                Some(person) => Which::Of(person),
                None => Which::Matching(filter),
            },
        };
        let pool = &context.journal.pool;
        let (listed, total) = read::list(pool, which, context.request.id, MOST).await?;
        let lines: Vec<String> = listed.iter().map(|one| self.line(one)).collect();
        let mut answer = Answer::default();
        answer = if lines.is_empty() {
            answer.text(none(which))
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

/// Whether a request is about an account of this id.
async fn is_on_record(context: &PlanContext<'_>, id: &str) -> Result<bool, PlanError> {
    let (pool, own) = (&context.journal.pool, context.request.id);
    let (_, total) = read::list(pool, Which::Matching(id), own, 1).await?;
    Ok(total > 0)
}

/// What is said when there is nothing to list.
fn none(which: Which<'_>) -> String {
    let Which::Matching(filter) = which else {
        return "There is none.".to_owned();
    };
    let typed = shortened(filter);
    match meant(filter, &[PENDING, MINE, ALL]) {
        Some(meant) => {
            format!("No request matches `{typed}`. Did you mean `/ops requests {meant}`?")
        }
        None => format!(
            "No request matches `{typed}`: give a command, a state, a colleague or the app's user id."
        ),
    }
}

impl Requests {
    fn line(&self, listed: &Listed) -> String {
        let by = match listed.requester.as_str() {
            SERVICE => "Countersign".to_owned(),
            slack_id => format!("<@{slack_id}>"),
        };
        format!(
            "{} · {} · {} · asked by {by} on {}",
            request::label(listed.number),
            (self.title)(&listed.operation),
            listed.status.word(),
            listed.asked_at.format("%Y-%m-%d %H:%M UTC"),
        )
    }
}

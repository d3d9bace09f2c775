//! `cancel`: withdraws one's own request before anybody decided.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    request_lookup::{self, REQUEST},
};
use crate::{
    domain::{
        Command, Person, Plan, Request, Risk, State, answer::Done, decide::decide,
        event::StepResult, plan::PlannedStep,
    },
    journal::{RecordError, append::Batch},
};

const STEP: &str = "cancel";

static DECLARATION: Declaration = Declaration {
    name: "cancel",
    title: "Cancel a request",
    summary: "Withdraws a request of your own that nobody has decided yet. An admin who wants to end another's request denies it.",
    risk: Risk::Read,
    arguments: &[request_lookup::ARGUMENT],
    requires: &[],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops cancel OPS-1042",
    changes: "Ends a request of your own that nobody has decided yet.",
    undo: "Ask again.",
};

pub(super) struct Cancel;

#[async_trait]
impl Operation for Cancel {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let label = context.argument(REQUEST);
        let request = request_lookup::planned(context.journal, label).await?;
        let requester = context.request.requester.name();
        let person = context.people.person(requester).await;
        let person = person.ok_or_else(|| {
            PlanError::Unavailable("who people are cannot be asked now".to_owned())
        })?;
        if let Err(refusal) = decide(&request, &Command::Cancel { by: person }, context.now) {
            return Err(PlanError::Refused(vec![refusal.to_string()]));
        }
        let step = PlannedStep::new(STEP, format!("Cancel {label}"));
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let label = context.argument(REQUEST);
        let (request, _) = request_lookup::named(context.journal, label).await?;
        if !matches!(request.state, State::Cancelled) {
            withdraw(context, request, context.requester().await?).await?;
        }
        let note = format!("{label} is cancelled: it will not run");
        Ok(StepResult::from([("note".to_owned(), note.into())]).into())
    }
}

async fn withdraw(
    context: &StepContext<'_>,
    request: Request,
    by: Person,
) -> Result<(), StepError> {
    let events = decide(&request, &Command::Cancel { by }, context.now)
        .map_err(|refusal| StepError::Failed(refusal.to_string()))?;
    let batch = Batch {
        id: request.id,
        before: Some(request),
        events: &events,
        private_data: &[],
        at: context.now,
        fence: None,
    };
    match context.journal.record(batch).await {
        Ok(_) => Ok(()),
        Err(RecordError::Conflict) => Err(StepError::Retry(
            "somebody else moved the request at the same moment".to_owned(),
        )),
        Err(error) => Err(StepError::Retry(error.to_string())),
    }
}

//! `show`: one request and everything that happened to it.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    request_lookup::{self, REQUEST},
};
use crate::{
    domain::{
        Actor, Event, Plan, Request, Risk,
        answer::{Answer, Done},
        event::{Asked, StepResult},
        plan::PlannedStep,
        request::label,
    },
    journal::Recorded,
};

const STEP: &str = "show";
/// Entries of a timeline that are shown, the newest; the rest is counted.
const MOST: usize = 40;

static DECLARATION: Declaration = Declaration {
    name: "show",
    title: "Show a request",
    summary: "Shows a request's state, its plan in short, and everything that happened to it.",
    risk: Risk::Read,
    arguments: &[request_lookup::ARGUMENT],
    requires: &[],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops show OPS-1042",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct Show {
    /// The heading of an operation by its name.
    pub(super) title: fn(&str) -> String,
}

#[async_trait]
impl Operation for Show {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let label = context.argument(REQUEST);
        request_lookup::planned(context.journal, label).await?;
        let step = PlannedStep::new(STEP, format!("Read {label}"));
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let label = context.argument(REQUEST);
        let (request, events) = request_lookup::named(context.journal, label).await?;
        let answer = about(&request, (self.title)(&request.operation))
            .heading("What happened")
            .lines(timeline(&events));
        let result = StepResult::from([
            ("request".to_owned(), request.label().into()),
            ("events".to_owned(), events.len().into()),
        ]);
        Ok(Done::answered(result, answer))
    }
}

fn about(request: &Request, title: String) -> Answer {
    let mut facts = vec![
        ("Operation", title),
        ("State", request.state.word().to_owned()),
        ("Risk", request.risk.word().to_owned()),
    ];
    if let Some(current) = &request.plan {
        let plan = &current.plan;
        if let Some(subject) = &plan.subject {
            facts.push(("Whom", subject.user_id.clone()));
        }
        facts.push(("Plan", current.digest.short()));
        facts.push(("Steps", plan.steps.len().to_string()));
        facts.push(("Warnings", plan.warnings.len().to_string()));
        let needed = match current.policy.confirm {
            true => "none, but the confirmation of the person who asked".to_owned(),
            false => current.policy.approvals.to_string(),
        };
        facts.push(("Approvals needed", needed));
    }
    let heading = format!("{} {}", request.label(), request.operation);
    Answer::default().heading(heading).facts(facts)
}

fn timeline(events: &[Recorded]) -> Vec<String> {
    let left_out = events.len().saturating_sub(MOST);
    let mut lines = vec![];
    if left_out > 0 {
        lines.push(format!("{left_out} earlier entries are not shown"));
    }
    lines.extend(events.iter().skip(left_out).map(line));
    lines
}

fn line(recorded: &Recorded) -> String {
    let at = recorded.at.format("%Y-%m-%d %H:%M:%S UTC");
    let what = recorded.event.name().replace('_', " ");
    let mut line = format!("{at} · {what}");
    if let Some(step) = step(&recorded.event) {
        line.push_str(&format!(" “{step}”"));
    }
    if let Some(by) = by(&recorded.event) {
        line.push_str(&format!(" by {by}"));
    }
    if let Some(why) = why(&recorded.event) {
        line.push_str(&format!(": {why}"));
    }
    line
}

fn step(event: &Event) -> Option<&str> {
    match event {
        Event::StepStarted { step, .. }
        | Event::StepSucceeded { step, .. }
        | Event::StepDeferred { step, .. }
        | Event::StepUndone { step, .. }
        | Event::RunFailed { step, .. }
        | Event::RunIndeterminate { step, .. } => Some(step),
        _ => None,
    }
}

fn by(event: &Event) -> Option<String> {
    match event {
        Event::Asked(Asked {
            by: Actor::Service(service),
            ..
        }) => Some(format!("Countersign, because of {}", label(service.number))),
        event => Some(format!("<@{}>", event.by()?.slack_id)),
    }
}

fn why(event: &Event) -> Option<String> {
    match event {
        Event::Refused { blockers, .. } => Some(blockers.join("; ")),
        Event::Superseded { why, .. } => Some(why.join("; ")),
        Event::AttemptRefused { why, tried, .. } => Some(format!("tried to {tried}, {why}")),
        Event::StepDeferred { why, .. }
        | Event::RunFailed { why, .. }
        | Event::RunIndeterminate { why, .. }
        | Event::Reversed { why, .. } => Some(why.clone()),
        _ => None,
    }
}

//! `freeze`: stops every run that changes something, on all replicas, until somebody thaws.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes,
};
use crate::domain::{
    Plan, Risk,
    answer::Done,
    event::StepResult,
    plan::{Impact, PlannedStep, Terms},
};

const STATE: &str = "state";
const STEP: &str = "switch";

/// What the switch is set to.
#[derive(Serialize, Deserialize)]
struct Switch {
    on: bool,
}

static DECLARATION: Declaration = Declaration {
    name: "freeze",
    title: "Freeze or thaw",
    summary: "Stops every run that changes something before its next step, until it is switched off. What only reads goes on.",
    risk: Risk::Change,
    arguments: &[Argument::required(
        STATE,
        "State",
        "on or off.",
        Takes::Choice(&["on", "off"]),
    )],
    requires: &[],
    runs_when_frozen: true,
    runbook: "Emergency Procedures",
    example: "/ops freeze on the database is being restored",
    changes: "Holds every run that changes something before its next step, at every replica.",
    undo: "`/ops freeze off` and a reason.",
};

pub(super) struct Freeze;

#[async_trait]
impl Operation for Freeze {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let (before, after) = match context.argument(STATE).to_lowercase().as_str() {
            "on" => ("off", "on"),
            "off" => ("on", "off"),
            _ => {
                let says = "say on or off, as in `/ops freeze on the database is being restored`";
                return Err(PlanError::Refused(vec![says.to_owned()]));
            }
        };
        let is_frozen = context.journal.is_frozen().await?;
        if is_frozen == (after == "on") {
            let says = format!("the freeze is {after} already");
            return Err(PlanError::Refused(vec![says]));
        }
        let mut plan = Plan::of_steps(vec![PlannedStep::new(
            STEP,
            format!("Switch the freeze {after}"),
        )]);
        plan.impact = vec![Impact::Value {
            name: "freeze".to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        }];
        plan.terms = Terms::of(&Switch { on: after == "on" });
        Ok(plan.into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let Switch { on } = context.terms()?;
        let (journal, request) = (context.journal, context.request.id);
        journal.switch_freeze(on, request, context.now).await?;
        let note = if on {
            "frozen: no run that changes something begins another step"
        } else {
            "thawed: what waited goes on"
        };
        Ok(StepResult::from([("note".to_owned(), note.into())]).into())
    }
}

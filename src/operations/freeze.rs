//! `freeze`: stops every run that changes something, on all replicas, until somebody thaws.

use async_trait::async_trait;

use super::{Argument, Declaration, Operation, PlanError, Proposal, StepContext, StepError};
use crate::{
    domain::{
        Plan, Risk,
        event::StepResult,
        particulars::Asking,
        plan::{Impact, Phase, PlannedStep},
    },
    journal::switch,
    systems::Systems,
};

const STATE: &str = "state";
const STEP: &str = "switch";

static DECLARATION: Declaration = Declaration {
    name: "freeze",
    title: "Freeze or thaw",
    summary: "on: no run that changes something begins its next step, until off. What only reads goes on.",
    risk: Risk::Change,
    arguments: &[Argument {
        name: STATE,
        label: "State",
        help: "on or off",
    }],
    runs_when_frozen: true,
    runbook: "Emergency Procedures",
    example: "/ops freeze on the database is being restored",
};

/// The operation.
pub(super) struct Freeze;

#[async_trait]
impl Operation for Freeze {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, _systems: &Systems, asking: &Asking) -> Result<Proposal, PlanError> {
        let wanted = asking.arguments.get(STATE).map_or("", String::as_str);
        let (before, after) = match wanted.to_lowercase().as_str() {
            "on" => ("off", "on"),
            "off" => ("on", "off"),
            _ => {
                let says = "say on or off, as in `/ops freeze on the database is being restored`";
                return Err(PlanError::Refused(vec![says.to_owned()]));
            }
        };
        let plan = Plan {
            subject: None,
            steps: vec![PlannedStep {
                id: STEP.to_owned(),
                title: format!("Switch the freeze {after}"),
                phase: Phase::Main,
                irreversible: false,
            }],
            impact: vec![Impact::Value {
                name: "freeze".to_owned(),
                before: before.to_owned(),
                after: after.to_owned(),
            }],
            kept: vec![],
            warnings: vec![],
            blockers: vec![],
            confirm: None,
            irreversible: false,
        };
        Ok(Proposal { plan, label: None })
    }

    async fn carry_out(
        &self,
        context: &StepContext<'_>,
        _step: &str,
    ) -> Result<StepResult, StepError> {
        context.proven()?;
        let plan = context.request.plan.as_ref();
        let on = plan.is_some_and(|plan| {
            plan.plan
                .impact
                .iter()
                .any(|impact| matches!(impact, Impact::Value { after, .. } if after == "on"))
        });
        let by = &context.request.requester.slack_id;
        switch::set(&context.journal.pool, switch::FREEZE, on, by, context.now).await?;
        let note = if on {
            "frozen: no run that changes something begins another step"
        } else {
            "thawed: what waited goes on"
        };
        Ok(StepResult::from([("note".to_owned(), note.into())]))
    }
}

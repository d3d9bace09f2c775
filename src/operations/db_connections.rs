//! `db connections`: who is connected to the app's database, against what the server allows, now and over the last day.

mod answer;
mod last_day;
pub mod samples;

use async_trait::async_trait;

use super::{Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError};
use crate::{
    domain::{Plan, Risk, answer::Done, event::StepResult, plan::PlannedStep},
    work::Job,
};

const STEP: &str = "look";

static DECLARATION: Declaration = Declaration {
    name: "db connections",
    title: "Look at the database's connections",
    summary: "Counts connections by state, user and application against the limit, with a plot of the last day. \
              What they ask the database is not shown.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[],
    runs_when_frozen: true,
    runbook: "Common Operations 5: Restart Database Connection Pool",
    example: "/ops db connections",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct DbConnections;

#[async_trait]
impl Operation for DbConnections {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn jobs(&self) -> &'static [Job] {
        &[samples::SAMPLE]
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let step = PlannedStep::new(STEP, "Look at the connections of the app's database");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let found = context.systems.app_db.connections().await?;
        let samples = samples::last_day(&context.journal.pool, context.now).await?;
        let here: i64 = found.groups.iter().map(|group| group.count).sum();
        let result = StepResult::from([
            ("connections".to_owned(), here.into()),
            ("on_the_server".to_owned(), found.server.into()),
            ("limit".to_owned(), found.limits.usable().into()),
        ]);
        let answer = last_day::add(answer::of(&found), &samples);
        Ok(Done::answered(result, answer))
    }
}

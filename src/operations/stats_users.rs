//! `stats users`: how many accounts there are, what they are, and how many came each day.

use async_trait::async_trait;

use super::{Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError};
use crate::{
    amounts::signed,
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
    },
    plot::{Plot, Series, Shape},
    systems::{
        Requirement,
        app_db::{ACTIVE_DAYS, UserStats},
    },
};

const STEP: &str = "count";
/// Days between two words below the plot.
const TICK: usize = 7;

static DECLARATION: Declaration = Declaration {
    name: "stats users",
    title: "Count the users",
    summary: "Counts accounts: all, by role, blocked, active, and new ones by day with a plot.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[
        Requirement::Column("user.id"),
        Requirement::Part("user.created_at", "there is no plot by day"),
        Requirement::Part("user.role", "roles are not counted"),
        Requirement::Part("user.is_blocked", "who is blocked is not counted"),
    ],
    runs_when_frozen: true,
    runbook: "Useful Scripts: Count Total Users",
    example: "/ops stats users",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct StatsUsers;

#[async_trait]
impl Operation for StatsUsers {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let step = PlannedStep::new(STEP, "Count the accounts");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let stats = context.app.get().await?.user_stats(context.now).await?;
        let result = StepResult::from([("accounts".to_owned(), stats.total.into())]);
        Ok(Done::answered(result, answer(&stats)))
    }
}

fn answer(stats: &UserStats) -> Answer {
    let mut facts = vec![("Accounts".to_owned(), signed(stats.total))];
    if let Some(blocked) = stats.blocked {
        facts.push(("Blocked".to_owned(), signed(blocked)));
    }
    for (days, count) in ACTIVE_DAYS.iter().zip(stats.active.iter().flatten()) {
        facts.push((
            format!("Took a test in the last {days} days"),
            signed(*count),
        ));
    }
    for (role, count) in stats.roles.iter().flatten() {
        let role = if role.is_empty() { "(none)" } else { role };
        facts.push((format!("Role {role}"), signed(*count)));
    }
    if let Some(new) = &stats.new {
        let sum: i64 = new.iter().map(|(_, count)| count).sum();
        facts.push((format!("New in the last {} days", new.len()), signed(sum)));
    }
    let mut answer = Answer::default().facts(facts);
    if let Some(new) = &stats.new {
        answer = with_plot(answer, new);
    }
    for gap in &stats.missing {
        answer = answer.warning(format!("Not counted: the app lacks {gap}"));
    }
    answer
}

fn with_plot(answer: Answer, new: &[(chrono::NaiveDate, i64)]) -> Answer {
    let values = new.iter().map(|(_, count)| Some(*count as f64));
    let marked = new.iter().enumerate().rev().step_by(TICK);
    let plot = Plot {
        title: "New accounts by day (UTC)".to_owned(),
        shape: Shape::Bars,
        series: vec![Series {
            name: "new accounts".to_owned(),
            values: values.collect(),
        }],
        ticks: marked
            .map(|(i, (day, _))| (i, day.format("%d %b").to_string()))
            .collect(),
        limit: None,
    };
    let most = new.iter().filter(|(_, count)| *count > 0);
    let most = most.max_by_key(|(_, count)| *count);
    let most = most.map_or_else(String::new, |(day, count)| {
        let count = signed(*count);
        format!(", the most, {count}, on {}", day.format("%Y-%m-%d"))
    });
    let alt = format!("New accounts on each of the last {} days{most}.", new.len());
    match plot.png() {
        Ok(png) => answer.picture(alt, &png),
        Err(error) => answer.text(format!("{alt} There is no picture of it: {error}.")),
    }
}

//! `ip list`: the rules of Vercel's firewall about single networks: ours with their requests, and those of others.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    ip_rule::Mark,
    wording::{NOTHING, moment},
};
use crate::{
    domain::{
        Instant, Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
    },
    systems::{Requirement, System, vercel::IpRule},
};

const STEP: &str = "list";

static DECLARATION: Declaration = Declaration {
    name: "ip list",
    title: "List banned IP addresses",
    summary: "The networks that Vercel's firewall has rules for: until when, by which request, and rules of others.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[Requirement::System(System::Vercel)],
    runs_when_frozen: true,
    runbook: "Common Operations 3: Ban User or IP Address",
    example: "/ops ip list",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct IpList;

#[async_trait]
impl Operation for IpList {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let step = PlannedStep::new(STEP, "Read the rules of Vercel's firewall");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let Some(rules) = context.systems.need_vercel()?.ip_rules().await? else {
            let says = "Vercel knows no firewall configuration of the project in VERCEL_PROJECT_ID: either nobody has set one, \
                        or the token in VERCEL_TOKEN does not reach the project, or VERCEL_TEAM_ID is not its team.";
            let result = StepResult::from([("rules".to_owned(), "not known".into())]);
            return Ok(Done::answered(result, Answer::default().warning(says)));
        };
        let (ours, others): (Vec<_>, Vec<_>) = rules
            .iter()
            .map(|rule| (rule, Mark::of(rule)))
            .partition(|(_, mark)| mark.is_some());
        let result = StepResult::from([
            ("by_countersign".to_owned(), ours.len().into()),
            ("by_others".to_owned(), others.len().into()),
        ]);
        let ours: Vec<_> = ours
            .into_iter()
            .filter_map(|(rule, mark)| Some((rule, mark?)))
            .collect();
        let others: Vec<_> = others.into_iter().map(|(rule, _)| rule).collect();
        Ok(Done::answered(result, answer(&ours, &others, context.now)))
    }
}

fn answer(ours: &[(&IpRule, Mark)], others: &[&IpRule], now: Instant) -> Answer {
    let mut answer = Answer::default();
    if ours.is_empty() {
        answer = answer.text("Countersign denies no network.");
    } else {
        let rows = ours.iter().map(|(rule, mark)| {
            let until = mark.until.map_or_else(|| "it is lifted".to_owned(), moment);
            vec![
                rule.ip.clone(),
                rule.action.word().to_owned(),
                until,
                mark.label(),
            ]
        });
        answer = answer.heading("Rules of Countersign").table(
            &["Network", "Action", "Until", "Request"],
            rows.collect(),
            0,
        );
    }
    let overdue = ours
        .iter()
        .filter(|(_, mark)| mark.until.is_some_and(|until| until < now));
    let overdue: Vec<String> = overdue.map(|(_, mark)| mark.label()).collect();
    if !overdue.is_empty() {
        let says = format!(
            "The time of {} is over and its rule is still there.",
            overdue.join(", ")
        );
        answer = answer.warning(says);
    }
    if others.is_empty() {
        return answer.text("There are no rules of others about single networks.");
    }
    let rows = others.iter().map(|rule| {
        let note = match rule.notes.trim() {
            "" => NOTHING.to_owned(),
            note => note.to_owned(),
        };
        vec![
            rule.ip.clone(),
            rule.action.word().to_owned(),
            rule.hostname.clone(),
            note,
        ]
    });
    answer.heading("Rules that Countersign did not make").table(
        &["Network", "Action", "Host", "Note"],
        rows.collect(),
        0,
    )
}

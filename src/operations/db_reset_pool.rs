//! `db reset-pool`: ends connections of the app that nobody uses.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes,
};
use crate::{
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::{Impact, PlannedStep, Terms, Warning},
    },
    systems::{
        Requirement,
        app_db::{Ended, IdlePlan, Mark},
    },
};

/// How long a connection must have been idle. A pool of the app that is in use takes each one up more often.
pub const IDLE_LIMIT: Duration = Duration::minutes(5);

const HOW: &str = "how";
const STEP: &str = "end";

/// Whose idle connections are ended.
#[derive(Serialize, Deserialize)]
struct Rule {
    /// The app's database roles.
    roles: Vec<String>,
}
/// What the runbook does elsewhere, and this version cannot.
const NOT_YET: &[&str] = &["redeploy", "restart"];

static DECLARATION: Declaration = Declaration {
    name: "db reset-pool",
    title: "End idle connections",
    summary: "Ends the app's own connections that have been idle for more than 5 minutes, and no others.",
    risk: Risk::Change,
    arguments: &[Argument::optional(
        HOW,
        "How",
        "idle, which is the default: ends idle connections.",
        Takes::Choice(&["idle"]),
    )
    .refusing(NOT_YET)],
    requires: &[Requirement::Column("user.id")],
    runs_when_frozen: false,
    runbook: "Common Operations 5: Restart Database Connection Pool",
    example: "/ops db reset-pool idle the app is refused connections",
    changes: "Ends connections of the app's own database role that have been idle for long.",
    undo: "There is nothing to undo: the app connects again by itself.",
};

pub(super) struct DbResetPool;

#[async_trait]
impl Operation for DbResetPool {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        if NOT_YET.contains(&context.argument(HOW)) {
            let says = "This version cannot redeploy on Vercel or restart Neon yet: do it in their dashboard. \
                        `/ops db reset-pool idle <reason>` works.";
            return Err(PlanError::Refused(vec![says.to_owned()]));
        }
        let app_db = &context.systems.app_db;
        let found = app_db.idle_connections(context.now - IDLE_LIMIT).await;
        Ok(plan(&found?).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, step: &str) -> Result<Done, StepError> {
        let Rule { roles } = context.terms()?;
        let mark = Mark {
            request_id: context.request_id(),
            step: step.to_owned(),
        };
        let app_db = &context.systems.app_db;
        let before = context.now - IDLE_LIMIT;
        let found = app_db.idle_connections(before).await?;
        if found.roles != roles {
            let says = "the app's database roles are not the ones that were planned: ask again";
            return Err(StepError::Failed(says.to_owned()));
        }
        let ended = app_db.end_idle(&mark, &found, before).await?;
        Ok(done(&ended))
    }
}

fn plan(found: &IdlePlan) -> Plan {
    let roles = found.roles.join(", ");
    let minutes = IDLE_LIMIT.num_minutes();
    let title =
        format!("End connections of {roles} that have been idle for more than {minutes} min");
    let mut plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
    // Nobody approves a number: what is asked for is the rule, which is applied when it is carried out.
    plan.terms = Terms::of(&Rule {
        roles: found.roles.clone(),
    });
    let mut applications: BTreeMap<&str, u64> = BTreeMap::new();
    for idle in &found.idle {
        *applications.entry(&idle.application).or_default() += 1;
    }
    let applications = applications.into_iter();
    plan.impact = applications
        .map(|(application, count)| Impact::Value {
            name: format!("idle connections of {application}"),
            before: count.to_string(),
            after: "0".to_owned(),
        })
        .collect();
    plan.warnings.push(Warning::new(
        "every_client",
        "Every client under these roles counts as the app's, also a tool that somebody left open.",
    ));
    if found.pooled {
        plan.warnings.push(Warning::new(
            "through_pooler",
            "The database is reached through a pooler: what ends are the pooler's connections to the server, and it \
             opens new ones when they are needed.",
        ));
    }
    if !found.left_alone.is_empty() {
        let roles = found.left_alone.join(", ");
        let says = format!(
            "Left alone, as an administrator's connections cannot be told from the app's: {roles}."
        );
        plan.warnings
            .push(Warning::new("roles_left_alone", says).about(roles));
    }
    plan.blockers = blockers(found);
    plan
}

fn blockers(found: &IdlePlan) -> Vec<String> {
    let us = &found.ourselves;
    if found.roles.is_empty() && found.left_alone.is_empty() {
        return vec![
            "no database role that can log in may add accounts: which connections are the app's cannot be told".to_owned(),
        ];
    }
    if found.roles.is_empty() {
        return vec![format!(
            "the accounts' table belongs to {}, a superuser: the app's connections cannot be told from an administrator's. \
             Give the app a role of its own",
            found.left_alone.join(", ")
        )];
    }
    let mut blockers = vec![];
    if !found.unseen.is_empty() {
        blockers.push(format!(
            "the database role {us} may not see what connections of {} do: GRANT pg_monitor TO {us}",
            found.unseen.join(", ")
        ));
    }
    if !found.not_ours_to_end.is_empty() {
        blockers.push(format!(
            "the database role {us} may not end connections of {}: GRANT pg_signal_backend TO {us}",
            found.not_ours_to_end.join(", ")
        ));
    }
    if blockers.is_empty() && found.idle.is_empty() {
        blockers.push(format!(
            "no connection of {} has been idle for more than {} min: there is nothing to end",
            found.roles.join(", "),
            IDLE_LIMIT.num_minutes()
        ));
    }
    blockers
}

fn done(ended: &Ended) -> Done {
    let total: u64 = ended.by_application.values().sum();
    let counts = [
        ("ended", total),
        ("in use again or gone by themselves", ended.spared),
        ("told to end, and still there", ended.late),
    ];
    let told = counts
        .iter()
        .filter(|(name, count)| *count > 0 || *name == "ended");
    let result: StepResult = told
        .map(|(name, count)| ((*name).to_owned(), (*count).into()))
        .collect();
    let rows = ended.by_application.iter();
    let rows = rows.map(|(name, count)| vec![count.to_string(), name.clone()]);
    let answer = Answer::default().table(&["ended", "application"], rows.collect(), 0);
    Done::answered(result, answer)
}

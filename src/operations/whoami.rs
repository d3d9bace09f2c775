//! `whoami`: how Countersign sees the person who asks.

use async_trait::async_trait;

use super::{Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError};
use crate::domain::{
    Person, Plan, Risk, Role,
    answer::{Answer, Done},
    event::StepResult,
    person::{is_email_identity, is_slack_identity},
    plan::PlannedStep,
};

const STEP: &str = "look";

static DECLARATION: Declaration = Declaration {
    name: "whoami",
    title: "Who am I",
    summary: "Says how you are known here: your role, what you may ask for and decide, and your linked accounts.",
    risk: Risk::Read,
    arguments: &[],
    requires: &[],
    runs_when_frozen: true,
    runbook: "The service itself",
    example: "/ops whoami",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct WhoAmI;

#[async_trait]
impl Operation for WhoAmI {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, _context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let step = PlannedStep::new(STEP, "Look you up");
        Ok(Plan::of_steps(vec![step]).into())
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        context.proven()?;
        let person = context.requester().await?;
        let role = role(person.role);
        let result = StepResult::from([("role".to_owned(), role.into())]);
        Ok(Done::answered(result, about(&person, role)))
    }
}

fn role(role: Option<Role>) -> &'static str {
    match role {
        None => "none",
        Some(Role::Viewer) => "viewer",
        Some(Role::Operator) => "operator",
        Some(Role::Admin) => "admin",
    }
}

fn about(person: &Person, role: &str) -> Answer {
    let has_email = person.identities.iter().any(|one| is_email_identity(one));
    let may_ask = match person.role {
        None => "nothing",
        Some(Role::Viewer) => "what only reads",
        Some(Role::Operator) => "what reads and what changes",
        Some(Role::Admin) => "everything; others' requests you may approve, deny and stop",
    };
    let email = if has_email {
        "known to Slack"
    } else {
        "not visible to Countersign"
    };
    let accounts = person
        .identities
        .iter()
        .filter(|one| is_slack_identity(one));
    let accounts = accounts.count();
    let answer = Answer::default()
        .lines(vec![format!("You are <@{}>.", person.slack_id)])
        .facts([
            ("Role", role.to_owned()),
            ("You may ask for", may_ask.to_owned()),
            ("E-mail address", email.to_owned()),
            ("Linked Slack accounts", accounts.to_string()),
        ]);
    match (has_email, accounts) {
        (false, _) => answer.warning(
            "Without a visible e-mail address nobody can tell whether you and somebody else are two persons, so you \
             cannot be the second person of a request.",
        ),
        (true, 0 | 1) => answer,
        (true, _) => answer.text("Several accounts are linked as one person: you cannot countersign for yourself with another of them."),
    }
}

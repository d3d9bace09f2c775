//! `user show`: one account at a glance, for the person who asked alone.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError, subject,
    wording,
};
use crate::{
    amounts,
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
    },
    systems::{
        Requirement,
        app_db::{MissingColumn, Profile},
    },
};

const STEP: &str = "look";

static DECLARATION: Declaration = Declaration {
    name: "user show",
    title: "Show a user",
    summary: "One account: role, credits, blocked, when it was made and last signed in, and how many related rows it has.",
    risk: Risk::Read,
    arguments: &[subject::ARGUMENT],
    requires: &[
        Requirement::Account,
        Requirement::Part("user.role", "no role is shown"),
        Requirement::Part("user.credits", "no credits are shown"),
        Requirement::Part("user.is_blocked", "whether it is blocked is not shown"),
        Requirement::Part("user.created_at", "when it was made is not shown"),
    ],
    runs_when_frozen: false,
    runbook: "Common Operations 4: View User's Recent Activity",
    example: "/ops user show maria@example.com",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct UserShow;

#[async_trait]
impl Operation for UserShow {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let named = context.argument(subject::USER);
        let user = subject::find(context, named).await?;
        let title = "Read the account and count its related rows";
        let plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
        Ok(subject::proposal(context.systems, &user, plan))
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let user = context.approved_user()?;
        let app = context.app.get().await?;
        let profile = app.profile(user).await?;
        let missing = DECLARATION.capability(app).missing;
        let rows: u64 = profile.related.iter().map(|one| one.rows).sum();
        let result = StepResult::from([
            ("tables_counted".to_owned(), profile.related.len().into()),
            ("rows_counted".to_owned(), rows.into()),
        ]);
        Ok(Done::answered(result, answer(&profile, &missing)))
    }
}

fn answer(profile: &Profile, missing: &[MissingColumn]) -> Answer {
    let user = &profile.user;
    let told = |value: Option<String>| value.unwrap_or_else(|| wording::NOTHING.to_owned());
    let blocked = user
        .blocked
        .map(|blocked| if blocked { "yes" } else { "no" });
    let mut answer = Answer::default()
        .heading(format!("Account {}", user.id))
        .facts([
            ("E-mail", told(user.email.clone())),
            ("Name", told(user.name.clone())),
            ("Role", told(user.role.clone())),
            ("Credits", told(user.credits.map(amounts::signed))),
            ("Blocked", told(blocked.map(str::to_owned))),
            ("Created", told(user.created_at.map(wording::moment))),
            ("Last sign-in", wording::last(profile.seen.sign_in)),
        ])
        .heading("Related rows");
    if profile.related.is_empty() {
        answer = answer.text("No row of another table.");
    } else {
        let rows = profile.related.iter();
        let rows = rows.map(|one| vec![one.table.clone(), amounts::count(one.rows)]);
        answer = answer.table(&["Table", "Rows"], rows.collect(), 0);
    }
    for why in &profile.unreadable {
        answer = answer.text(format!("Not counted: {why}"));
    }
    for gap in missing {
        answer = answer.text(format!("Not shown: the app lacks {gap}"));
    }
    answer
}

//! `user activity`: what a person did in the app lately, for the person who asked alone.

use async_trait::async_trait;

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, subject,
    wording::{self, NOTHING, counted},
};
use crate::{
    domain::{
        Plan, Risk,
        answer::{Answer, Done},
        event::StepResult,
        plan::PlannedStep,
    },
    systems::{
        Requirement,
        app_db::{Activity, Latest, MissingColumn, Ticket},
    },
};

const NUMBER: &str = "tests";
const STEP: &str = "look";

/// Tests that are listed when nobody says how many.
const TESTS: u32 = 10;
/// Tests that are listed at most.
const MOST_TESTS: u64 = 50;

static DECLARATION: Declaration = Declaration {
    name: "user activity",
    title: "Show what a user did",
    summary: "The last tests with date, band score and status, the progress in practice, and support tickets.",
    risk: Risk::Read,
    arguments: &[
        subject::ARGUMENT,
        Argument::optional(
            NUMBER,
            "Tests",
            "How many tests to list, at most 50; 10 when left out.",
            Takes::Count {
                least: 1,
                most: MOST_TESTS,
            },
        )
        .shown_as("n"),
    ],
    requires: &[
        Requirement::Account,
        Requirement::Column("test_session.user_id"),
        Requirement::Column("test_session.created_at"),
        Requirement::Part("test_session.band_score", "no band score is shown"),
        Requirement::Part("test_session.status", "no status is shown"),
        Requirement::Part("flashcard_progress", "no flashcard progress is shown"),
        Requirement::Part(
            "pronunciation_progress",
            "no pronunciation progress is shown",
        ),
    ],
    runs_when_frozen: false,
    runbook: "Common Operations 4: View User's Recent Activity",
    example: "/ops user activity maria@example.com 5",
    changes: Declaration::NOTHING,
    undo: Declaration::NOTHING_TO_UNDO,
};

pub(super) struct UserActivity;

#[async_trait]
impl Operation for UserActivity {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let named = context.argument(subject::USER);
        let user = subject::find(context, named).await?;
        let title = "Read the last tests, the progress in practice and the support tickets";
        let plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
        Ok(subject::proposal(context.systems, &user, plan))
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let user = context.approved_user()?;
        let tests = context.argument(NUMBER).parse().unwrap_or(TESTS);
        let app = context.app.get().await?;
        let activity = app.activity(user, tests).await?;
        let missing = DECLARATION.capability(app).missing;
        let result =
            StepResult::from([("tests_listed".to_owned(), activity.tests.rows.len().into())]);
        Ok(Done::answered(result, answer(user, &activity, &missing)))
    }
}

fn answer(user: &str, activity: &Activity, missing: &[MissingColumn]) -> Answer {
    let tests = &activity.tests;
    let rows = tests.rows.iter().map(|test| {
        vec![
            test.at.map_or_else(|| NOTHING.to_owned(), wording::moment),
            test.band.clone().unwrap_or_else(|| NOTHING.to_owned()),
            test.status.clone().unwrap_or_else(|| NOTHING.to_owned()),
        ]
    });
    let taken = counted(tests.total, "test", "tests");
    let told = |rows: Option<u64>| rows.map_or_else(|| NOTHING.to_owned(), |n| n.to_string());
    let mut answer = Answer::default()
        .heading(format!("Account {user}: {taken}"))
        .table(&["Date", "Band", "Status"], rows.collect(), beyond(tests))
        .facts([
            ("Flashcards practised", told(activity.flashcards)),
            ("Sounds practised", told(activity.pronunciation)),
        ]);
    answer = match &activity.tickets {
        Some(tickets) => with_tickets(answer, tickets),
        None => answer.text("Support tickets: the app has no table for them."),
    };
    for gap in missing {
        answer = answer.text(format!("Not shown: the app lacks {gap}"));
    }
    answer
}

fn with_tickets(answer: Answer, tickets: &Latest<Ticket>) -> Answer {
    let written = counted(tickets.total, "support ticket", "support tickets");
    let answer = answer.heading(written);
    if tickets.rows.is_empty() {
        return answer;
    }
    let rows = tickets.rows.iter().map(|ticket| {
        vec![
            ticket
                .at
                .map_or_else(|| NOTHING.to_owned(), wording::moment),
            ticket.status.clone().unwrap_or_else(|| NOTHING.to_owned()),
            ticket.subject.clone().unwrap_or_else(|| NOTHING.to_owned()),
        ]
    });
    answer.table(
        &["Date", "Status", "Subject"],
        rows.collect(),
        beyond(tickets),
    )
}

/// Rows that exist beyond those that are listed.
fn beyond<T>(latest: &Latest<T>) -> u64 {
    latest.total.saturating_sub(latest.rows.len() as u64)
}

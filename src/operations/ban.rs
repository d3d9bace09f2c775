//! What `user ban` and `user unban` share: one flag, the sessions, and the erasure that must not be crossed.

use serde::{Deserialize, Serialize};

use super::{
    PlanContext, PlanError, Proposal, StepContext, StepError,
    erasure::under_way::erasure_under_way, step::read_says, subject,
};
use crate::{
    domain::{
        Plan,
        answer::Done,
        event::StepResult,
        plan::{Impact, PlannedStep, RowAction, Terms, Warning},
    },
    journal::Journal,
    systems::app_db::{AppDbError, SessionRows, Standing},
};

const STEP: &str = "flag";

/// Whether the account is blocked afterwards.
#[derive(Serialize, Deserialize)]
struct Flag {
    blocked: bool,
}

/// Whether the ban is set or lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// The account is banned.
    Ban,
    /// The ban is lifted.
    Unban,
}

pub(super) async fn plan(
    context: &PlanContext<'_>,
    direction: Direction,
) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let user = subject::find(context, context.argument(subject::USER)).await?;
    let app = context.app.get().await?;
    let standing = app.standing(&user.id).await?;
    let refused = |why: String| Err(PlanError::Refused(vec![why]));
    if let Some(why) = forbidden(context.journal, &user.id).await? {
        return refused(why);
    }
    if direction == Direction::Ban {
        app.may_ban(&user.id).await?;
    }
    match direction {
        Direction::Ban if standing.is_admin => {
            return refused(format!(
                "{0} is an admin: demote first, with `/ops user demote {0} <reason>`",
                user.id
            ));
        }
        Direction::Ban if standing.is_blocked => {
            return refused(format!(
                "{0} is blocked already; `/ops sessions revoke {0} <reason>` ends sessions that are left",
                user.id
            ));
        }
        Direction::Unban if !standing.is_blocked => {
            return refused(format!("{} is not blocked", user.id));
        }
        Direction::Ban | Direction::Unban => {}
    }
    let table = &app.mapping.session.table;
    let plan = match direction {
        Direction::Ban => {
            let goes_on = app.session_strategy().await?.goes_on();
            planned_ban(&standing, table, goes_on)
        }
        Direction::Unban => planned(&standing, "Lift the block"),
    };
    Ok(subject::proposal(systems, &user, plan))
}

/// `goes_on` is what is said of sessions that the database does not have.
fn planned_ban(standing: &Standing, table: &str, goes_on: Option<String>) -> Plan {
    let title = match goes_on {
        Some(_) => "Block the account",
        None => "Block the account and end its sessions",
    };
    let mut plan = planned(standing, title);
    plan.warnings
        .extend(goes_on.map(|why| Warning::new("sessions_go_on", says_that_it_goes_on(&why))));
    let SessionRows { live, expired } = standing.sessions.unwrap_or_default();
    if live + expired > 0 {
        let because = match (live, expired) {
            (_, 0) => "whoever is signed in is signed out".to_owned(),
            (0, _) => "all have expired, so nobody is signed out by it".to_owned(),
            _ => format!("{live} of them live: whoever is signed in is signed out"),
        };
        plan.impact.push(Impact::Rows {
            table: table.to_owned(),
            action: RowAction::Deleted,
            rows: live + expired,
            because,
        });
    }
    plan
}

fn says_that_it_goes_on(why: &str) -> String {
    format!("a live session goes on: {why}")
}

fn planned(standing: &Standing, title: &str) -> Plan {
    let mut plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
    plan.terms = Terms::of(&Flag {
        blocked: !standing.is_blocked,
    });
    let word = |blocked: bool| if blocked { "yes" } else { "no" }.to_owned();
    plan.impact = vec![Impact::Value {
        name: "blocked".to_owned(),
        before: word(standing.is_blocked),
        after: word(!standing.is_blocked),
    }];
    plan
}

/// From its approval on, whether the account is blocked is the erasure's business alone: it blocks, and lifts its own block
/// when it is stopped.
async fn forbidden(journal: &Journal, user_id: &str) -> Result<Option<String>, PlanError> {
    let erasure = erasure_under_way(journal, user_id).await?;
    Ok(erasure.as_deref().map(said))
}

fn said(erasure: &str) -> String {
    format!("{erasure} is deleting this account and keeps it blocked: stop it, or wait for its end")
}

pub(super) async fn carry_out(
    context: &StepContext<'_>,
    direction: Direction,
) -> Result<Done, StepError> {
    let user = context.approved_user()?;
    let Flag { blocked } = context.terms()?;
    if blocked != (direction == Direction::Ban) {
        let says = "the plan sets the block the other way round";
        return Err(StepError::Failed(says.to_owned()));
    }
    let app = context.app.get().await?;
    let mark = subject::mark(context, STEP);
    // Lazy: it is asked under the lock on the account's row.
    let forbidden = async {
        let erasure = erasure_under_way(context.journal, user).await;
        let erasure = erasure.map_err(|error| AppDbError::Unavailable(read_says(&error)))?;
        Ok(erasure.as_deref().map(said))
    };
    let result = match direction {
        Direction::Ban => {
            let done = app.ban(&mark, user, forbidden).await?;
            let mut result = StepResult::from([
                (
                    "blocked".to_owned(),
                    "the account is blocked, as far as the app looks at the flag when somebody signs in".into(),
                ),
                ("sessions_ended".to_owned(), done.sessions_ended.into()),
            ]);
            if let Some(why) = done.sessions_note {
                result.insert("note".to_owned(), says_that_it_goes_on(&why).into());
            }
            result
        }
        Direction::Unban => {
            app.unban(&mark, user, forbidden).await?;
            let says =
                "the block is lifted; ended sessions stay ended, so the person has to sign in anew";
            StepResult::from([("note".to_owned(), says.into())])
        }
    };
    Ok(result.into())
}

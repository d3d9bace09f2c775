//! What `user promote` and `user demote` share: one value of one row, and what it does not reach.

use serde::{Deserialize, Serialize};

use super::{PlanContext, PlanError, Proposal, StepContext, StepError, subject};
use crate::{
    domain::{
        Plan,
        answer::Done,
        event::StepResult,
        plan::{Impact, PlannedStep, Terms, Warning},
    },
    systems::app_db::{AppDbError, NO_ROLE, RoleChange, SessionStrategy, Snapshot},
};

const STEP: &str = "role";

/// The roles as they were approved.
#[derive(Serialize, Deserialize)]
struct Roles {
    from: String,
    to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// The account becomes an admin.
    Promote,
    /// The admin becomes an ordinary account.
    Demote,
}

pub(super) async fn plan(
    context: &PlanContext<'_>,
    direction: Direction,
) -> Result<Proposal, PlanError> {
    let systems = context.systems;
    let user = subject::find(context, context.argument(subject::USER)).await?;
    let app = context.app.get().await?;
    let names = &app.mapping.user;
    let from = user.role.as_deref().unwrap_or(NO_ROLE);
    let refused = |why: String| Err(PlanError::Refused(vec![why]));
    let admin = &names.admin_role;
    let becomes_admin = direction == Direction::Promote;
    let to = app.role_after(&user, becomes_admin).await?;
    match direction {
        Direction::Promote if user.is_admin == Some(true) => {
            return refused(format!("{} is {admin} already", user.id));
        }
        Direction::Demote if user.is_admin != Some(true) => {
            return refused(format!("{} is not {admin}: the role is {from}", user.id));
        }
        Direction::Promote | Direction::Demote => {}
    }
    let title = format!("Set the role to {to}");
    let mut plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
    plan.impact = vec![Impact::Value {
        name: "role".to_owned(),
        before: from.to_owned(),
        after: to.clone(),
    }];
    let from = from.to_owned();
    plan.terms = Terms::of(&Roles { from, to });
    let sessions = live_sessions(app, &user.id).await?;
    plan.warnings
        .push(Warning::new("sessions_keep_role", sessions));
    if direction == Direction::Promote && user.blocked == Some(true) {
        let says = "the account is blocked, and stays so";
        plan.warnings.push(Warning::new("account_blocked", says));
    }
    if direction == Direction::Demote && app.is_last_admin(&user.id).await? {
        plan.blockers
            .push("this is the last admin who can act: promote somebody else first".to_owned());
    }
    Ok(subject::proposal(systems, &user, plan))
}

/// What a change of the row does not reach.
async fn live_sessions(app: &Snapshot, user_id: &str) -> Result<String, AppDbError> {
    Ok(match app.session_strategy().await? {
        SessionStrategy::Jwt { why } => {
            format!("a live session keeps the old role until the person signs in anew: {why}")
        }
        SessionStrategy::Database { .. } | SessionStrategy::None => format!(
            "what the app remembers of a live session may keep the old role: `/ops sessions revoke {user_id} <reason>` ends the account's sessions"
        ),
    })
}

/// Carries out what was approved: the roles are the plan's.
pub(super) async fn carry_out(context: &StepContext<'_>) -> Result<Done, StepError> {
    let user_id = context.approved_user()?;
    let Roles { from, to } = context.terms()?;
    let change = RoleChange {
        user_id,
        from: &from,
        to: &to,
    };
    let app = context.app.get().await?;
    app.change_role(&subject::mark(context, STEP), change)
        .await?;
    let sessions = live_sessions(app, user_id).await?;
    Ok(StepResult::from([
        ("role".to_owned(), format!("{from} → {to}").into()),
        ("note".to_owned(), sessions.into()),
    ])
    .into())
}

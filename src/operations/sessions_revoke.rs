//! `sessions revoke`: signs everybody out, or one person, where the app keeps sessions in its database.
//!
//! An app that signs people in with JWT cookies has nothing to delete that would end a session. Then this refuses and
//! says what does: it never reports a revocation that is none.

mod plan;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    Argument, Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError,
    Takes, drift, subject,
};
use crate::{
    domain::{Plan, Risk, answer::Done, event::StepResult},
    systems::{
        Requirement,
        app_db::{Mark, Whose},
    },
};

/// The word that means everybody. It is what the approver types as well.
const ALL: &str = "all";

const STEP: &str = "revoke";

/// Whose sessions are revoked: everybody's, or the subject's.
#[derive(Serialize, Deserialize)]
struct Scope {
    everybody: bool,
}

static DECLARATION: Declaration = Declaration {
    name: "sessions revoke",
    title: "Revoke sessions",
    summary: "Signs one person out, or with `all` everybody, admins included. Where the app uses JWT cookies it refuses and says what ends these.",
    risk: Risk::Destructive,
    arguments: &[Argument::required(
        subject::USER,
        "User, or all",
        "`all` for everybody; else the e-mail address, in the same letter case, or the app's user id.",
        Takes::User,
    )
    .shown_as("user|all")],
    requires: &[Requirement::Column("user.id"), Requirement::Part("session.user_id", "sessions are not in the database: only rotating NEXTAUTH_SECRET ends them")],
    runs_when_frozen: false,
    runbook: "Emergency Procedures: Data Breach Response",
    example: "/ops sessions revoke all session tokens were leaked",
    changes: "Deletes the sessions of one person, or of everybody.",
    undo: "It cannot be undone: people have to sign in again.",
};

pub(super) struct SessionsRevoke;

#[async_trait]
impl Operation for SessionsRevoke {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        plan::plan(context, context.argument(subject::USER)).await
    }

    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let whose = whose(context)?;
        let mark = Mark {
            request_id: context.request_id(),
            step: STEP.to_owned(),
        };
        let app = context.app.get().await?;
        let revoked = app.revoke_sessions(&mark, whose).await?;
        let mut result = StepResult::from([
            ("sessions_ended".to_owned(), revoked.live.into()),
            ("people_signed_out".to_owned(), revoked.people.into()),
        ]);
        let expired = revoked.rows - revoked.live;
        if expired > 0 {
            result.insert("expired_rows_deleted".to_owned(), expired.into());
        }
        if revoked.live == 0 {
            let says = "no session was live any more, so nobody was signed out";
            result.insert("note".to_owned(), says.into());
        }
        Ok(result.into())
    }

    /// More sessions than were approved are no reason to ask again: whoever has a stolen password could sign in often
    /// enough to keep the approval from ever taking effect.
    fn drift(&self, approved: &Plan, now: &Plan) -> Vec<String> {
        let now = Plan {
            impact: approved.impact.clone(),
            ..now.clone()
        };
        drift::beyond_tolerance(approved, &now)
    }
}

/// Whose sessions were approved. What the approver typed must say the same.
fn whose<'a>(context: &'a StepContext<'_>) -> Result<Whose<'a>, StepError> {
    let Scope { everybody } = context.terms()?;
    let plan = context.request.plan.as_ref().map(|plan| &plan.plan);
    let typed = plan.and_then(|plan| plan.confirm.as_deref());
    let subject = plan.and_then(|plan| plan.subject.as_ref());
    match (everybody, subject, typed) {
        (true, None, Some(ALL)) => Ok(Whose::All),
        (false, Some(subject), Some(typed)) if typed == subject.user_id && !typed.is_empty() => {
            Ok(Whose::Of(typed))
        }
        _ => Err(StepError::Failed(
            "the plan says neither `all` nor one account".to_owned(),
        )),
    }
}

//! `admins keep`: puts the decision on record that an admin stays one. Nothing is changed in the app.

use async_trait::async_trait;

use super::{
    Declaration, Operation, PlanContext, PlanError, Proposal, StepContext, StepError, subject,
};
use crate::{
    domain::{Plan, Risk, answer::Done, event::StepResult, plan::PlannedStep},
    systems::{
        Requirement,
        app_db::{AppUser, FindError, Mapping, NO_ROLE, UserRef},
    },
};

const STEP: &str = "record";

static DECLARATION: Declaration = Declaration {
    name: "admins keep",
    title: "Keep an admin",
    summary: "Puts on record that an admin of the app is still needed as one. Changes nothing.",
    risk: Risk::Change,
    arguments: &[subject::ARGUMENT],
    requires: &[Requirement::Account, Requirement::Column("user.role")],
    runs_when_frozen: false,
    runbook: "Security Checklist",
    example: "/ops admins keep ben@example.com still on the team",
    changes: "Nothing in the app: the decision is put on record.",
    undo: "There is nothing to undo; `/ops user demote` removes the role.",
};

pub(super) struct AdminsKeep;

#[async_trait]
impl Operation for AdminsKeep {
    fn declaration(&self) -> &Declaration {
        &DECLARATION
    }

    fn may_repeat(&self) -> bool {
        true
    }

    async fn plan(&self, context: &PlanContext<'_>) -> Result<Proposal, PlanError> {
        let named = context.argument(subject::USER);
        let user = subject::find(context, named).await?;
        if let Some(why) = no_admin(&user, context.systems.app_db.mapping()) {
            return Err(PlanError::Refused(vec![why]));
        }
        let title = "Put on record that the account stays an admin";
        let plan = Plan::of_steps(vec![PlannedStep::new(STEP, title)]);
        Ok(subject::proposal(context.systems, &user, plan))
    }

    /// The entry in the journal that follows is the effect. It is made only of somebody who is an admin still.
    async fn carry_out(&self, context: &StepContext<'_>, _step: &str) -> Result<Done, StepError> {
        let app = context.app.get().await?;
        let id = UserRef::Id(context.approved_user()?.to_owned());
        let user = match app.find_user(&id).await {
            Ok(user) => user,
            Err(FindError::Db(error)) => return Err(error.into()),
            Err(gone) => return Err(StepError::Failed(gone.to_string())),
        };
        if let Some(why) = no_admin(&user, &app.mapping) {
            return Err(StepError::Failed(why));
        }
        let note = "stays an admin; nothing was changed in the app";
        Ok(StepResult::from([("note".to_owned(), note.into())]).into())
    }
}

fn no_admin(user: &AppUser, mapping: &Mapping) -> Option<String> {
    let admin = &mapping.user.admin_role;
    let role = user.role.as_deref().unwrap_or(NO_ROLE);
    (user.is_admin != Some(true)).then(|| format!("{} is not {admin}: the role is {role}", user.id))
}

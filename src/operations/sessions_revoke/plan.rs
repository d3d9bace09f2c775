//! What a revocation would end, and when it would end nothing.

use super::{ALL, STEP, Scope};
use crate::{
    domain::{
        Plan,
        plan::{Impact, PlannedStep, RowAction, Terms, Warning},
    },
    operations::{PlanContext, PlanError, Proposal, subject},
    systems::app_db::{FindError, LiveSessions, SessionStrategy, Snapshot, UserRef, Whose},
};

pub(super) async fn plan(context: &PlanContext<'_>, named: &str) -> Result<Proposal, PlanError> {
    let app = context.app.get().await?;
    if named.eq_ignore_ascii_case(ALL) {
        refuse_account_called_all(app, named).await?;
        let plan = planned(app, Whose::All).await?;
        return Ok(plan.into());
    }
    let user = subject::find(context, named).await?;
    if user.id.eq_ignore_ascii_case(ALL) {
        return Err(ambiguous(&user.id));
    }
    let plan = planned(app, Whose::Of(&user.id)).await?;
    Ok(subject::proposal(context.systems, &user, plan))
}

/// Nobody can tell an account of that id or name from everybody, least of all whoever types it to confirm.
async fn refuse_account_called_all(app: &Snapshot, named: &str) -> Result<(), PlanError> {
    match app.find_user(&UserRef::parse(named)).await {
        Ok(user) => Err(ambiguous(&user.id)),
        Err(FindError::Db(error)) => Err(error.into()),
        Err(FindError::Several(_)) => Err(ambiguous(named)),
        Err(FindError::NotFound) => Ok(()),
    }
}

fn ambiguous(id: &str) -> PlanError {
    PlanError::Refused(vec![format!(
        "an account is called `{id}`, and `{ALL}` means everybody: this cannot be told apart"
    )])
}

async fn planned(app: &Snapshot, whose: Whose<'_>) -> Result<Plan, PlanError> {
    match app.session_strategy().await? {
        SessionStrategy::Database { .. } => {}
        SessionStrategy::Jwt { why } => {
            return Err(PlanError::Refused(vec![why, instead(whose)]));
        }
        SessionStrategy::None => {
            let says = "there are no accounts, so nobody is signed in";
            return Err(PlanError::Refused(vec![says.to_owned()]));
        }
    }
    let Some(found) = app.live_sessions(whose).await? else {
        let says = "the table of sessions went away a moment ago";
        return Err(PlanError::Unavailable(says.to_owned()));
    };
    if found.live == 0 {
        return Err(PlanError::Refused(vec![
            nothing_live(&found, whose),
            instead(whose),
        ]));
    }
    let title = match whose {
        Whose::All => "Delete every session: everybody is signed out".to_owned(),
        Whose::Of(id) => format!("Delete every session of {id}"),
    };
    let mut plan = Plan::of_steps(vec![PlannedStep::irreversible(STEP, title)]);
    plan.irreversible = true;
    plan.confirm = Some(match whose {
        Whose::All => ALL.to_owned(),
        Whose::Of(id) => id.to_owned(),
    });
    plan.terms = Terms::of(&Scope {
        everybody: whose == Whose::All,
    });
    plan.impact = vec![Impact::Rows {
        table: found.table.clone(),
        action: RowAction::Deleted,
        rows: (found.live + found.expired).unsigned_abs(),
        because: format!("{} have not expired, {} have", found.live, found.expired),
    }];
    warn(&mut plan, &found, whose);
    Ok(plan)
}

/// Said of what has no live rows at all.
fn nothing_live(found: &LiveSessions, whose: Whose<'_>) -> String {
    let table = &found.table;
    match whose {
        Whose::All => format!(
            "every row of {table} has expired: nobody is signed in through one. Whoever is signed in all the same is so by a JWT cookie, which no row ends"
        ),
        Whose::Of(id) => format!(
            "{id} has no live session in {table}: signed out already, or signed in by a JWT cookie, which no row ends"
        ),
    }
}

/// What ends sessions that live in cookies.
fn instead(whose: Whose<'_>) -> String {
    let rotation = "a new NEXTAUTH_SECRET in Vercel and a redeployment end everybody's sessions; old deployments keep the old secret";
    match whose {
        Whose::All => rotation.to_owned(),
        Whose::Of(_) => format!(
            "blocking the account ends its sessions only if the app looks at the block with every request; {rotation}"
        ),
    }
}

fn warn(plan: &mut Plan, found: &LiveSessions, whose: Whose<'_>) {
    if whose == Whose::All {
        let admins = match found.admins {
            Some(admins) => format!("{admins} of them admins"),
            None => "admins included".to_owned(),
        };
        let says = format!(
            "everybody is signed out, the admins too: {} people with {} live sessions, {admins}",
            found.people, found.live
        );
        plan.warnings.push(Warning::new("everybody", says));
    }
    if found.without > 0 {
        let (without, table) = (found.without, &found.table);
        let says = match whose {
            Whose::All => format!(
                "{without} accounts have no session in {table}: they are signed out, or the app signs people in with JWT cookies too, which this does not end"
            ),
            Whose::Of(_) => format!(
                "accounts without a session row: {without}, so the app may use JWT cookies too, which this does not end"
            ),
        };
        plan.warnings
            .push(Warning::new("accounts_without_sessions", says));
    }
    if !found.related.is_empty() {
        let keys = found.related.join("; ");
        let says = format!(
            "other rows point to sessions ({keys}): CASCADE deletes them too, RESTRICT and NO ACTION forbid the deletion"
        );
        plan.warnings
            .push(Warning::new("rows_point_to_sessions", says).about(keys));
    }
    if !found.may_delete {
        plan.blockers.push(format!(
            "the database role of DATABASE_URL may not delete from {}",
            found.table
        ));
    }
}

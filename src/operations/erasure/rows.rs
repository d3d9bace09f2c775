//! The account and its rows: blocked, erased, looked for again.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{case::Case, files, ledger, step, work};
use crate::{
    domain::{Event, event::StepResult, person::email_identity},
    journal::Recorded,
    operations::{
        StepContext, StepError,
        named_files::{is_known, prefix},
    },
    systems::app_db::{
        ADDRESS_IN_USE, AppDbError, Blocked, EmailCheck, ErasedRows, FileCheck, Left, LiftOutcome,
        Mark, Planned, UserRef,
    },
};

/// The name of the markers of sweeps.
const SWEEP: &str = "sweep";

pub(super) async fn block(case: &Case<'_>) -> Result<StepResult, StepError> {
    let mark = case.mark(step::BLOCK);
    let app = case.context.app.get().await?;
    let done = app.block(&mark, case.user).await;
    let done = match done {
        Err(error @ AppDbError::LastAdmin) => {
            return Err(StepError::Refused(format!("{}: {error}", case.user)));
        }
        done => done?,
    };
    let blocked = match done.blocked {
        Blocked::Done => "the account is blocked".to_owned(),
        Blocked::AlreadyBlocked => "the account was blocked already".to_owned(),
        Blocked::Forestalled => "the block came after it had been lifted, and was left".to_owned(),
        Blocked::NoColumn { prisma } => {
            format!("the app cannot block accounts; it would need `{prisma}`")
        }
    };
    let mut result = StepResult::from([
        ("blocked".to_owned(), blocked.into()),
        ("sessions_ended".to_owned(), done.sessions_ended.into()),
    ]);
    if let Some(note) = done.sessions_note {
        result.insert("note".to_owned(), note.into());
    }
    Ok(result)
}

/// The block of the round that was approved. After a supersession the plan is a new round already, and what
/// is lifted is the round before it.
pub(super) async fn lift_block(case: &Case<'_>) -> Result<StepResult, StepError> {
    let round = case.context.held_round();
    let lift = case.mark_of_round("lift", round);
    let blocked_by = case.mark_of_round(step::BLOCK, round);
    let app = case.context.app.get().await?;
    let lifted = app.lift_block(&lift, &blocked_by, case.user).await?;
    let note = match lifted {
        LiftOutcome::Lifted => "the block is lifted; ended sessions stay ended",
        LiftOutcome::WasBlockedBefore => "the account had been blocked before, and stays so",
        LiftOutcome::NothingToLift => "there was no block to lift",
        LiftOutcome::NoSuchUser => "the account is not there any more",
    };
    Ok(StepResult::from([("note".to_owned(), note.into())]))
}

pub(super) async fn erase(case: &Case<'_>) -> Result<StepResult, StepError> {
    let (context, user) = (case.context, case.user);
    let mark = case.mark(step::ROWS);
    let key = context.systems.key.bytes();
    let identity = |email: Option<&str>| email.map(|email| email_identity(key, email));
    let planned = planned_identity(case, &identity).await?;
    let is_planned = |email: Option<&str>| identity(email) == planned;
    let email = EmailCheck::Matches(&is_planned);
    ledger::rows_may_go(context).await?;
    let mut erased = erase_once(case, &mark, email, &BTreeSet::new()).await?;
    if let Err(AppDbError::NewFiles(_)) = &erased {
        // The rows are the only index of these files: they are written down before the rows are tried again. What a value
        // means that nothing in the bucket fits cannot be written down, so the values themselves count for this try.
        let seen = files::write_down_named(context, user).await?;
        erased = erase_once(case, &mark, email, &seen).await?;
    }
    let erased = match erased {
        Ok(erased) => erased,
        Err(new @ AppDbError::NewFiles(_)) => return Err(StepError::Retry(new.to_string())),
        Err(error) => {
            if !error.is_retryable() && nothing_went(case, &mark).await {
                ledger::rows_are_there(context).await?;
            }
            return Err(error.into());
        }
    };
    ledger::rows_are_gone(context).await?;
    let mut result = StepResult::from([
        ("rows".to_owned(), erased.total_deleted().into()),
        ("tables".to_owned(), json!(erased.deleted)),
    ]);
    let mut note = |name: &str, rows: &BTreeMap<String, i64>| {
        if !rows.is_empty() {
            result.insert(name.to_owned(), json!(rows));
        }
    };
    note("rows_kept", &erased.kept);
    note("rows_unlinked", &erased.unlinked);
    Ok(result)
}

/// Tries to erase the rows when every file that they name is written down, or is named by one of the values `seen`.
async fn erase_once(
    case: &Case<'_>,
    mark: &Mark,
    email: EmailCheck<'_>,
    seen: &BTreeSet<String>,
) -> Result<Result<ErasedRows, AppDbError>, StepError> {
    let systems = case.context.systems;
    let prefix = prefix(systems, case.user)?;
    let keys = files::known_keys(case.context).await?;
    let is_known =
        |value: &str| seen.contains(value) || is_known(&systems.files, &prefix, &keys, value);
    let planned = Planned {
        email,
        files: FileCheck::AllKnown(&is_known),
    };
    Ok(systems.app_db.erase(mark, case.user, planned).await)
}

/// Whether it is certain that no try erased anything: the account is there, and the marker is not.
async fn nothing_went(case: &Case<'_>, mark: &Mark) -> bool {
    let context = case.context;
    let marked = context.systems.app_db.applied::<ErasedRows>(mark).await;
    let Ok(app) = context.app.get().await else {
        return false;
    };
    let account = UserRef::Id(case.user.to_owned());
    matches!(marked, Ok(None)) && app.find_user(&account).await.is_ok()
}

/// Whose account it must be. A plan about several names none of them: then it is the one whose address was noted when its
/// list of files was made.
async fn planned_identity(
    case: &Case<'_>,
    identity: &(dyn Fn(Option<&str>) -> Option<String> + Sync),
) -> Result<Option<String>, StepError> {
    let planned = case.context.request.plan.as_ref();
    match planned.and_then(|plan| plan.plan.subject.clone()) {
        Some(subject) => Ok(subject.email_identity),
        None => Ok(identity(work::email(case.context).await?.as_deref())),
    }
}

/// Erases what the app wrote about the person after the rows were gone, with a marker for every try. Gives the rows of
/// all tries.
pub(super) async fn sweep(case: &Case<'_>) -> Result<i64, StepError> {
    let (context, user) = (case.context, case.user);
    let app_db = &context.systems.app_db;
    let tries = tries(context.events, &case.step(step::VERIFY));
    let marks: Vec<Mark> = (1..=tries)
        .map(|number| {
            let mark = case.mark(SWEEP);
            let step = format!("{}/{number}", mark.step);
            Mark { step, ..mark }
        })
        .collect();
    if let (Some(mark), false) = (
        marks.last(),
        left(context, user).await?.unexplained.is_empty(),
    ) {
        let email = work::email(context).await?;
        app_db.erase_late(mark, user, email.as_deref()).await?;
    }
    let mut swept = 0;
    for mark in &marks {
        let erased: Option<ErasedRows> = app_db.applied(mark).await?;
        swept += erased.map_or(0, |erased| erased.total());
    }
    Ok(swept)
}

/// Rows that still name the person although they should be gone.
pub(super) struct Remains {
    /// Without a reason to: `3 in Letter.email`.
    pub unexplained: Vec<String>,
    /// Those that an account may have written which was made since and has the address.
    pub of_new_account: i64,
}

/// Looks for rows that still name the person, in the schema as it is by now: listing files takes its time.
pub(super) async fn left(context: &StepContext<'_>, user: &str) -> Result<Remains, StepError> {
    let email = work::email(context).await?;
    let app = context.systems.app_db.open().await?;
    let remaining = app.remaining(user, email.as_deref()).await?;
    let unexplained = remaining
        .iter()
        .filter(|one| one.kept.is_none() && one.rows > 0)
        .map(|one| format!("{} in {}.{}", one.rows, one.table, one.column));
    let of_new_account = remaining
        .iter()
        .filter(|one| one.kept.as_deref() == Some(ADDRESS_IN_USE))
        .map(|one| one.rows);
    Ok(Remains {
        unexplained: unexplained.collect(),
        of_new_account: of_new_account.sum(),
    })
}

/// What names the person and stays, searched for once more now that nothing else is left: rows by column, and the tables
/// that could not be searched.
pub(super) async fn stay(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    let email = work::email(context).await?;
    let app = context.systems.app_db.open().await?;
    let (counted, unsearched): (Vec<Left>, Vec<Left>) = app
        .traces(user, email.as_deref())
        .await?
        .into_iter()
        .partition(|one| one.rows.is_some());
    let mut result = StepResult::new();
    if !counted.is_empty() {
        let by_column: BTreeMap<&str, Option<u64>> = counted
            .iter()
            .map(|one| (one.place.as_str(), one.rows))
            .collect();
        result.insert("rows_that_stay".to_owned(), json!(by_column));
    }
    if !unsearched.is_empty() {
        let tables: Vec<&str> = unsearched.iter().map(|one| one.place.as_str()).collect();
        result.insert("not_searched".to_owned(), json!(tables));
    }
    Ok(result)
}

/// How often a step was begun in these events.
pub(super) fn tries(events: &[Recorded], step: &str) -> usize {
    let begun = |recorded: &&Recorded| matches!(&recorded.event, Event::StepStarted { step: begun, .. } if begun == step);
    events.iter().filter(begun).count()
}

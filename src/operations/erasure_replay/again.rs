//! Looks once more, right before an account is touched: between the plan and its turn lie minutes, or days when an earlier
//! account takes long, and the id may be somebody else's by then.

use super::{
    record,
    search::{Verdict, verdict_on},
};
use crate::{
    operations::{
        StepError,
        erasure::{LOOK_AGAIN, case::Case, step, under_way::deletion_that_blocked},
    },
    systems::app_db::ErasedRows,
};

/// The steps before which it is looked.
const CHECKED: [&str; 3] = [step::BLOCK, step::COLLECT, step::ROWS];

/// Fails unless the account is still one that was erased before.
///
/// # Errors
/// [`StepError::Failed`] when it is not, or when that cannot be told any more.
pub(super) async fn look(case: &Case<'_>, name: &str) -> Result<(), StepError> {
    if !CHECKED.contains(&name) {
        return Ok(());
    }
    let systems = case.context.systems;
    if name == step::BLOCK {
        let_deletion_end(case).await?;
    }
    // After a crash the rows may be gone: then there is nothing left to look at, and nothing to erase.
    if name == step::ROWS {
        let done: Option<ErasedRows> = systems.app_db.applied(&case.mark(name)).await?;
        if done.is_some() {
            return Ok(());
        }
    }
    let record = record::read(systems, case.context.journal).await?;
    let user = case.user;
    let app = case.context.app.get().await?;
    let found = verdict_on(app, systems, &record, user).await?;
    let why = match found {
        Some(one) => match one.verdict {
            Verdict::CameBack | Verdict::CameBackOtherAddress => return Ok(()),
            Verdict::IdUsedAgain => format!(
                "it was made after {} erased the account of this id",
                one.erased.deletion
            ),
            Verdict::Unclear | Verdict::InDoubt | Verdict::AddressAlone => format!(
                "whether it is the account that {} erased cannot be told any more",
                one.erased.deletion
            ),
        },
        None => "it is gone, or no erasure of it is on record any more".to_owned(),
    };
    Err(StepError::Failed(format!(
        "{user} was left as it is: {why}. Settle this request, and ask for another replay"
    )))
}

/// A deletion that was approved since the replay was planned may hold the account already, and lifts its block when it is
/// stopped.
async fn let_deletion_end(case: &Case<'_>) -> Result<(), StepError> {
    match deletion_that_blocked(case.context.journal, case.user).await? {
        Some(deletion) => Err(StepError::Wait {
            why: format!(
                "{deletion} keeps {} blocked: its end is waited for",
                case.user
            ),
            again: LOOK_AGAIN,
        }),
        None => Ok(()),
    }
}

//! The ledger of erasures, which outlives them, and what is forgotten at their end.

use super::case::Case;
use crate::{
    audit_key::AuditKey,
    domain::{Instant, event::StepResult},
    journal::{
        Store, private_data,
        sealed::{self, ErasureEntry, ErasureSubject, SealedRow},
    },
    operations::{StepContext, StepError, wording::counted},
};

/// The entry holds no personal data: the id and a keyed hash of the address. `erasure replay` reads it after a
/// backup was restored. A plan that was approved anew names the person as they are now.
pub(in crate::operations) async fn enter(
    context: &StepContext<'_>,
    user: &str,
) -> Result<StepResult, StepError> {
    let plan = context.request.plan.as_ref();
    let identity = plan.and_then(|plan| plan.plan.subject.as_ref()?.email_identity.clone());
    let entry = ErasureEntry {
        request_id: context.request_id(),
        user_id: user.to_owned(),
        email_identity: identity,
    };
    sqlx::query!(
        r#"insert into countersign.erasure_ledger as l (request_id, user_id, email_identity, entered_at, mac)
           values ($1, $2, $3, $4, $5)
           on conflict (request_id) do update
               set user_id = excluded.user_id, email_identity = excluded.email_identity, entered_at = excluded.entered_at,
                   mac = excluded.mac
               where l.erased_at is null"#,
        context.request_id(),
        user,
        entry.email_identity,
        context.now,
        entry.mac(&context.journal.key)
    )
    .execute(&context.journal.pool)
    .await?;
    let note = "on record before anything is lost, without personal data";
    Ok(StepResult::from([("note".to_owned(), note.into())]))
}

/// From here on the rows may be gone, also when no answer ever comes. A replay has no entry of its own.
pub(super) async fn rows_may_go(context: &StepContext<'_>) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.erasure_ledger set begun_at = coalesce(begun_at, $2) where request_id = $1",
        context.request_id(),
        context.now
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// The rows did not go after all: that is certain.
pub(super) async fn rows_are_there(context: &StepContext<'_>) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.erasure_ledger set begun_at = null where request_id = $1 and erased_at is null",
        context.request_id()
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// The entry counts from now on: the rows are gone. Setting it again changes nothing.
pub(super) async fn rows_are_gone(context: &StepContext<'_>) -> Result<(), StepError> {
    sqlx::query!(
        "update countersign.erasure_ledger set erased_at = coalesce(erased_at, $2) where request_id = $1",
        context.request_id(),
        context.now
    )
    .execute(&context.journal.pool)
    .await?;
    Ok(())
}

/// The earliest time at which the rows can have gone; `None` for what has no entry, as a replay.
pub(super) async fn rows_may_have_gone(
    context: &StepContext<'_>,
) -> Result<Option<Instant>, StepError> {
    let at = sqlx::query_scalar!(
        r#"select coalesce(begun_at, erased_at) from countersign.erasure_ledger
           where request_id = $1 and erased_at is not null"#,
        context.request_id()
    )
    .fetch_optional(&context.journal.pool)
    .await?;
    Ok(at.flatten())
}

/// Erases what people could still read about the person: work lists, and every text beside the journal. The
/// cards are redrawn without them.
pub(super) async fn forget(case: &Case<'_>) -> Result<StepResult, StepError> {
    let (context, user) = (case.context, case.user);
    let pool = &context.journal.pool;
    let id = context.request_id();
    for list in [
        sqlx::query!(
            "delete from countersign.erasure_object where request_id = $1",
            id
        ),
        sqlx::query!(
            "delete from countersign.erasure_key where request_id = $1",
            id
        ),
    ] {
        list.execute(pool).await?;
    }
    let key = &context.journal.key;
    let redrawn = forget_subject(pool, key, id, user, context.now).await?;
    let requests = counted(redrawn as u64, "request", "requests");
    let note = format!("the cards of {requests} are redrawn");
    Ok(StepResult::from([("note".to_owned(), note.into())]))
}

/// Once per erasure: an account of the same id that comes back with a backup is read about anew.
pub(in crate::operations) async fn forget_subject(
    pool: &Store,
    key: &AuditKey,
    request: uuid::Uuid,
    user: &str,
    now: Instant,
) -> Result<usize, sqlx::Error> {
    let subjects = sealed::select::<ErasureSubject>(pool, "request_id = $1", request).await?;
    let changed =
        || sqlx::Error::Decode("the address to forget was changed outside Countersign".into());
    let subject = subjects.into_iter().next();
    let subject = subject.map(|row| row.open(key).ok_or_else(changed));
    let email = subject.transpose()?.and_then(|row| row.email);
    let redrawn = private_data::erase_subject(pool, user, email.as_deref(), now).await?;
    // The address is needed for that, so it goes last: a second try after a crash finds the same cards.
    sqlx::query!(
        "delete from countersign.erasure_subject where request_id = $1",
        request
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "update countersign.erasure_ledger set forgotten_at = $2 where request_id = $1",
        request,
        now
    )
    .execute(pool)
    .await?;
    Ok(redrawn)
}

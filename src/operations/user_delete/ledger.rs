//! The ledger of erasures, which outlives them, and what is forgotten when they end.

use sqlx::PgPool;

use crate::{
    domain::{Instant, event::StepResult},
    journal::particulars,
    operations::{StepContext, StepError},
};

/// The entry holds no personal data: the id and a keyed hash of the address. `erasure replay` reads it after a
/// backup was restored.
pub(super) async fn enter(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
    let plan = context.request.plan.as_ref();
    let identity = plan.and_then(|plan| plan.plan.subject.as_ref()?.email_identity.clone());
    sqlx::query!(
        r#"insert into countersign.erasure_ledger (request_id, user_id, email_identity, entered_at)
           values ($1, $2, $3, $4) on conflict (request_id) do nothing"#,
        context.request_id(),
        user,
        identity,
        context.now
    )
    .execute(&context.journal.pool)
    .await?;
    let note = "on record before anything is lost, without personal data";
    Ok(StepResult::from([("note".to_owned(), note.into())]))
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

/// Erases what people could still read about the person: work lists, and every text beside the journal. The
/// cards are redrawn without them.
pub(super) async fn forget(context: &StepContext<'_>, user: &str) -> Result<StepResult, StepError> {
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
    let redrawn = forget_subject(pool, id, user, context.now).await?;
    let note = format!("the cards of {redrawn} request(s) are redrawn");
    Ok(StepResult::from([("note".to_owned(), note.into())]))
}

/// Tidies up after requests that were settled half way. Their work lists name the person and go. When the rows were not
/// erased, the erasure was given up, and a replay of the ledger must not bring it about. When they were, nobody is left
/// to read about, and the texts beside the journal go as the last step would have had it.
pub(in crate::operations) async fn forget_closed(
    pool: &PgPool,
    now: Instant,
) -> Result<(), sqlx::Error> {
    for list in [
        sqlx::query!(
            r#"delete from countersign.erasure_object o using countersign.request r
               where r.id = o.request_id and not r.open"#
        ),
        sqlx::query!(
            r#"delete from countersign.erasure_key k using countersign.request r
               where r.id = k.request_id and not r.open"#
        ),
        sqlx::query!(
            r#"delete from countersign.erasure_ledger l using countersign.request r
               where r.id = l.request_id and not r.open and l.erased_at is null"#
        ),
    ] {
        list.execute(pool).await?;
    }
    let unfinished = sqlx::query!(
        r#"select l.request_id, l.user_id from countersign.erasure_ledger l
           join countersign.request r on r.id = l.request_id
           where not r.open and l.erased_at is not null and l.forgotten_at is null"#
    )
    .fetch_all(pool)
    .await?;
    for one in unfinished {
        forget_subject(pool, one.request_id, &one.user_id, now).await?;
    }
    sqlx::query!(
        r#"delete from countersign.erasure_subject s using countersign.request r
           where r.id = s.request_id and not r.open"#
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Once per erasure: an account of the same id that comes back with a backup is read about anew.
async fn forget_subject(
    pool: &PgPool,
    request: uuid::Uuid,
    user: &str,
    now: Instant,
) -> Result<usize, sqlx::Error> {
    let email = sqlx::query_scalar!(
        "select email from countersign.erasure_subject where request_id = $1",
        request
    )
    .fetch_optional(pool)
    .await?
    .flatten();
    let redrawn = particulars::erase_subject(pool, user, email.as_deref(), now).await?;
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

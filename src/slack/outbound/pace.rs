//! One writer at a time writes to a channel, in whichever replica, and not before Slack allows it.

use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::Instant;

/// How long a writer may hold a channel without a word. Longer than any single call to Slack.
pub(super) const HOLD: chrono::Duration = chrono::Duration::seconds(30);

/// Channels and people for whom something waits that may be written now.
pub(super) async fn waiting(pool: &PgPool, now: Instant) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct m.recipient from countersign.message m
           left join countersign.channel_pace p using (recipient)
           where m.undeliverable is null and (m.shown is null or m.shown < m.wanted)
             and coalesce(p.not_before <= $1 and (p.until is null or p.until <= $1), true)"#,
        now
    )
    .fetch_all(pool)
    .await
}

/// When the next channel with something waiting may be written to; `None` when nothing waits.
pub(super) async fn next(pool: &PgPool) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select min(due) from (
               select min(greatest(p.not_before, coalesce(p.until, p.not_before))) as due
               from countersign.message m join countersign.channel_pace p using (recipient)
               where m.undeliverable is null and (m.shown is null or m.shown < m.wanted)
               union all
               select min(not_before) from countersign.reply where done_at is null) d"#
    )
    .fetch_one(pool)
    .await
}

/// Takes a channel for one writer; false when another one has it, in this replica or elsewhere, or it must rest.
pub(super) async fn take(
    pool: &PgPool,
    recipient: &str,
    writer: Uuid,
    now: Instant,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query!(
        r#"insert into countersign.channel_pace as p (recipient, not_before, owner, until)
           values ($1, $3, $2, $4)
           on conflict (recipient) do update set owner = $2, until = $4
           where p.not_before <= $3 and (p.until is null or p.until <= $3)"#,
        recipient,
        writer,
        now,
        now + HOLD
    )
    .execute(pool)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Holds a channel for another [`HOLD`]; false when the hold ran out and another writer has taken it.
pub(super) async fn keep(
    pool: &PgPool,
    recipient: &str,
    writer: Uuid,
    now: Instant,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query!(
        "update countersign.channel_pace set until = $3 where recipient = $1 and owner = $2 and until is not null",
        recipient,
        writer,
        now + HOLD
    )
    .execute(pool)
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Gives a channel back, to be written to again from `not_before` on.
pub(super) async fn give_back(
    pool: &PgPool,
    recipient: &str,
    writer: Uuid,
    not_before: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.channel_pace set until = null, not_before = greatest(not_before, $3)
           where recipient = $1 and owner = $2"#,
        recipient,
        writer,
        not_before
    )
    .execute(pool)
    .await?;
    Ok(())
}

//! One worker at a time writes to a channel, and not before Slack allows it. How long a turn lasts is measured by the
//! store's clock, as a lease is.

use std::time::Duration;

use uuid::Uuid;

use crate::{domain::Instant, journal::Store, runtime};

/// How long a turn lasts without a word. Longer than what happens between two words: opening a direct message and
/// looking for a post in doubt, or one post.
pub(super) const HOLD: Duration = Duration::from_secs(30);

/// One worker's turn to write to one channel or person. Its token is nobody else's, in this replica or another.
#[derive(Debug)]
pub(super) struct Turn {
    pub recipient: String,
    token: Uuid,
}

/// Channels and people for whom something waits that may be written now.
pub(super) async fn waiting(pool: &Store, now: Instant) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct m.recipient as "recipient!" from countersign.message_due m
           left join countersign.channel_pace p using (recipient)
           where coalesce(p.not_before <= $1 and (p.until is null or p.until <= now()), true)"#,
        now
    )
    .fetch_all(pool)
    .await
}

/// When the next channel that rests now and that nobody writes to may be written to; `None` when nothing waits there.
pub(super) async fn next(pool: &Store, now: Instant) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select min(p.not_before)
           from countersign.message_due m join countersign.channel_pace p using (recipient)
           where p.not_before > $1 and (p.until is null or p.until <= now())"#,
        now
    )
    .fetch_one(pool)
    .await
}

/// Takes a channel; `None` when somebody has it, has its row locked, or it must rest.
pub(super) async fn take(
    pool: &Store,
    recipient: &str,
    now: Instant,
) -> Result<Option<Turn>, sqlx::Error> {
    let token = runtime::new_id();
    let taken = sqlx::query!(
        r#"with known as (select from countersign.channel_pace where recipient = $1),
           free as (
               select recipient from countersign.channel_pace
               where recipient = $1 and not_before <= $3 and (until is null or until <= now())
               for update skip locked)
           insert into countersign.channel_pace as p (recipient, not_before, token, until)
           select $1, $3, $2, now() + make_interval(secs => $4)
           where exists (select from free) or not exists (select from known)
           on conflict (recipient) do update set token = excluded.token, until = excluded.until
           where p.not_before <= $3 and (p.until is null or p.until <= now())"#,
        recipient,
        token,
        now,
        HOLD.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok((taken.rows_affected() == 1).then(|| Turn {
        recipient: recipient.to_owned(),
        token,
    }))
}

/// Makes a turn last for [`HOLD`] from now; false when it is over and may be somebody else's.
pub(super) async fn renew(pool: &Store, turn: &Turn) -> Result<bool, sqlx::Error> {
    let renewed = sqlx::query!(
        r#"update countersign.channel_pace set until = now() + make_interval(secs => $3)
           where recipient = $1 and token = $2 and until > now()"#,
        turn.recipient,
        turn.token,
        HOLD.as_secs_f64()
    )
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Gives a channel back, to be written to again from `not_before` on.
pub(super) async fn give_back(
    pool: &Store,
    turn: &Turn,
    not_before: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.channel_pace
           set token = null, until = null, not_before = greatest(not_before, $3)
           where recipient = $1 and token = $2"#,
        turn.recipient,
        turn.token,
        not_before
    )
    .execute(pool)
    .await?;
    Ok(())
}

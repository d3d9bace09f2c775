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
    /// What was written counts until then at the usual pace. From then on a whole [`BURST`] may be written.
    pub paid_until: Instant,
}

/// Writes to one channel that may follow each other at once, before the pace holds. Slack allows short bursts.
const BURST: i32 = 3;

/// Takes the next channel or person for whom something waits that may be written now.
pub(super) async fn take_next(pool: &Store, now: Instant) -> Result<Option<Turn>, sqlx::Error> {
    for recipient in waiting(pool, now).await? {
        if let Some(turn) = take(pool, recipient, now).await? {
            return Ok(Some(turn));
        }
    }
    Ok(None)
}

async fn waiting(pool: &Store, now: Instant) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select r.recipient as "recipient!"
           from countersign.message_recipient r left join countersign.channel_pace p using (recipient)
           where coalesce(p.not_before <= $1 and (p.until is null or p.until <= now()), true)
             and (select m.id from countersign.message_due m
                  where m.recipient = r.recipient and m.not_before <= $1
                  order by m.yields, m.rank, m.place limit 1) is not null"#,
        now
    )
    .fetch_all(pool)
    .await
}

/// When something can be written that cannot be written now: a channel has rested, or a state has lasted. `None` when
/// nothing waits.
pub(super) async fn next(pool: &Store, now: Instant) -> Result<Option<Instant>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select least(
               (select min(p.not_before)
                from countersign.message_recipient r join countersign.channel_pace p using (recipient)
                where p.not_before > $1 and (p.until is null or p.until <= now())),
               (select min(m.not_before) from countersign.message m
                where m.not_before > $1 and m.undeliverable is null
                  and (m.shown is null or m.shown < m.wanted or m.shown_generation < m.generation)))"#,
        now
    )
    .fetch_one(pool)
    .await
}

/// Takes a channel; `None` when somebody has it, has its row locked, or it must rest.
async fn take(pool: &Store, recipient: String, now: Instant) -> Result<Option<Turn>, sqlx::Error> {
    let token = runtime::new_id();
    let taken = sqlx::query_scalar!(
        r#"with known as (select from countersign.channel_pace where recipient = $1),
           free as (
               select recipient from countersign.channel_pace
               where recipient = $1 and not_before <= $3 and (until is null or until <= now())
               for update skip locked)
           insert into countersign.channel_pace as p (recipient, not_before, token, until)
           select $1, $3, $2, now() + make_interval(secs => $4)
           where exists (select from free) or not exists (select from known)
           on conflict (recipient) do update set token = excluded.token, until = excluded.until
           where p.not_before <= $3 and (p.until is null or p.until <= now())
           returning paid_until"#,
        recipient,
        token,
        now,
        HOLD.as_secs_f64()
    )
    .fetch_optional(pool)
    .await?;
    Ok(taken.map(|paid_until| Turn {
        recipient,
        token,
        paid_until: paid_until.unwrap_or(now),
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

/// Notes that something was written. Gives when the next may be: at once within a [`BURST`], then one per `gap`.
pub(super) async fn wrote(
    pool: &Store,
    turn: &mut Turn,
    now: Instant,
    gap: chrono::Duration,
) -> Result<Instant, sqlx::Error> {
    let paid_until = sqlx::query_scalar!(
        r#"update countersign.channel_pace
           set paid_until = greatest(paid_until, $3) + make_interval(secs => $4)
           where recipient = $1 and token = $2
           returning paid_until as "paid_until!""#,
        turn.recipient,
        turn.token,
        now,
        gap.as_seconds_f64()
    )
    .fetch_optional(pool)
    .await?;
    turn.paid_until = paid_until.unwrap_or(now + gap);
    Ok(now.max(turn.paid_until - gap * (BURST - 1)))
}

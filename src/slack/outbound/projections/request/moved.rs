//! From requests that moved to the messages that have to follow.

use uuid::Uuid;

use super::{
    Outbound,
    slots::{self, Slot},
};
use crate::{
    domain::{Instant, RequestId},
    journal::{Connection, read, store::is_locked},
    runtime,
};

/// Requests that are announced per look; the next look follows at once when there are more.
const BATCH: i64 = 50;
/// The same as a number of rows.
const BATCH_ROWS: usize = BATCH.unsigned_abs() as usize;

/// How long a state that passes must last before it is shown. A newer state usually comes sooner, and then the older one is
/// never sent; a step that takes longer is seen after this time.
const PASSES: chrono::Duration = chrono::Duration::milliseconds(700);

/// The messages that a request must have.
struct Shown {
    slots: Vec<Slot>,
    rank: i16,
    /// The version that they show.
    version: i64,
}

impl Outbound {
    /// Gives every request that moved the messages it must have. What another replica has locked is left to it, so that
    /// one that is paused holds up the messages of one request only.
    pub(super) async fn announce(&self) -> Result<(), sqlx::Error> {
        let mut after = (Instant::UNIX_EPOCH, Uuid::nil());
        loop {
            let moved = sqlx::query!(
                r#"select id, version, updated_at from countersign.request
                   where undelivered and (updated_at, id) > ($2, $3)
                   order by updated_at, id limit $1"#,
                BATCH,
                after.0,
                after.1
            )
            .fetch_all(&self.journal.pool)
            .await?;
            for row in &moved {
                match self.announce_one(RequestId(row.id), row.version).await {
                    Err(error) if is_locked(&error) => {
                        tracing::warn!(request = %row.id, %error, "this request is announced later");
                    }
                    announced => announced?,
                }
            }
            match moved.last() {
                Some(last) if moved.len() == BATCH_ROWS => after = (last.updated_at, last.id),
                _ => return Ok(()),
            }
        }
    }

    async fn announce_one(&self, id: RequestId, version: i64) -> Result<(), sqlx::Error> {
        // A request whose journal was changed outside Countersign is announced once that has been put right.
        let Some(shown) = self.shown_of(id, version).await? else {
            return Ok(());
        };
        let mut tx = self.journal.pool.begin().await?;
        if !lock(&mut tx, id).await? {
            return Ok(());
        }
        let now = self.clock.now();
        for slot in &shown.slots {
            let not_before = match slot.passes {
                true => now + PASSES,
                false => now,
            };
            want(&mut tx, Some(id), slot, not_before).await?;
        }
        rank(&mut tx, id, shown.rank).await?;
        announced(&mut tx, id, shown.version).await?;
        tx.commit().await?;
        // A runner that looked in between has passed over the locked request, and would look again with its next poll.
        self.journal.appended.runner.notify_one();
        Ok(())
    }

    /// What has to be shown of a request; no messages when it cannot be read, and nothing at all while its journal is not what
    /// was recorded.
    async fn shown_of(&self, id: RequestId, version: i64) -> Result<Option<Shown>, sqlx::Error> {
        let read = match self.journal.events(id).await {
            Ok(events) => read::replay(id, &events).map(|request| (request, events)),
            Err(error) => Err(error),
        };
        match read {
            Ok((request, events)) => Ok(Some(Shown {
                slots: slots::of_request(&request, &events, &self.channels),
                rank: slots::rank(request.risk),
                version: request.version.max(version),
            })),
            Err(read::ReadError::Store(error)) => Err(error),
            Err(read::ReadError::Tampered { .. }) => Ok(None),
            Err(error) => {
                tracing::error!(request = %id, %error, "this request cannot be shown");
                Ok(Some(Shown {
                    slots: vec![],
                    rank: 0,
                    version,
                }))
            }
        }
    }

    /// Has a slot that belongs to no request show at least `wanted`, unless another replica is at it.
    pub(super) async fn want_by_itself(
        &self,
        slot: &Slot,
        now: Instant,
    ) -> Result<(), sqlx::Error> {
        let mut tx = self.journal.pool.begin().await?;
        if tx.is_alone_at(&slot.name).await? {
            want(&mut tx, None, slot, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Locks the request's row before its messages, in the order in which an erasure does, so that the two never wait for each
/// other. False when somebody else has it.
async fn lock(db: &mut Connection, id: RequestId) -> Result<bool, sqlx::Error> {
    let locked: Option<Uuid> = sqlx::query_scalar(
        "select id from countersign.request where id = $1 for no key update skip locked",
    )
    .bind(id.0)
    .fetch_optional(db)
    .await?;
    Ok(locked.is_some())
}

/// Has a slot show at least `wanted`, from `not_before` on. A message that was given up is tried again when it must show more.
/// One that waits to be sent is never put off further: a request that moves on and on is shown all the same.
async fn want(
    db: &mut Connection,
    id: Option<RequestId>,
    slot: &Slot,
    not_before: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"insert into countersign.message as m (id, slot, request_id, recipient, parent, wanted, not_before,
                                                 wanted_since)
           values ($1, $2, $3, $4, (select id from countersign.message where slot = $5), $6, $7, $7)
           on conflict (slot) do update
           set wanted = excluded.wanted, undeliverable = null,
               wanted_since = case when m.shown = m.wanted and m.shown_generation = m.generation
                                   then excluded.wanted_since else m.wanted_since end,
               attempts = case when m.undeliverable is null then m.attempts else 0 end,
               not_before = case when m.shown >= m.wanted then excluded.not_before
                                 else least(m.not_before, excluded.not_before) end
           where m.wanted < excluded.wanted"#,
        runtime::new_id(),
        slot.name,
        id.map(|id| id.0),
        slot.recipient,
        slot.thread_of,
        slot.wanted,
        not_before
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A plan may raise the risk of its request: all its messages move together.
async fn rank(db: &mut Connection, id: RequestId, rank: i16) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.message set rank = $2 where request_id = $1 and rank <> $2",
        id.0,
        rank
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn announced(db: &mut Connection, id: RequestId, version: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.request set undelivered = false where id = $1 and version <= $2",
        id.0,
        version
    )
    .execute(db)
    .await?;
    Ok(())
}

//! From requests that moved to the messages that have to follow.

use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
};

use uuid::Uuid;

use super::{Requests, slots};
use crate::{
    domain::{Instant, RequestId, Risk},
    journal::{Connection, ReadError, read, store::is_locked},
    slack::outbound::Outbound,
};

/// Requests that are looked at together.
const BATCH: i64 = 50;
/// The same as a number of rows.
const BATCH_ROWS: usize = BATCH.unsigned_abs() as usize;
/// When a request is looked at again that somebody had locked for the moment of a claim or an append.
const LOCKED: chrono::Duration = chrono::Duration::milliseconds(100);
/// How long a request rests whose messages are locked, or that cannot be read: its journal was changed outside Countersign, or
/// a newer version of the program has written into it and shows it.
const REST: chrono::Duration = chrono::Duration::seconds(5);

impl Requests {
    /// Gives every request that moved the messages it must have. What another replica has locked is left to it, so that
    /// one that is paused holds up the messages of one request only.
    pub(super) async fn note_moved(&self, outbound: &Outbound) -> Result<(), sqlx::Error> {
        let mut after = (Instant::UNIX_EPOCH, Uuid::nil());
        loop {
            let moved = sqlx::query!(
                r#"select id, version, updated_at from countersign.request
                   where undelivered and (updated_at, id) > ($2, $3) and id <> all($4)
                   order by updated_at, id limit $1"#,
                BATCH,
                after.0,
                after.1,
                &self.resting_at(outbound.clock.now())
            )
            .fetch_all(&outbound.journal.pool)
            .await?;
            for row in &moved {
                let noted = self.note_one(outbound, RequestId(row.id), row.version);
                let Err(error) = noted.await else { continue };
                tracing::warn!(request = %row.id, %error, "the messages of this request are noted later");
                self.rest(row.id, outbound.clock.now() + REST);
                match error {
                    ReadError::Store(error) if !is_locked(&error) => return Err(error),
                    _ => {}
                }
            }
            match moved.last() {
                Some(last) if moved.len() == BATCH_ROWS => after = (last.updated_at, last.id),
                _ => return Ok(()),
            }
        }
    }

    /// When a request that was passed over is looked at again.
    pub(super) async fn next_look(
        &self,
        outbound: &Outbound,
    ) -> Result<Option<Instant>, sqlx::Error> {
        let now = outbound.clock.now();
        let passed_over = sqlx::query_scalar!(
            r#"select exists(select from countersign.request where undelivered and id <> all($1)) as "left!""#,
            &self.resting_at(now)
        )
        .fetch_one(&outbound.journal.pool)
        .await?;
        let soon = passed_over.then_some(now + LOCKED);
        Ok(self.resting().values().copied().chain(soon).min())
    }

    async fn note_one(
        &self,
        outbound: &Outbound,
        id: RequestId,
        version: i64,
    ) -> Result<(), ReadError> {
        let events = outbound.journal.events(id).await?;
        let request = read::replay(id, &events)?;
        let mut tx = outbound.journal.pool.begin().await?;
        if !lock(&mut tx, id).await? {
            return Ok(());
        }
        for slot in &slots(&request, &events, &outbound.channels) {
            outbound.want(&mut tx, Some(id.0), slot).await?;
        }
        set_rank(&mut tx, id, rank(request.risk)).await?;
        noted(&mut tx, id, request.version.max(version)).await?;
        tx.commit().await?;
        // A runner that looked in between has passed over the locked request, and would look again with its next poll.
        outbound.journal.appended.runner.notify_one();
        Ok(())
    }

    fn rest(&self, request: Uuid, until: Instant) {
        self.resting().insert(request, until);
    }

    fn resting(&self) -> MutexGuard<'_, HashMap<Uuid, Instant>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those that still rest.
    fn resting_at(&self, now: Instant) -> Vec<Uuid> {
        let mut resting = self.resting();
        resting.retain(|_, until| *until > now);
        resting.keys().copied().collect()
    }
}

/// In which order a channel is told. What only reads comes last, so that a flood of reads does not hold up the lines of what
/// changes something; of one request everything stays in order.
fn rank(risk: Risk) -> i16 {
    match risk {
        Risk::Sensitive | Risk::Destructive => 0,
        Risk::Change => 1,
        Risk::Read => 2,
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

/// A plan may raise the risk of its request: all its messages move together.
async fn set_rank(db: &mut Connection, id: RequestId, rank: i16) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.message set rank = $2 where request_id = $1 and rank <> $2",
        id.0,
        rank
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn noted(db: &mut Connection, id: RequestId, version: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.request set undelivered = false where id = $1 and version <= $2",
        id.0,
        version
    )
    .execute(db)
    .await?;
    Ok(())
}

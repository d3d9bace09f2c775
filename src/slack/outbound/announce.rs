//! From requests that moved to the messages that have to follow.

use super::{
    Outbound,
    slots::{self, Slot},
};
use crate::{
    domain::{Instant, RequestId},
    journal::read,
    rim,
};

/// Requests that are announced per look; the next look follows at once when there are more.
const BATCH: i64 = 50;

impl Outbound {
    /// Gives every request that moved the messages it must have. Replicas may do it twice: slots are unique.
    pub(super) async fn announce(&self) -> Result<(), sqlx::Error> {
        loop {
            let moved = sqlx::query!(
                "select id, version from countersign.request where undelivered order by updated_at limit $1",
                BATCH
            )
            .fetch_all(&self.journal.pool)
            .await?;
            let all = i64::try_from(moved.len()).unwrap_or(BATCH) < BATCH;
            for row in moved {
                self.announce_one(RequestId(row.id), row.version).await?;
            }
            if all {
                return Ok(());
            }
        }
    }

    async fn announce_one(&self, id: RequestId, version: i64) -> Result<(), sqlx::Error> {
        let events = match read::events(&self.journal.pool, id).await {
            Ok(events) => events,
            Err(read::ReadError::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(request = %id, %error, "this request cannot be shown");
                return self.announced(id, version).await;
            }
        };
        match read::replay(id, &events) {
            Ok(request) => {
                let now = self.clock.now();
                for slot in slots::of_request(&request, &events, &self.channels) {
                    self.want(Some(id), &slot, now).await?;
                }
                self.announced(id, request.version.max(version)).await
            }
            Err(error) => {
                tracing::error!(request = %id, %error, "this request cannot be shown");
                self.announced(id, version).await
            }
        }
    }

    /// Has a slot show at least `wanted`. A message that was given up is tried again when it must show more.
    pub(super) async fn want(
        &self,
        id: Option<RequestId>,
        slot: &Slot,
        now: Instant,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"insert into countersign.message as m (id, slot, request_id, recipient, parent, wanted, not_before)
               values ($1, $2, $3, $4, (select id from countersign.message where slot = $5), $6, $7)
               on conflict (slot) do update
               set wanted = excluded.wanted, undeliverable = null,
                   attempts = case when m.undeliverable is null then m.attempts else 0 end
               where m.wanted < excluded.wanted"#,
            rim::new_id(),
            slot.name,
            id.map(|id| id.0),
            slot.recipient,
            slot.thread_of,
            slot.wanted,
            now
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    async fn announced(&self, id: RequestId, version: i64) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.request set undelivered = false where id = $1 and version <= $2",
            id.0,
            version
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }
}

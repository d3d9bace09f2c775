//! One message's place in Slack, which a projection wants to be filled.

use uuid::Uuid;

use super::Outbound;
use crate::{
    journal::{
        Connection,
        sealed::{MessageRow, SealedRow},
    },
    runtime,
};

/// How long a state that passes must last before it is shown. A newer state usually comes sooner, and then the older one is
/// never sent; a step that takes longer is seen after this time.
const PASSES: chrono::Duration = chrono::Duration::milliseconds(700);

/// One message's place: what it shows is drawn anew whenever it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// Its name, unique for ever. The word before the first colon says which projection draws it.
    pub name: String,
    /// The channel or person it goes to.
    pub recipient: String,
    /// The slot whose thread it belongs to.
    pub thread_of: Option<String>,
    /// The version that it must show.
    pub wanted: i64,
    /// Whether what it would show now is usually overtaken at once.
    pub passes: bool,
}

impl Outbound {
    /// Has a slot that belongs to no request show at least `wanted`, unless another replica is at it.
    pub(super) async fn want_by_itself(
        &self,
        name: String,
        recipient: &str,
        wanted: i64,
    ) -> Result<(), sqlx::Error> {
        let slot = Slot {
            name,
            recipient: recipient.to_owned(),
            thread_of: None,
            wanted,
            passes: false,
        };
        let mut tx = self.journal.pool.begin().await?;
        if tx.is_alone_at(&slot.name).await? {
            self.want(&mut tx, None, &slot).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Has a slot show at least `wanted`, soon. A message that was given up is tried again when it must show more.
    /// One that waits to be sent is never put off further: a request that moves on and on is shown all the same.
    pub(super) async fn want(
        &self,
        db: &mut Connection,
        request: Option<Uuid>,
        slot: &Slot,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let not_before = match slot.passes {
            true => now + PASSES,
            false => now,
        };
        let row = MessageRow {
            slot: slot.name.clone(),
            request_id: request,
            recipient: slot.recipient.clone(),
        };
        sqlx::query!(
            r#"insert into countersign.message as m (id, slot, request_id, recipient, parent, wanted, not_before,
                                                     wanted_since, mac)
               values ($1, $2, $3, $4, (select id from countersign.message where slot = $5), $6, $7, $7, $9)
               on conflict (slot) do update
               set wanted = excluded.wanted, undeliverable = null, yields = $8 and m.ts is not null,
                   wanted_since = case when m.shown = m.wanted and m.shown_generation = m.generation
                                       then excluded.wanted_since else m.wanted_since end,
                   attempts = case when m.undeliverable is null then m.attempts else 0 end,
                   not_before = case when m.shown >= m.wanted then excluded.not_before
                                     else least(m.not_before, excluded.not_before) end
               where m.wanted < excluded.wanted"#,
            runtime::new_id(),
            row.slot,
            row.request_id,
            row.recipient,
            slot.thread_of,
            slot.wanted,
            not_before,
            slot.passes,
            row.mac(&self.journal.key)
        )
        .execute(db)
        .await?;
        Ok(())
    }
}

//! A message's own row: what is due, where it stands, and how often it failed.

use uuid::Uuid;

use super::Outbound;
use crate::{domain::Instant, slack::client::Posted};

/// One message that does not show what it must.
pub(super) struct Due {
    pub id: Uuid,
    pub slot: String,
    pub request_id: Option<Uuid>,
    pub wanted: i64,
    pub channel: Option<String>,
    pub ts: Option<String>,
    pub posting_since: Option<Instant>,
    pub attempts: i32,
    pub parent: Option<Uuid>,
    pub thread_ts: Option<String>,
}

impl Outbound {
    /// The first message that waits for this channel or person.
    pub(super) async fn next_due(&self, recipient: &str) -> Result<Option<Due>, sqlx::Error> {
        sqlx::query_as!(
            Due,
            r#"select m.id, m.slot, m.request_id, m.wanted, m.channel, m.ts, m.posting_since, m.attempts,
                      m.parent, p.ts as "thread_ts?"
               from countersign.message m left join countersign.message p on p.id = m.parent
               where m.recipient = $1 and m.undeliverable is null and (m.shown is null or m.shown < m.wanted)
               order by m.place limit 1"#,
            recipient
        )
        .fetch_optional(&self.journal.pool)
        .await
    }

    pub(super) async fn about_to_post(&self, due: &Due, channel: &str) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set posting_since = coalesce(posting_since, $2), channel = $3 where id = $1",
            due.id,
            self.clock.now(),
            channel
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    pub(super) async fn stands(
        &self,
        due: &Due,
        place: &Posted,
        shown: i64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update countersign.message
               set channel = $2, ts = $3, shown = $4, posting_since = null, attempts = 0 where id = $1"#,
            due.id,
            place.channel,
            place.ts,
            shown
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    pub(super) async fn not_in_doubt(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set posting_since = $2 where id = $1",
            due.id,
            due.posting_since
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    pub(super) async fn failed_once_more(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set attempts = attempts + 1 where id = $1",
            due.id
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    pub(super) async fn forget_place(&self, id: Uuid) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set ts = null, shown = null, posting_since = null where id = $1",
            id
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    /// Nothing but a change by an operator can deliver it; everything behind it goes on.
    pub(super) async fn give_up(&self, due: &Due, why: &str) -> Result<(), sqlx::Error> {
        tracing::error!(slot = %due.slot, why, "a message cannot be delivered");
        metrics::counter!("countersign_slack_undeliverable_total").increment(1);
        sqlx::query!(
            "update countersign.message set undeliverable = $2 where id = $1",
            due.id,
            why
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }
}

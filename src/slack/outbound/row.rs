//! The row of one message: what is due, and what came of it.

use uuid::Uuid;

use super::Outbound;
use crate::{domain::Instant, slack::client::Posted};

/// One message that does not show what it must.
pub(super) struct Due {
    pub id: Uuid,
    pub slot: String,
    pub request_id: Option<Uuid>,
    pub wanted: i64,
    /// Read before it is drawn, so that it never claims a later state than the one that it was drawn from.
    pub generation: i64,
    pub channel: Option<String>,
    pub ts: Option<String>,
    pub posting_since: Option<Instant>,
    pub attempts: i32,
    pub thread_ts: Option<String>,
    pub mac: Vec<u8>,
    /// Whether it is an edit to a state that soon passes.
    pub yields: bool,
}

/// How long an edit to a state that soon passes lets everything else go first.
const YIELDS_FOR: chrono::Duration = chrono::Duration::seconds(5);

impl Outbound {
    /// What is written next to a channel or person.
    pub(super) async fn next_due(&self, recipient: &str) -> Result<Option<Due>, sqlx::Error> {
        sqlx::query_as!(
            Due,
            r#"select m.id as "id!", m.slot as "slot!", m.request_id, m.wanted as "wanted!",
                      m.generation as "generation!", m.channel, m.ts, m.posting_since, m.attempts as "attempts!",
                      m.thread_ts, m.mac as "mac!", m.yields as "yields!"
               from countersign.message_due m
               where m.recipient = $1 and m.not_before <= $2
               order by m.yields, m.rank, m.place
               limit 1"#,
            recipient,
            self.clock.now()
        )
        .fetch_optional(&self.journal.pool)
        .await
    }

    /// Has an edit that yields sent later, and take its place among the others once it has waited for a while.
    pub(super) async fn put_off(&self, due: &Due, until: Instant) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set not_before = $2, yields = wanted_since > $3 where id = $1 and yields",
            due.id,
            until,
            self.clock.now() - YIELDS_FOR
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
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

    pub(super) async fn shows(
        &self,
        due: &Due,
        place: &Posted,
        shown: i64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update countersign.message
               set channel = $2, ts = $3, shown = $4, shown_generation = $5, posting_since = null, attempts = 0
               where id = $1"#,
            due.id,
            place.channel,
            place.ts,
            shown,
            due.generation
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    /// The last post was certainly refused; an earlier one may be in doubt all the same.
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

    /// It stands nowhere any more: it is posted again.
    pub(super) async fn forget_place(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update countersign.message set ts = null, shown = null, posting_since = null, wanted_since = $2
               where id = $1"#,
            due.id,
            self.clock.now()
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    /// The message whose thread this one belongs to stands nowhere any more: it is posted again, and this one waits.
    pub(super) async fn forget_parent(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update countersign.message p set ts = null, shown = null, posting_since = null, wanted_since = $3
               from countersign.message m where m.id = $1 and p.id = m.parent and p.ts = $2"#,
            due.id,
            due.thread_ts,
            self.clock.now()
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    /// It is not sent until it must show more or a process starts; everything behind it goes on.
    pub(super) async fn give_up(&self, due: &Due, why: &str) -> Result<(), sqlx::Error> {
        tracing::error!(slot = %due.slot, why, "a message cannot be delivered");
        metrics::counter!("countersign_slack_undeliverable_total").increment(1);
        sqlx::query!(
            "update countersign.message set undeliverable = $2, posting_since = $3 where id = $1",
            due.id,
            why,
            due.posting_since
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    /// Has everything that was given up tried once more: what was in its way may have been mended.
    pub(super) async fn try_given_up_again(&self) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set undeliverable = null, attempts = 0 where undeliverable is not null"
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }
}

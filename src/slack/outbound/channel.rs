//! Writes what waits for one channel or person, in order, until nothing waits or Slack asks for a pause.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    EVENT_TYPE, Outbound,
    draw::{DrawError, Drawn},
    pace, pause,
};
use crate::{
    domain::Instant,
    rim,
    slack::client::{Content, Metadata, Posted, Retry, SlackError},
};

/// How far the clocks of Slack and of this machine may differ when an in-doubt post is looked for.
const CLOCK_DIFFERENCE: chrono::Duration = chrono::Duration::minutes(5);

/// One message that does not show what it must.
struct Due {
    id: Uuid,
    slot: String,
    request_id: Option<Uuid>,
    wanted: i64,
    channel: Option<String>,
    ts: Option<String>,
    posting_since: Option<Instant>,
    attempts: i32,
    in_thread: bool,
    thread_ts: Option<String>,
}

/// What came of one message.
enum Outcome {
    /// It shows what it must; go on.
    Shown,
    /// Nothing may be written to this channel before then.
    Rest(Instant),
}

impl Outbound {
    pub(super) async fn write_to(&self, recipient: &str, stop: &CancellationToken) {
        let pool = &self.journal.pool;
        // Two looks in a row may both find the channel waiting: of their writers one may write.
        let writer = rim::new_id();
        loop {
            match pace::take(pool, recipient, writer, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return tracing::warn!(%error, "a channel could not be taken"),
            }
            let rest = match self.write_next(recipient).await {
                Ok(Some(Outcome::Shown)) => self.clock.now() + self.gap,
                Ok(Some(Outcome::Rest(until))) => until,
                Ok(None) => self.clock.now(),
                Err(error) => {
                    tracing::warn!(recipient, %error, "the store did not answer the reconciler");
                    self.clock.now() + super::POLL
                }
            };
            let more =
                rest <= self.clock.now() && !stop.is_cancelled() && self.has_more(recipient).await;
            if let Err(error) = pace::give_back(pool, recipient, writer, rest).await {
                tracing::warn!(%error, "a channel was not given back; its hold runs out by itself");
            }
            if !more {
                return self.journal.appended.outbound.notify_one();
            }
        }
    }

    async fn has_more(&self, recipient: &str) -> bool {
        matches!(self.next_due(recipient).await, Ok(Some(_)))
    }

    async fn write_next(&self, recipient: &str) -> Result<Option<Outcome>, sqlx::Error> {
        let Some(due) = self.next_due(recipient).await? else {
            return Ok(None);
        };
        let drawn = match self.draw(&due.slot, due.request_id, due.wanted).await {
            Ok(drawn) => drawn,
            Err(DrawError::Store(error)) => return Err(error),
            Err(error) => {
                self.give_up(&due, &error.to_string()).await?;
                return Ok(Some(Outcome::Shown));
            }
        };
        if due.in_thread && due.thread_ts.is_none() {
            self.give_up(
                &due,
                "the message whose thread it belongs to cannot be delivered",
            )
            .await?;
            return Ok(Some(Outcome::Shown));
        }
        match self.send(recipient, &due, &drawn).await? {
            Ok(()) => Ok(Some(Outcome::Shown)),
            Err(error) => self.after_failure(&due, &error).await.map(Some),
        }
    }

    async fn send(
        &self,
        recipient: &str,
        due: &Due,
        drawn: &Drawn,
    ) -> Result<Result<(), SlackError>, sqlx::Error> {
        let content = Content {
            text: drawn.card.text.clone(),
            blocks: drawn.card.blocks.clone(),
            metadata: Some(Metadata::keyed(EVENT_TYPE, due.id.to_string())),
        };
        if let (Some(channel), Some(ts)) = (&due.channel, &due.ts) {
            let place = Posted {
                channel: channel.clone(),
                ts: ts.clone(),
            };
            return match self.api.update_message(&place, &content).await {
                Ok(()) => self.shows(due, &place, drawn.shows).await.map(Ok),
                Err(error) => Ok(Err(error)),
            };
        }
        let channel = match self.channel_of(recipient, due).await {
            Ok(channel) => channel,
            Err(error) => return Ok(Err(error)),
        };
        let thread = due.thread_ts.as_deref();
        if let Some(since) = due.posting_since {
            // The answer to an earlier post never came: it may stand there already.
            let since = since - CLOCK_DIFFERENCE;
            let key = due.id.to_string();
            match self
                .api
                .find_posted(&channel, thread, since, EVENT_TYPE, &key)
                .await
            {
                Ok(Some(ts)) => {
                    // What exactly it shows is not known, so it is redrawn in place.
                    self.shows(due, &Posted { channel, ts }, drawn.shows - 1)
                        .await?;
                    return Ok(Ok(()));
                }
                Ok(None) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        self.about_to_post(due, &channel).await?;
        match self.api.post_message(&channel, thread, &content).await {
            Ok(posted) => self.shows(due, &posted, drawn.shows).await.map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    /// A person is written to in the direct message's channel, so that a post in doubt can be looked for.
    async fn channel_of(&self, recipient: &str, due: &Due) -> Result<String, SlackError> {
        match &due.channel {
            Some(channel) => Ok(channel.clone()),
            None if recipient.starts_with(['U', 'W']) => self.api.open_dm(recipient).await,
            None => Ok(recipient.to_owned()),
        }
    }

    async fn after_failure(&self, due: &Due, error: &SlackError) -> Result<Outcome, sqlx::Error> {
        tracing::warn!(slot = %due.slot, attempts = due.attempts, %error, "a message was not written");
        metrics::counter!("countersign_slack_failed_calls_total").increment(1);
        let now = self.clock.now();
        match error.retry() {
            Retry::After(wait) => {
                self.not_in_doubt(due).await?;
                let wait = chrono::Duration::from_std(wait).unwrap_or(super::LONGEST_PAUSE);
                Ok(Outcome::Rest(now + wait))
            }
            Retry::LookFirst => {
                self.failed_once_more(due).await?;
                Ok(Outcome::Rest(now + pause(due.attempts + 1)))
            }
            Retry::Later => {
                self.not_in_doubt(due).await?;
                self.failed_once_more(due).await?;
                Ok(Outcome::Rest(now + pause(due.attempts + 1)))
            }
            Retry::Never if due.ts.is_some() && matches!(error, SlackError::Gone { .. }) => {
                // Somebody deleted it in Slack: it is posted again.
                self.forget_place(due).await?;
                Ok(Outcome::Rest(now))
            }
            Retry::Never => {
                self.give_up(due, &error.to_string()).await?;
                Ok(Outcome::Shown)
            }
        }
    }

    async fn next_due(&self, recipient: &str) -> Result<Option<Due>, sqlx::Error> {
        sqlx::query_as!(
            Due,
            r#"select m.id, m.slot, m.request_id, m.wanted, m.channel, m.ts, m.posting_since, m.attempts,
                      m.parent is not null as "in_thread!", p.ts as "thread_ts?"
               from countersign.message m left join countersign.message p on p.id = m.parent
               where m.recipient = $1 and m.undeliverable is null and (m.shown is null or m.shown < m.wanted)
               order by m.place limit 1"#,
            recipient
        )
        .fetch_optional(&self.journal.pool)
        .await
    }
}

/// The message's own row.
impl Outbound {
    async fn about_to_post(&self, due: &Due, channel: &str) -> Result<(), sqlx::Error> {
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

    async fn shows(&self, due: &Due, place: &Posted, shown: i64) -> Result<(), sqlx::Error> {
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

    async fn not_in_doubt(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set posting_since = $2 where id = $1",
            due.id,
            due.posting_since
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    async fn failed_once_more(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set attempts = attempts + 1 where id = $1",
            due.id
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    async fn forget_place(&self, due: &Due) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.message set ts = null, shown = null, posting_since = null where id = $1",
            due.id
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    /// Nothing but a change by an operator can deliver it; everything behind it goes on.
    async fn give_up(&self, due: &Due, why: &str) -> Result<(), sqlx::Error> {
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

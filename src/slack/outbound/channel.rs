//! Writes what waits for one channel or person, in order, until nothing waits or Slack asks for a pause.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    EVENT_TYPE, Outbound,
    draw::{DrawError, Drawn},
    pace, pause,
    row::Due,
};
use crate::{
    domain::Instant,
    rim,
    slack::client::{Content, Metadata, Posted, Retry, SlackError},
};

/// How far the clocks of Slack and of this machine may differ when an in-doubt post is looked for.
const CLOCK_DIFFERENCE: chrono::Duration = chrono::Duration::minutes(5);

/// What came of one message.
enum Outcome {
    /// It shows what it must; go on.
    Shown,
    /// Nothing may be written to this channel before then.
    Rest(Instant),
    /// The hold ran out on the way and another writer has the channel: it goes on.
    Lost,
}

/// What came of one call.
enum Sent {
    Yes,
    Failed(SlackError),
    Lost,
}

/// One writer's hold on one channel or person.
struct Hold<'a> {
    recipient: &'a str,
    writer: Uuid,
}

impl Outbound {
    pub(super) async fn write_to(&self, recipient: &str, stop: &CancellationToken) {
        let pool = &self.journal.pool;
        // Not the replica's id: two looks of one replica may come for the same channel at the same time.
        let writer = rim::new_id();
        loop {
            match pace::take(pool, recipient, writer, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return tracing::warn!(%error, "a channel could not be taken"),
            }
            let rest = match self.write_next(&Hold { recipient, writer }).await {
                Ok(Some(Outcome::Lost)) => return,
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

    async fn write_next(&self, hold: &Hold<'_>) -> Result<Option<Outcome>, sqlx::Error> {
        let Some(due) = self.next_due(hold.recipient).await? else {
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
        if due.parent.is_some() && due.thread_ts.is_none() {
            self.give_up(
                &due,
                "the message whose thread it belongs to cannot be delivered",
            )
            .await?;
            return Ok(Some(Outcome::Shown));
        }
        match self.send(hold, &due, &drawn).await? {
            Sent::Yes => Ok(Some(Outcome::Shown)),
            Sent::Failed(error) => self.after_failure(hold, &due, &error).await.map(Some),
            Sent::Lost => Ok(Some(Outcome::Lost)),
        }
    }

    async fn send(&self, hold: &Hold<'_>, due: &Due, drawn: &Drawn) -> Result<Sent, sqlx::Error> {
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
                Ok(()) => self.shows(due, &place, drawn.shows).await,
                Err(error) => Ok(Sent::Failed(error)),
            };
        }
        let channel = match self.channel_of(hold.recipient, due).await {
            Ok(channel) => channel,
            Err(error) => return Ok(Sent::Failed(error)),
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
                    return self
                        .shows(due, &Posted { channel, ts }, drawn.shows - 1)
                        .await;
                }
                Ok(None) => {}
                Err(error) => return Ok(Sent::Failed(error)),
            }
        }
        // Looking may have taken longer than the hold; what another writer posts now must not be posted twice.
        let pool = &self.journal.pool;
        if !pace::keep(pool, hold.recipient, hold.writer, self.clock.now()).await? {
            return Ok(Sent::Lost);
        }
        self.about_to_post(due, &channel).await?;
        match self.api.post_message(&channel, thread, &content).await {
            Ok(posted) => self.shows(due, &posted, drawn.shows).await,
            Err(error) => Ok(Sent::Failed(error)),
        }
    }

    async fn shows(&self, due: &Due, place: &Posted, shown: i64) -> Result<Sent, sqlx::Error> {
        self.stands(due, place, shown).await?;
        Ok(Sent::Yes)
    }

    /// A person is written to in the direct message's channel, so that a post in doubt can be looked for.
    async fn channel_of(&self, recipient: &str, due: &Due) -> Result<String, SlackError> {
        match &due.channel {
            Some(channel) => Ok(channel.clone()),
            None if is_person(recipient) => self.api.open_dm(recipient).await,
            None => Ok(recipient.to_owned()),
        }
    }

    async fn after_failure(
        &self,
        hold: &Hold<'_>,
        due: &Due,
        error: &SlackError,
    ) -> Result<Outcome, sqlx::Error> {
        tracing::warn!(slot = %due.slot, attempts = due.attempts, %error, "a message was not written");
        metrics::counter!("countersign_slack_failed_calls_total").increment(1);
        let now = self.clock.now();
        let rest = Outcome::Rest(now + pause(due.attempts + 1));
        match error.retry() {
            Retry::After(wait) => {
                self.not_in_doubt(due).await?;
                let wait = chrono::Duration::from_std(wait).unwrap_or(super::LONGEST_PAUSE);
                Ok(Outcome::Rest(now + wait))
            }
            Retry::LookFirst => {
                self.failed_once_more(due).await?;
                Ok(rest)
            }
            Retry::Later => {
                self.not_in_doubt(due).await?;
                self.failed_once_more(due).await?;
                Ok(rest)
            }
            Retry::Never if waits_for_operator(hold.recipient, error) => {
                self.not_in_doubt(due).await?;
                self.failed_once_more(due).await?;
                Ok(rest)
            }
            Retry::Never if is_gone(error, "message_not_found") && due.ts.is_some() => {
                // Somebody deleted it in Slack: it is posted again.
                self.forget_place(due.id).await?;
                Ok(Outcome::Rest(now))
            }
            Retry::Never if is_gone(error, "thread_not_found") => {
                // Somebody deleted the message whose thread this is: it is posted again first.
                self.not_in_doubt(due).await?;
                match due.parent {
                    Some(parent) => self.forget_place(parent).await?,
                    None => self.give_up(due, &error.to_string()).await?,
                }
                Ok(Outcome::Rest(now))
            }
            Retry::Never => {
                self.give_up(due, &error.to_string()).await?;
                Ok(Outcome::Shown)
            }
        }
    }
}

/// What keeps a whole channel from being written to is mended by somebody, in Slack or in the settings: until
/// then everything for the channel waits, in order. A person who cannot be written to is given up.
fn waits_for_operator(recipient: &str, error: &SlackError) -> bool {
    const OF_CHANNEL: [&str; 4] = [
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
    ];
    match error {
        SlackError::Auth { .. } => true,
        SlackError::Gone { code, .. } | SlackError::Refused { code, .. } => {
            !is_person(recipient) && OF_CHANNEL.contains(&code.as_str())
        }
        SlackError::RateLimited { .. } | SlackError::Unavailable { .. } => false,
    }
}

fn is_gone(error: &SlackError, what: &str) -> bool {
    matches!(error, SlackError::Gone { code, .. } if code == what)
}

fn is_person(recipient: &str) -> bool {
    recipient.starts_with(['U', 'W'])
}

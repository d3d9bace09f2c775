//! Writes what waits for one channel or person, in order, until nothing waits or the channel must rest.

use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    FIRST_PAUSE, LONGEST_PAUSE, Outbound,
    drawn::{DrawError, Drawn},
    is_person,
    pace::{self, Turn},
    pictures::{self, Uploaded},
    row::Due,
    send::NotSent,
};
use crate::{
    domain::Instant,
    journal::sealed::{self, MessageRow, SealedRow},
    slack::client::{Retry, SlackError},
    work::{POLL, backoff},
};

/// The longest pause while a token, a right or a channel has to be mended by a person.
const LONGEST_WAIT_FOR_MENDING: chrono::Duration = chrono::Duration::minutes(5);
/// How often a message is sent that is refused for a reason that is not known here, or because of one person's own
/// direct messages. Then what waits behind it goes on.
const UNCLEAR_TRIES: i32 = 6;

/// What came of one message.
enum Outcome {
    /// It shows what it must, or was given up; go on.
    Shown,
    /// Nothing may be written to this channel before then.
    Rest(Instant),
    /// The channel may be somebody else's by now.
    TurnOver,
    /// Nothing waits.
    Nothing,
}

impl Outbound {
    /// Writes what waits for a recipient until nothing waits or it must rest.
    pub(super) async fn write_to(&self, mut turn: Turn, stop: &CancellationToken) {
        let rest = loop {
            let rest = match self.write_next(&turn).await {
                Ok(Outcome::Shown) => self.paced(&mut turn).await,
                Ok(Outcome::Rest(until)) => until,
                Ok(Outcome::Nothing) => break self.clock.now(),
                Ok(Outcome::TurnOver) => {
                    return tracing::warn!(recipient = turn.recipient, "a turn to write ran out");
                }
                Err(error) => {
                    tracing::warn!(recipient = turn.recipient, %error, "the store did not answer the reconciler");
                    break self.clock.now() + POLL;
                }
            };
            if rest > self.clock.now() || stop.is_cancelled() {
                break rest;
            }
        };
        if let Err(error) = pace::give_back(&self.journal.pool, &turn, rest).await {
            tracing::warn!(%error, "a channel was not given back; its hold runs out by itself");
        }
    }

    async fn paced(&self, turn: &mut Turn) -> Instant {
        let now = self.clock.now();
        let next = pace::wrote(&self.journal.pool, turn, now, self.gap).await;
        next.unwrap_or_else(|error| {
            tracing::warn!(%error, "the pace of a channel was not noted");
            now + self.gap
        })
    }

    async fn write_next(&self, turn: &Turn) -> Result<Outcome, sqlx::Error> {
        let Some(due) = self.next_due(&turn.recipient).await? else {
            return Ok(Outcome::Nothing);
        };
        // What passes never takes what a state that stays may need.
        if due.yields && turn.paid_until > self.clock.now() {
            self.put_off(&due, turn.paid_until).await?;
            return Ok(Outcome::Rest(self.clock.now()));
        }
        let span = tracing::info_span!(
            "message",
            slot = due.slot,
            request.id = due.request_id.map(tracing::field::display),
        );
        self.write(turn, due).instrument(span).await
    }

    async fn write(&self, turn: &Turn, due: Due) -> Result<Outcome, sqlx::Error> {
        let drawn = match self.draw(&due).await {
            Ok(drawn) => drawn,
            Err(DrawError::Store(error)) => return Err(error),
            Err(error) => return self.give_up_for(&due, &error).await,
        };
        match self.reaches_its_recipient(turn, &due).await {
            Ok(true) => {}
            Ok(false) => {
                sealed::report("message");
                let why = DrawError::Nothing("its row says that it goes to somebody else");
                return self.give_up_for(&due, &why).await;
            }
            Err(error) => return self.after_failure(turn, &due, &error).await,
        }
        let drawn = match self.with_pictures(turn, &due, drawn).await? {
            Ok(drawn) => drawn,
            Err(kept) => return Ok(kept),
        };
        let files = drawn.pictures.files;
        match self.send(turn, &due, drawn.card, drawn.shows).await {
            Ok(()) => Ok(Outcome::Shown),
            Err(NotSent::Slack(error)) if pictures::may_be_why(&files, &error) => {
                tracing::info!(slot = %due.slot, "Slack does not take a message with a picture yet");
                self.refused(&files).await?;
                self.rest(&due, LONGEST_PAUSE).await
            }
            Err(error) => self.after(turn, &due, error).await,
        }
    }

    /// Has Slack delete the pictures of what was erased and take those that the message shows, and gives the message as it
    /// can be sent now; else what keeps it.
    async fn with_pictures(
        &self,
        turn: &Turn,
        due: &Due,
        drawn: Drawn,
    ) -> Result<Result<Drawn, Outcome>, sqlx::Error> {
        if let Err(error) = self.delete_erased(&drawn.pictures).await {
            return self.after(turn, due, error).await.map(Err);
        }
        match self.upload_missing(turn, due, &drawn.pictures).await {
            Ok(Uploaded::Nothing) => Ok(Ok(drawn)),
            Ok(Uploaded::Some) => match self.draw(due).await {
                Ok(drawn) => Ok(Ok(drawn)),
                Err(DrawError::Store(error)) => Err(error),
                // It could be drawn a moment ago, and without the picture it is as true.
                Err(_) => Ok(Ok(drawn)),
            },
            Ok(Uploaded::Later) => self.rest(due, LONGEST_PAUSE).await.map(Err),
            Err(error) => self.after(turn, due, error).await.map(Err),
        }
    }

    async fn after(&self, turn: &Turn, due: &Due, error: NotSent) -> Result<Outcome, sqlx::Error> {
        match error {
            NotSent::TurnOver => Ok(Outcome::TurnOver),
            NotSent::Store(error) => Err(error),
            NotSent::Slack(error) => self.after_failure(turn, due, &error).await,
        }
    }

    /// Whether a message goes to whom it was written for, and nobody without the key has changed that.
    async fn reaches_its_recipient(&self, turn: &Turn, due: &Due) -> Result<bool, SlackError> {
        let recipient = &turn.recipient;
        let row = MessageRow {
            slot: due.slot.clone(),
            request_id: due.request_id,
            recipient: recipient.clone(),
        };
        if row.mac(&self.journal.key) != due.mac {
            return Ok(false);
        }
        match &due.channel {
            None => Ok(true),
            Some(channel) if is_person(recipient) => {
                Ok(self.api.open_dm(recipient).await? == *channel)
            }
            Some(channel) => Ok(channel == recipient),
        }
    }

    async fn after_failure(
        &self,
        turn: &Turn,
        due: &Due,
        error: &SlackError,
    ) -> Result<Outcome, sqlx::Error> {
        tracing::warn!(slot = %due.slot, attempts = due.attempts, %error, "a message was not written");
        metrics::counter!("countersign_slack_failed_calls_total").increment(1);
        let now = self.clock.now();
        let last_try = due.attempts + 1 >= UNCLEAR_TRIES;
        match error.retry() {
            Retry::After(wait) => {
                self.not_in_doubt(due).await?;
                let wait = chrono::Duration::from_std(wait).unwrap_or(LONGEST_PAUSE);
                Ok(Outcome::Rest(now + wait))
            }
            Retry::LookFirst => {
                self.failed_once_more(due).await?;
                Ok(Outcome::Rest(
                    now + backoff(due.attempts + 1, FIRST_PAUSE, LONGEST_PAUSE),
                ))
            }
            Retry::Later => self.rest(due, LONGEST_PAUSE).await,
            Retry::Unclear if !last_try => self.rest(due, LONGEST_PAUSE).await,
            Retry::WhenMended if !(last_try && is_of_one_person(turn, error)) => {
                tracing::error!(
                    recipient = %turn.recipient,
                    %error,
                    "nothing can be written here until the token, the app's rights or the channel are mended"
                );
                metrics::counter!("countersign_slack_barred_calls_total").increment(1);
                self.rest(due, LONGEST_WAIT_FOR_MENDING).await
            }
            Retry::Never if due.ts.is_some() && is_gone(error, "message_not_found") => {
                // Somebody deleted it in Slack: it is posted again.
                self.forget_place(due).await?;
                Ok(Outcome::Rest(now))
            }
            Retry::Never if !last_try && is_gone(error, "thread_not_found") => {
                self.forget_parent(due).await?;
                self.rest(due, LONGEST_PAUSE).await
            }
            Retry::Never | Retry::Unclear | Retry::WhenMended => self.give_up_for(due, error).await,
        }
    }

    /// The whole channel rests, so that order is kept; the longer the more often it failed.
    async fn rest(&self, due: &Due, longest: chrono::Duration) -> Result<Outcome, sqlx::Error> {
        self.not_in_doubt(due).await?;
        self.failed_once_more(due).await?;
        let until = self.clock.now() + backoff(due.attempts + 1, FIRST_PAUSE, longest);
        Ok(Outcome::Rest(until))
    }

    async fn give_up_for(
        &self,
        due: &Due,
        why: &impl std::error::Error,
    ) -> Result<Outcome, sqlx::Error> {
        self.give_up(due, &why.to_string()).await?;
        Ok(Outcome::Shown)
    }
}

/// Whether one person's direct messages are closed to the app, which is not a fault that anybody mends.
fn is_of_one_person(turn: &Turn, error: &SlackError) -> bool {
    is_person(&turn.recipient) && !matches!(error, SlackError::Auth { .. })
}

fn is_gone(error: &SlackError, what: &str) -> bool {
    matches!(error, SlackError::Gone { code, .. } if code == what)
}

//! Sends one drawn message: as an update where it stands, else as a post, never twice.

use std::time::Duration;

use super::{EVENT_TYPE, Outbound, pace, pace::Turn, row::Due};
use crate::slack::{
    cards::Card,
    client::{Cause, Content, Metadata, Posted, SlackError},
};

/// How far the clocks of Slack and of this machine may differ when an in-doubt post is looked for.
const CLOCK_DIFFERENCE: chrono::Duration = chrono::Duration::minutes(5);
/// How long looking for an in-doubt post may take, over all pages. With opening a direct message it stays below
/// [`pace::HOLD`].
const LOOKUP: Duration = Duration::from_secs(15);

/// Why a message does not show what it must.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSent {
    #[error(transparent)]
    Slack(#[from] SlackError),
    #[error("the store: {0}")]
    Store(#[from] sqlx::Error),
    /// It took longer than the channel was held: somebody else may be writing to it.
    #[error("the turn was over before the message was sent")]
    TurnOver,
}

impl Outbound {
    pub(super) async fn send(
        &self,
        turn: &Turn,
        due: &Due,
        card: Card,
        shows: i64,
    ) -> Result<(), NotSent> {
        let content = Content {
            text: card.text,
            blocks: card.blocks,
            metadata: Some(Metadata::keyed(EVENT_TYPE, due.id.to_string())),
        };
        if let (Some(channel), Some(ts)) = (&due.channel, &due.ts) {
            let place = Posted {
                channel: channel.clone(),
                ts: ts.clone(),
            };
            self.still_my_turn(turn).await?;
            self.api.update_message(&place, &content).await?;
            return Ok(self.shows(due, &place, shows).await?);
        }
        let channel = self.channel_of(&turn.recipient, due).await?;
        if let Some(ts) = self.posted_before(due, &channel).await? {
            // What exactly it shows is not known, so it is redrawn in place.
            let place = Posted { channel, ts };
            return Ok(self.shows(due, &place, shows - 1).await?);
        }
        self.about_to_post(due, &channel).await?;
        self.still_my_turn(turn).await?;
        let thread = due.thread_ts.as_deref();
        let posted = self.api.post_message(&channel, thread, &content).await?;
        Ok(self.shows(due, &posted, shows).await?)
    }

    /// A person is written to in the direct message's channel, so that a post in doubt can be looked for.
    async fn channel_of(&self, recipient: &str, due: &Due) -> Result<String, SlackError> {
        match &due.channel {
            Some(channel) => Ok(channel.clone()),
            None if super::is_person(recipient) => self.api.open_dm(recipient).await,
            None => Ok(recipient.to_owned()),
        }
    }

    /// Where a message stands whose earlier post was never answered; `None` when there was none or it is not there.
    async fn posted_before(&self, due: &Due, channel: &str) -> Result<Option<String>, SlackError> {
        let Some(since) = due.posting_since else {
            return Ok(None);
        };
        let (thread, key) = (due.thread_ts.as_deref(), due.id.to_string());
        let since = since - CLOCK_DIFFERENCE;
        let look = self
            .api
            .find_posted(channel, thread, since, EVENT_TYPE, &key);
        let found = tokio::time::timeout(LOOKUP, look).await;
        match found.unwrap_or(Err(SlackError::Unavailable {
            method: "conversations.history",
            in_doubt: false,
            cause: Cause::Timeout,
        })) {
            Err(SlackError::Auth { code, method }) if code == "missing_scope" => {
                tracing::error!(
                    slot = %due.slot,
                    method,
                    "the app lacks the scope to look for a post in doubt (channels:history, groups:history or \
                     im:history): it is posted again, and may stand there twice"
                );
                Ok(None)
            }
            found => found,
        }
    }

    pub(super) async fn still_my_turn(&self, turn: &Turn) -> Result<(), NotSent> {
        pace::renew(&self.journal.pool, turn)
            .await?
            .then_some(())
            .ok_or(NotSent::TurnOver)
    }
}

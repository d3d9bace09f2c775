//! Answers to single people: through a response URL, as an ephemeral message, or as a direct message.
//! Nothing depends on them, so a lost answer is given again and an expired address is given up.

use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Outbound, pause};
use crate::slack::{
    cards::Card,
    client::{Content, Reply, ReplyMessage, Retry, SlackError, Visibility},
    inbound::inbox::Answer,
};

/// How long one replica may hold an answer before another one tries.
const CLAIM: chrono::Duration = chrono::Duration::seconds(30);
/// Slack takes answers at a response URL for 30 minutes; after that nobody waits for any answer.
const WORTH_GIVING: chrono::Duration = chrono::Duration::minutes(30);

#[derive(Deserialize)]
struct Target {
    user: String,
    answer: Answer,
}

struct Waiting {
    id: Uuid,
    target: serde_json::Value,
    card: serde_json::Value,
    created_at: crate::domain::Instant,
    attempts: i32,
}

impl Outbound {
    pub(super) async fn answer_people(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            match self.answer_next().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return tracing::warn!(%error, "the answers cannot be read"),
            }
        }
    }

    async fn answer_next(&self) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        let waiting = sqlx::query_as!(
            Waiting,
            r#"update countersign.reply set not_before = $2, attempts = attempts + 1
               where id = (select id from countersign.reply
                           where done_at is null and not_before <= $1
                           order by created_at limit 1 for update skip locked)
               returning id, target, card, created_at, attempts"#,
            now,
            now + CLAIM
        )
        .fetch_optional(&self.journal.pool)
        .await?;
        let Some(waiting) = waiting else {
            return Ok(false);
        };
        let parsed = (
            serde_json::from_value::<Target>(waiting.target.clone()),
            serde_json::from_value::<Card>(waiting.card.clone()),
        );
        let (Ok(target), Ok(card)) = parsed else {
            self.answered(waiting.id, "unreadable").await?;
            return Ok(true);
        };
        let outcome = self.give(&target, card).await;
        let Err(error) = outcome else {
            self.answered(waiting.id, "given").await?;
            return Ok(true);
        };
        tracing::warn!(reply = %waiting.id, %error, "an answer was not given");
        let wait = match error.retry() {
            Retry::Never => None,
            Retry::After(wait) => chrono::Duration::from_std(wait).ok(),
            Retry::Later | Retry::LookFirst => Some(pause(waiting.attempts)),
        };
        match wait.filter(|wait| now + *wait < waiting.created_at + WORTH_GIVING) {
            Some(wait) => self.answer_again(waiting.id, now + wait).await?,
            None => self.answered(waiting.id, "given up").await?,
        }
        Ok(true)
    }

    async fn give(&self, target: &Target, card: Card) -> Result<(), SlackError> {
        let content = Content {
            text: card.text,
            blocks: card.blocks,
            metadata: None,
        };
        match &target.answer {
            Answer::ResponseUrl { url } => {
                let reply = Reply::Message(ReplyMessage {
                    visibility: Visibility::Ephemeral,
                    replace_original: false,
                    text: content.text,
                    blocks: content.blocks,
                    thread_ts: None,
                });
                self.api.respond(url, &reply).await
            }
            Answer::Ephemeral { channel } => {
                self.api
                    .post_ephemeral(channel, &target.user, None, &content)
                    .await
            }
            Answer::Direct => {
                let channel = self.api.open_dm(&target.user).await?;
                self.api
                    .post_message(&channel, None, &content)
                    .await
                    .map(|_| ())
            }
        }
    }

    /// What was answered goes: it may name people.
    async fn answered(&self, id: Uuid, outcome: &str) -> Result<(), sqlx::Error> {
        sqlx::query!(
            r#"update countersign.reply set done_at = $2, outcome = $3, card = '{}', target = '{}' where id = $1"#,
            id,
            self.clock.now(),
            outcome
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }

    async fn answer_again(&self, id: Uuid, at: crate::domain::Instant) -> Result<(), sqlx::Error> {
        sqlx::query!(
            "update countersign.reply set not_before = $2 where id = $1",
            id,
            at
        )
        .execute(&self.journal.pool)
        .await?;
        Ok(())
    }
}

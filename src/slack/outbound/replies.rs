//! Answers to single people: through a response URL, as an ephemeral message, or as a direct message.
//! Nothing depends on them, so a lost answer is given again and an expired address is given up.

use std::time::Duration;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{FIRST_PAUSE, LONGEST_PAUSE, Outbound};
use crate::{
    domain::Instant,
    journal::sealed::{ReplyRow, Sealed},
    slack::{
        cards::Card,
        client::{Content, Reply, ReplyMessage, Retry, SlackError, Visibility},
        inbound::inbox::Answer,
    },
    work::{Queue, Worker, backoff},
};

/// Answers that one replica gives at a time, beside the channels that it writes to.
const AT_ONCE: usize = 4;
/// How long one replica may hold an answer before another one tries, by the store's clock.
const CLAIM: Duration = Duration::from_secs(30);
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
    created_at: Instant,
    attempts: i32,
    mac: Vec<u8>,
}

/// The answers that wait.
#[derive(Clone)]
struct Answers(Outbound);

impl Queue for Answers {
    type Item = Waiting;

    async fn claim(&self) -> Result<Option<Waiting>, sqlx::Error> {
        sqlx::query_as!(
            Waiting,
            r#"update countersign.reply set held_until = now() + make_interval(secs => $2), attempts = attempts + 1
               where id = (select id from countersign.reply
                           where done_at is null and not_before <= $1 and (held_until is null or held_until <= now())
                           order by not_before, id limit 1 for update skip locked)
               returning id, target, card, created_at, attempts, mac"#,
            self.0.clock.now(),
            CLAIM.as_secs_f64()
        )
        .fetch_optional(&self.0.journal.pool)
        .await
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        sqlx::query_scalar!(
            "select min(not_before) from countersign.reply where done_at is null and not_before > $1",
            self.0.clock.now()
        )
        .fetch_one(&self.0.journal.pool)
        .await
    }

    async fn work(&self, waiting: Waiting, _stop: CancellationToken) {
        if let Err(error) = self.0.answer(waiting).await {
            tracing::warn!(%error, "what came of an answer was not noted; it is given again");
        }
    }
}

impl Outbound {
    /// Answers people until `stop`, then finishes the answers that are under way.
    pub(super) async fn answer_people(self, stop: CancellationToken) {
        let worker = Worker {
            name: "answers",
            places: AT_ONCE,
            wake: self.journal.appended.answers.clone(),
            clock: self.clock.clone(),
            queue: Answers(self),
        };
        worker.run(stop).await;
    }

    async fn answer(&self, waiting: Waiting) -> Result<(), sqlx::Error> {
        let sealed = Sealed {
            row: ReplyRow {
                id: waiting.id,
                target: waiting.target,
                card: waiting.card,
                created_at: waiting.created_at,
            },
            mac: waiting.mac,
        };
        let Some(row) = sealed.open(&self.journal.key) else {
            return self.answered(waiting.id, "changed").await;
        };
        let parsed = (
            serde_json::from_value::<Target>(row.target),
            serde_json::from_value::<Card>(row.card),
        );
        let (Ok(target), Ok(card)) = parsed else {
            tracing::error!(reply = %waiting.id, "an answer cannot be read");
            return self.answered(waiting.id, "unreadable").await;
        };
        let Err(error) = self.give(&target, card).await else {
            return self.answered(waiting.id, "given").await;
        };
        tracing::warn!(reply = %waiting.id, %error, "an answer was not given");
        let wait = match error.retry() {
            Retry::Never => None,
            Retry::After(wait) => chrono::Duration::from_std(wait).ok(),
            Retry::Later | Retry::LookFirst | Retry::WhenMended | Retry::Unclear => {
                Some(backoff(waiting.attempts, FIRST_PAUSE, LONGEST_PAUSE))
            }
        };
        let now = self.clock.now();
        match wait.filter(|wait| now + *wait < waiting.created_at + WORTH_GIVING) {
            Some(wait) => self.answer_again(waiting.id, now + wait).await,
            None => self.answered(waiting.id, "given up").await,
        }
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

    async fn answer_again(&self, id: Uuid, at: Instant) -> Result<(), sqlx::Error> {
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

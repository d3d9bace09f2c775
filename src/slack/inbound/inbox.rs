//! The inbox: what people did in Slack, on record before it is acknowledged, and processed in order.

mod receive;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    domain::{Instant, PlanDigest, RequestId, private_data::Asking},
    journal::{Connection, Store},
};

pub use receive::{Deadline, NotReceived, Received, first_time, receive};

/// How long one worker may hold an entry before another one tries.
const CLAIM: chrono::Duration = chrono::Duration::seconds(30);

/// What somebody did, understood.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InboxEntry {
    /// The Slack account that did it.
    pub user: String,
    /// Where to answer.
    pub answer: Answer,
    /// What it is.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of inbox entries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Asks for an operation.
    Ask {
        /// Its name.
        operation: String,
        /// Its arguments and the reason.
        asking: Asking,
    },
    /// Decides about a request.
    Decide {
        /// Which request.
        request: RequestId,
        /// How.
        decision: Decision,
        /// The nonce of the button, when it came from one.
        #[serde(default)]
        nonce: Option<String>,
    },
}

/// A decision, as it was clicked or submitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// Yes to one plan.
    Approve {
        /// The plan on the card.
        plan: PlanDigest,
        /// What was typed to confirm.
        typed: Option<String>,
    },
    /// No.
    Deny {
        /// Why.
        reason: String,
    },
    /// Withdrawn.
    Cancel,
    /// Stopped in the cooling-off time.
    Stop,
    /// A stuck run goes on.
    Resume,
    /// A stuck request is closed.
    Settle {
        /// What was found.
        note: String,
    },
    /// The dialog of a button was asked for by somebody who may not have it, as far as was known then. It decides
    /// nothing.
    Open {
        /// Which dialog.
        dialog: Dialog,
        /// The plan on the card.
        plan: Option<PlanDigest>,
        /// Whether the person has a dialog before them that tells what came of it.
        shown: bool,
    },
}

/// What a button of a card opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialog {
    /// The typed confirmation of an approval.
    Approve,
    /// The reason of a denial.
    Deny,
    /// The note that settles.
    Settle,
    /// The whole plan.
    FullPlan,
}

impl InboxEntry {
    /// The operation or decision, and the request when there is one already.
    #[must_use]
    pub fn kind(&self) -> (&str, Option<Uuid>) {
        match &self.what {
            What::Ask { operation, .. } => (operation, None),
            What::Decide {
                request, decision, ..
            } => (decision.word(), Some(request.0)),
        }
    }
}

impl Decision {
    /// The word under which an attempt is on record.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Approve { .. } => "approve",
            Self::Deny { .. } => "deny",
            Self::Cancel => "cancel",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::Settle { .. } => "settle",
            Self::Open { dialog, .. } => dialog.word(),
        }
    }
}

impl Dialog {
    /// The word under which an attempt is on record.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Settle => "settle",
            Self::FullPlan => "full plan",
        }
    }
}

/// Where one person is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Answer {
    /// At the response URL of a command or click.
    ResponseUrl {
        /// Whoever knows it can post.
        url: String,
    },
    /// In a channel, visible to the person alone.
    Ephemeral {
        /// The channel.
        channel: String,
    },
    /// In a direct message.
    Direct,
}

/// One entry that a worker holds.
#[derive(Debug)]
pub struct Claimed {
    /// The entry.
    pub id: Uuid,
    /// What was done.
    pub entry: InboxEntry,
    /// When.
    pub received_at: Instant,
    /// Tries so far, this one included.
    pub attempts: i32,
}

/// Takes the oldest open entry, decisions before commands; `None` when there is none. Of one request only the oldest open entry is taken, so that
/// what people did to it has its effect in the order in which they did it. What this version cannot read is set aside.
///
/// # Errors
/// The store's.
pub async fn claim(pool: &Store, now: Instant) -> Result<Option<Claimed>, sqlx::Error> {
    loop {
        let row = sqlx::query!(
            r#"update countersign.inbox set not_before = $2, attempts = attempts + 1
               where id = (select i.id from countersign.inbox i
                           where i.done_at is null and i.not_before <= $1
                             and not exists (select from countersign.inbox earlier
                                             where earlier.request_id = i.request_id and earlier.done_at is null
                                               and (earlier.received_at, earlier.id) < (i.received_at, i.id))
                           order by (i.request_id is null), i.received_at, i.id limit 1 for update skip locked)
               returning id, payload, received_at, attempts"#,
            now,
            now + CLAIM
        )
        .fetch_optional(pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        match serde_json::from_value(row.payload.unwrap_or_default()) {
            Ok(entry) => {
                return Ok(Some(Claimed {
                    id: row.id,
                    entry,
                    received_at: row.received_at,
                    attempts: row.attempts,
                }));
            }
            Err(error) => {
                // Its text may quote what people wrote; where it broke is enough.
                let at = (error.line(), error.column(), error.classify());
                tracing::error!(inbox = %row.id, ?at, "an entry of the inbox cannot be read and is set aside");
                metrics::counter!("countersign_inbox_set_aside_total").increment(1);
                set_aside(pool, row.id, now).await?;
            }
        }
    }
}

/// Ends an entry without an effect. What it held stays until it is forgotten, so that an operator can look.
async fn set_aside(pool: &Store, id: Uuid, now: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.inbox set done_at = $2, failed_at = $2 where id = $1 and done_at is null",
        id,
        now
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Marks an entry as done, in the transaction of what followed from it; false when another worker was first.
/// What it held goes: it may name people.
///
/// # Errors
/// The store's.
pub async fn finish(tx: &mut Connection, id: Uuid, now: Instant) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update countersign.inbox set done_at = $2, payload = null where id = $1 and done_at is null",
        id,
        now
    )
    .execute(&mut *tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Has an entry tried again at `not_before`.
///
/// # Errors
/// The store's.
pub async fn put_back(pool: &Store, id: Uuid, not_before: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.inbox set not_before = $2 where id = $1 and done_at is null",
        id,
        not_before
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets signatures and done entries that are of no use any more.
///
/// # Errors
/// The store's.
pub async fn forget(
    pool: &Store,
    signatures: Instant,
    entries: Instant,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from countersign.seen_signature where seen_at < $1",
        signatures
    )
    .execute(pool)
    .await?;
    sqlx::query!("delete from countersign.inbox where done_at < $1", entries)
        .execute(pool)
        .await?;
    sqlx::query!("delete from countersign.reply where done_at < $1", entries)
        .execute(pool)
        .await?;
    Ok(())
}

//! The inbox: what people did in Slack and what vendors told, on record before it is acknowledged, and processed in order.

mod receive;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    audit_key::AuditKey,
    config::limits,
    domain::{Instant, PlanDigest, RequestId, event::Asking},
    journal::{
        Connection, Store,
        sealed::{InboxRow, Sealed},
    },
    work::{Job, JobContext, JobError, Schedule},
};

pub use receive::{Deadline, NotReceived, Received, first_time, receive, receive_event};

/// How long one worker may hold an entry before another one tries, by the store's clock: those of replicas may differ.
const CLAIM: Duration = Duration::from_secs(30);
/// How long a decision waits for an earlier one about the same request that is being processed. Longer than it usually takes;
/// when Slack does not say who somebody is, it takes much longer, and then nobody else waits for it.
const IN_TURN: Duration = Duration::from_secs(1);

/// How long done entries are remembered, so that a late repetition is still known.
const REMEMBER: chrono::Duration = chrono::Duration::days(7);
/// The same for events of vendors. Stripe keeps them itself for 30 days, and anybody there can deliver one again.
const REMEMBER_EVENTS: chrono::Duration = chrono::Duration::days(31);

/// Wakes whoever processes entries.
#[derive(Debug, Clone, Default)]
pub struct Arrived {
    /// For entries of [`Rank::Urgent`].
    pub urgent: Arc<Notify>,
    /// For what else people do.
    pub usual: Arc<Notify>,
    /// For entries of [`Rank::Event`].
    pub events: Arc<Notify>,
}

impl Arrived {
    /// An entry of this rank came in.
    pub fn notify(&self, rank: Rank) {
        match rank {
            Rank::Urgent => self.urgent.notify_one(),
            Rank::Decision | Rank::Command => self.usual.notify_one(),
            Rank::Event => self.events.notify_one(),
        }
    }
}

/// What somebody did, understood.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InboxEntry {
    /// The Slack account that did it.
    pub user: String,
    pub answer: Answer,
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
        request: RequestId,
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
    /// The requester's own yes to one plan.
    Confirm {
        /// The plan on the card.
        plan: PlanDigest,
    },
    /// No.
    Deny { reason: String },
    /// Withdrawn.
    Cancel,
    /// Stopped in the cooling-off time.
    Stop,
    /// A stuck run goes on.
    Resume,
    /// A stuck request is closed.
    Settle { note: String },
    /// The dialog of a button was asked for by somebody who may not have it, as far as was known then. It decides
    /// nothing.
    Open {
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
            Self::Confirm { .. } => "confirm",
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
    Ephemeral { channel: String },
    /// In a direct message.
    Direct,
}

/// What a vendor told by a webhook.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VendorEvent {
    /// The vendor and its id of the event, the same however often it is delivered: `stripe:evt_…`.
    pub id: String,
    /// `refund.updated`.
    pub kind: String,
    /// The request that it is about.
    pub request: RequestId,
}

/// One entry that a worker holds.
#[derive(Debug)]
pub struct Claimed<T = InboxEntry> {
    /// The entry.
    pub id: Uuid,
    /// The delivery's key.
    pub dedupe_key: String,
    /// What was done.
    pub entry: T,
    pub received_at: Instant,
    /// Tries so far, this one included.
    pub attempts: i32,
}

/// How urgent an entry is. What one person sent of one rank is a lane: it is processed in order, and the lanes of one rank
/// take turns. Decisions go before commands; what stops something has workers of its own and waits for neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Calls something off: stop, deny, cancel.
    Urgent,
    /// Decides otherwise.
    Decision,
    /// Asks for something.
    Command,
    /// An event of a vendor.
    Event,
}

impl Rank {
    /// The rank of what somebody did.
    #[must_use]
    pub fn of(what: &What) -> Self {
        match what {
            What::Ask { .. } => Self::Command,
            What::Decide { decision, .. } => match decision {
                Decision::Stop | Decision::Deny { .. } | Decision::Cancel => Self::Urgent,
                Decision::Approve { .. }
                | Decision::Confirm { .. }
                | Decision::Resume
                | Decision::Settle { .. }
                | Decision::Open { .. } => Self::Decision,
            },
        }
    }

    /// As it stands in the store.
    #[must_use]
    pub fn number(self) -> i16 {
        match self {
            Self::Urgent => 0,
            Self::Decision => 1,
            Self::Command => 2,
            Self::Event => 3,
        }
    }
}

/// Takes the open entry that is first by rank, in the order of `ranks`, and then by when it came in; `None` when there is
/// none. Of one lane only the first open entry is taken. What somebody without the key put there, and what
/// this version cannot read, is set aside.
pub async fn claim<T: DeserializeOwned>(
    pool: &Store,
    key: &AuditKey,
    ranks: &[Rank],
    now: Instant,
) -> Result<Option<Claimed<T>>, sqlx::Error> {
    for rank in ranks {
        while let Some(row) = claim_row(pool, *rank, now).await? {
            let (id, attempts) = (row.id, row.attempts);
            let Some(genuine) = row.sealed().open(key) else {
                set_aside(pool, id, now).await?;
                continue;
            };
            match serde_json::from_value(genuine.payload.unwrap_or_default()) {
                Ok(entry) => {
                    return Ok(Some(Claimed {
                        id,
                        dedupe_key: genuine.dedupe_key,
                        entry,
                        received_at: genuine.received_at,
                        attempts,
                    }));
                }
                Err(error) => {
                    // Its text may quote what people wrote; where it broke is enough.
                    let at = (error.line(), error.column(), error.classify());
                    tracing::error!(inbox = %id, ?at, "an entry of the inbox cannot be read and is set aside");
                    metrics::counter!("countersign_inbox_set_aside_total").increment(1);
                    set_aside(pool, id, now).await?;
                }
            }
        }
    }
    Ok(None)
}

struct Row {
    id: Uuid,
    dedupe_key: String,
    payload: Option<serde_json::Value>,
    received_at: Instant,
    attempts: i32,
    mac: Vec<u8>,
}

impl Row {
    fn sealed(self) -> Sealed<InboxRow> {
        Sealed {
            row: InboxRow {
                dedupe_key: self.dedupe_key,
                payload: self.payload,
                received_at: self.received_at,
            },
            mac: self.mac,
        }
    }
}

/// Reads the index of the heads of lanes in order. Two heads of one lane are rare (see [`receive`]); then the older one is
/// taken. Decisions of one request are taken one after the other while each of them takes no longer than [`IN_TURN`].
async fn claim_row(pool: &Store, rank: Rank, now: Instant) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"update countersign.inbox set held_until = now() + make_interval(secs => $3), attempts = attempts + 1
           where id = (select i.id from countersign.inbox i
                       where i.done_at is null and not i.waits and i.rank = $1 and i.not_before <= $2
                         and (i.held_until is null or i.held_until <= now())
                         and i.id = (select head.id from countersign.inbox head
                                     where head.lane = i.lane and head.done_at is null and not head.waits
                                     order by head.received_at, head.id limit 1)
                         and ($1 = 0 or not exists (
                             select from countersign.inbox other
                             where other.request_id = i.request_id and other.done_at is null
                               and other.held_until > now() + make_interval(secs => $4)))
                       order by i.not_before, i.id limit 1 for update skip locked)
           returning id, dedupe_key, payload, received_at, attempts, mac"#,
        rank.number(),
        now,
        CLAIM.as_secs_f64(),
        (CLAIM - IN_TURN).as_secs_f64()
    )
    .fetch_optional(pool)
    .await
}

/// When the next entry of these ranks may be taken that may not be taken now.
pub async fn next_due(
    pool: &Store,
    ranks: &[Rank],
    now: Instant,
) -> Result<Option<Instant>, sqlx::Error> {
    let ranks: Vec<i16> = ranks.iter().map(|rank| rank.number()).collect();
    sqlx::query_scalar!(
        r#"select min(next.not_before) from unnest($1::smallint[]) as r(rank) cross join lateral (
               select i.not_before from countersign.inbox i
               where i.done_at is null and not i.waits and i.rank = r.rank and i.not_before > $2
               order by i.not_before limit 1) next"#,
        &ranks,
        now
    )
    .fetch_one(pool)
    .await
}

/// Ends an entry without an effect. What it held stays until it is forgotten, so that an operator can look.
async fn set_aside(pool: &Store, id: Uuid, now: Instant) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let lane = sqlx::query_scalar!(
        "update countersign.inbox set done_at = $2, failed_at = $2 where id = $1 and done_at is null returning lane",
        id,
        now
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(lane) = lane {
        release_next(&mut tx, &lane).await?;
    }
    tx.commit().await
}

/// Marks an entry as done, in the transaction of what followed from it; false when another worker was first.
/// What it held goes: it may name people.
pub async fn finish(tx: &mut Connection, id: Uuid, now: Instant) -> Result<bool, sqlx::Error> {
    let lane = sqlx::query_scalar!(
        r#"update countersign.inbox set done_at = $2, payload = null where id = $1 and done_at is null
           returning lane"#,
        id,
        now
    )
    .fetch_optional(&mut *tx)
    .await?;
    match lane {
        Some(lane) => release_next(tx, &lane).await.map(|()| true),
        None => Ok(false),
    }
}

/// Has the next entry of a lane wait no longer, in the transaction that ends one. Whoever put an entry behind the one that
/// ends held that one until it was committed (see [`receive`]), so this statement sees it.
async fn release_next(tx: &mut Connection, lane: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"update countersign.inbox set waits = false
           where waits and id = (select next.id from countersign.inbox next
                                 where next.lane = $1 and next.done_at is null and next.waits
                                 order by next.received_at, next.id limit 1)"#,
        lane
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Has an entry tried again at `not_before`.
pub async fn put_back(pool: &Store, id: Uuid, not_before: Instant) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update countersign.inbox set not_before = $2, held_until = null where id = $1 and done_at is null",
        id,
        not_before
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Releases the first entry of lanes in which all wait, as after a part of the store was restored or rows were deleted by hand.
pub const RELEASE: Job = Job {
    name: "release inbox lanes",
    schedule: Schedule::Every(chrono::Duration::minutes(1)),
    catch_up: chrono::Duration::minutes(1),
    deadline: Duration::from_secs(60),
    run: release,
};

fn release(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let released = sqlx::query!(
            r#"update countersign.inbox i set waits = false
               where i.waits and i.done_at is null
                 and i.id in (select distinct on (lane) id from countersign.inbox
                              where done_at is null and waits order by lane, received_at, id)
                 and not exists (select from countersign.inbox head
                                 where head.lane = i.lane and head.done_at is null and not head.waits)"#
        )
        .execute(&context.journal.pool)
        .await?;
        if released.rows_affected() > 0 {
            let lanes = released.rows_affected();
            tracing::warn!(
                lanes,
                "entries of the inbox waited for nobody and were released"
            );
        }
        Ok(())
    })
}

/// Forgets signatures and done entries that are of no use any more.
pub const FORGET: Job = Job {
    name: "forget the inbox",
    schedule: Schedule::Every(chrono::Duration::minutes(10)),
    catch_up: chrono::Duration::minutes(10),
    deadline: Duration::from_secs(300),
    run: forget,
};

fn forget(context: JobContext) -> BoxFuture<'static, Result<(), JobError>> {
    Box::pin(async move {
        let (pool, now) = (&context.journal.pool, context.now);
        // A signature may be from the future by the window, and is refused by its age after it.
        let window = chrono::Duration::from_std(limits::SIGNATURE_AGE)?;
        let signatures = "delete from countersign.seen_signature where signature in
            (select signature from countersign.seen_signature where seen_at < $1 limit $2)";
        pool.in_batches(signatures, now - window * 3).await?;
        let entries = "delete from countersign.inbox where id in
            (select id from countersign.inbox where done_at < $1 and rank <> 3 limit $2)";
        pool.in_batches(entries, now - REMEMBER).await?;
        let events = "delete from countersign.inbox where id in
            (select id from countersign.inbox where done_at < $1 and rank = 3 limit $2)";
        pool.in_batches(events, now - REMEMBER_EVENTS).await?;
        let replies = "delete from countersign.reply where id in
            (select id from countersign.reply where done_at < $1 limit $2)";
        pool.in_batches(replies, now - REMEMBER).await?;
        Ok(())
    })
}

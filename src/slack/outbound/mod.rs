//! The reconciler: what is shown in Slack follows the journal, at least once, in order per channel, through
//! outages of any length.
//!
//! [`projections`] says which messages must exist and how they are drawn; each is one row that is redrawn until it shows
//! what it must. [`channel`] writes to one channel at a time; [`replies`] answers single people. What a person has
//! to mend (a token, a right, a channel) is waited for; only what can never be shown is given up.

mod channel;
mod drawn;
mod pace;
mod pictures;
mod projections;
mod replies;
mod row;
mod send;
mod slot;

use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::Instant,
    journal::Journal,
    runtime::SharedClock,
    slack::client::SlackApi,
    work::{Queue, Worker},
};

pub use projections::Projections;

/// Channels that one replica writes to at a time.
const CHANNELS_AT_ONCE: usize = 8;
/// The pause after a failed call, at first and at most; Retry-After goes before both.
const FIRST_PAUSE: chrono::Duration = chrono::Duration::seconds(1);
const LONGEST_PAUSE: chrono::Duration = chrono::Duration::seconds(60);
/// The type of the metadata by which a message is found again.
pub const EVENT_TYPE: &str = "countersign_message";

/// Where requests are shown.
#[derive(Debug, Clone)]
pub struct Channels {
    /// Where approvals are asked for.
    pub approvals: String,
    /// Where everything is on record.
    pub audit: String,
}

/// The reconciler of one replica.
#[derive(Clone)]
pub struct Outbound {
    /// What has to be shown.
    pub journal: Journal,
    /// How it is sent.
    pub api: SlackApi,
    /// Where it is shown.
    pub channels: Channels,
    /// How often the chain's head is posted as a witness.
    pub witness_every: chrono::Duration,
    /// The least time between two messages in one channel.
    pub gap: chrono::Duration,
    pub clock: SharedClock,
    /// What messages there are.
    pub projections: Projections,
}

impl Outbound {
    /// Works until `stop`, then finishes the calls that are under way.
    pub async fn run(self, stop: CancellationToken) {
        let writer = Worker {
            name: "messages",
            places: CHANNELS_AT_ONCE,
            wake: self.journal.appended.outbound.clone(),
            clock: self.clock.clone(),
            queue: Writer {
                outbound: self.clone(),
                begun: Arc::default(),
            },
        };
        tokio::join!(self.answer_people(stop.clone()), writer.run(stop));
    }
}

/// The channels and people for whom something waits.
#[derive(Clone)]
struct Writer {
    outbound: Outbound,
    begun: Arc<OnceCell<()>>,
}

impl Queue for Writer {
    type Item = pace::Turn;

    async fn claim(&self) -> Result<Option<pace::Turn>, sqlx::Error> {
        let outbound = &self.outbound;
        self.begun
            .get_or_try_init(|| outbound.try_given_up_again())
            .await?;
        // What stands already is written also when one of these cannot be noted now.
        for projection in outbound.projections.all() {
            if let Err(error) = projection.note(outbound).await {
                tracing::warn!(%error, "what has to be shown could not be noted; it is tried again");
            }
        }
        pace::take_next(&outbound.journal.pool, outbound.clock.now()).await
    }

    async fn next_due(&self) -> Result<Option<Instant>, sqlx::Error> {
        let outbound = &self.outbound;
        let mut next = pace::next(&outbound.journal.pool, outbound.clock.now()).await?;
        for projection in outbound.projections.all() {
            let due = projection.next_due(outbound).await?;
            next = next.into_iter().chain(due).min();
        }
        Ok(next)
    }

    async fn work(&self, turn: pace::Turn, stop: CancellationToken) {
        self.outbound.write_to(turn, &stop).await;
    }
}

/// Whether a recipient is a person and not a channel.
fn is_person(recipient: &str) -> bool {
    recipient.starts_with(['U', 'W'])
}

//! The reconciler: what is shown in Slack follows the journal, at least once, in order per channel, through
//! outages of any length.
//!
//! [`slots`] says which messages a request must have; each is one row that is redrawn until it shows what the
//! journal says. [`channel`] writes to one channel at a time; [`replies`] answers single people. What a person has
//! to mend (a token, a right, a channel) is waited for; only what can never be shown is given up.

mod announce;
mod channel;
mod draw;
mod pace;
mod pictures;
mod replies;
mod review;
mod row;
mod send;
mod slots;
mod witness;

use std::sync::Arc;

use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    domain::Instant, journal::Journal, runtime::SharedClock, slack::client::SlackApi, work::POLL,
};

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
    /// The clock.
    pub clock: SharedClock,
}

impl Outbound {
    /// Works until `stop`, then finishes the calls that are under way.
    pub async fn run(self, stop: CancellationToken) {
        let tracker = TaskTracker::new();
        let places = Arc::new(Semaphore::new(CHANNELS_AT_ONCE));
        let answers = Arc::new(Notify::new());
        tracker.spawn(self.clone().answer_people(answers.clone(), stop.clone()));
        let mut fresh = true;
        while !stop.is_cancelled() {
            let looked = self.look(&tracker, &places, fresh, &stop).await;
            let crowded = match looked {
                Ok(crowded) => {
                    fresh = false;
                    crowded
                }
                Err(error) => {
                    tracing::warn!(%error, "the reconciler cannot read what has to be shown");
                    false
                }
            };
            let until = self.next_look().await;
            tokio::select! {
                () = self.journal.appended.outbound.notified() => answers.notify_one(),
                () = self.clock.sleep_until(until) => {}
                _ = places.acquire(), if crowded => {}
                () = stop.cancelled() => {}
            }
        }
        tracker.close();
        tracker.wait().await;
    }

    /// Starts whatever can be written now. Gives whether more waits than there are places.
    async fn look(
        &self,
        tracker: &TaskTracker,
        places: &Arc<Semaphore>,
        fresh: bool,
        stop: &CancellationToken,
    ) -> Result<bool, sqlx::Error> {
        if fresh {
            self.try_given_up_again().await?;
        }
        // What stands already is written also when one of these waits for a lock that somebody else holds.
        let looked = [
            self.announce().await,
            self.witness().await,
            self.ask_for_review().await,
        ];
        for error in looked.into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "what has to be shown could not be noted; it is tried again");
        }
        for recipient in pace::waiting(&self.journal.pool, self.clock.now()).await? {
            let Ok(place) = places.clone().try_acquire_owned() else {
                return Ok(true);
            };
            let (outbound, stopping) = (self.clone(), stop.clone());
            tracker.spawn(async move {
                outbound.write_to(&recipient, &stopping).await;
                drop(place);
            });
        }
        Ok(false)
    }

    /// When something may be due that nobody announces: a pause that ends, or what another replica left.
    async fn next_look(&self) -> Instant {
        let now = self.clock.now();
        let due = pace::next(&self.journal.pool, now).await.ok().flatten();
        due.map_or(now + POLL, |due| due.min(now + POLL))
    }
}

/// Whether a recipient is a person and not a channel.
fn is_person(recipient: &str) -> bool {
    recipient.starts_with(['U', 'W'])
}

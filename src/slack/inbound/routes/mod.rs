//! What Slack delivers is read, written down, and then acknowledged.

mod click;
mod command;
mod dialog;
mod submission;

use std::sync::Arc;

use serde_json::json;
use tokio_util::task::TaskTracker;

use super::{
    delivery::{Delivery, Kind, Refused, Reply},
    inbox::{self, Arrived, Deadline, InboxEntry, NotReceived, Rank, Received},
    pace::Pace,
    payload::{EventKind, InteractionKind, parse_event, parse_interaction},
};
use crate::{
    journal::Journal,
    runtime::SharedClock,
    slack::{
        cards::Card,
        client::SlackApi,
        directory::Directory,
        people::{Memory, People},
    },
    telemetry,
};

/// Everything that the front needs.
#[derive(Clone)]
pub struct Front {
    /// Where it is written down.
    pub journal: Journal,
    /// Who people are, for what is shown before a decision.
    pub directory: Arc<Directory>,
    /// For opening modals while their trigger lives.
    pub api: SlackApi,
    pub clock: SharedClock,
    /// Woken when something came in.
    pub arrived: Arrived,
    /// Modals that are being opened.
    pub tasks: TaskTracker,
    /// How many commands each person may send.
    pub pace: Arc<Pace>,
}

impl Front {
    /// Takes a delivery: what it asks for is on record when it is acknowledged.
    pub async fn handle(&self, delivery: Delivery) -> Reply {
        match delivery.kind {
            Kind::Command => command::command(self, delivery).await,
            Kind::Interaction => self.interaction(delivery).await,
            // No select of ours loads its options from here; Slack gets an empty list instead of an error.
            Kind::Options => Reply::With(json!({ "options": [] })),
            Kind::Event => match parse_event(&delivery.body) {
                Err(_) => UNREADABLE,
                Ok(event) => match event.kind() {
                    EventKind::UrlVerification { challenge } => {
                        Reply::Challenge(challenge.to_owned())
                    }
                    _ => just_once(self, &delivery).await,
                },
            },
        }
    }

    async fn interaction(&self, delivery: Delivery) -> Reply {
        let Ok(interaction) = parse_interaction(&delivery.body) else {
            return UNREADABLE;
        };
        match interaction.kind() {
            InteractionKind::BlockActions => click::click(self, delivery, &interaction).await,
            InteractionKind::ViewSubmission => {
                submission::submission(self, delivery, &interaction).await
            }
            _ => just_once(self, &delivery).await,
        }
    }
}

/// The answer to what cannot be read.
const UNREADABLE: Reply = Reply::Refused(Refused::Unreadable);

impl Front {
    /// Writes an inbox entry down; `acknowledge` only when it is on record.
    async fn write_down(
        &self,
        delivery: &Delivery,
        key: &str,
        entry: &InboxEntry,
    ) -> Result<(), NotWritten> {
        let began = Deadline::now();
        let received = inbox::receive(
            &self.journal.pool,
            &self.journal.key,
            &delivery.key,
            key,
            entry,
            delivery.received_at,
            delivery.answer_by,
        )
        .await;
        match received? {
            Received::New => {
                let (kind, request) = entry.kind();
                let took = began.elapsed();
                telemetry::inbox_entry_accepted(kind, request, took, self.journal.replica);
                self.arrived.notify(Rank::of(&entry.what));
            }
            Received::Again => {}
            Received::Replay => return Err(replay()),
        }
        Ok(())
    }

    /// Notes the signature of a request that changes nothing.
    async fn note(&self, delivery: &Delivery) -> Result<(), NotWritten> {
        let first = inbox::first_time(
            &self.journal.pool,
            &delivery.key,
            delivery.received_at,
            delivery.answer_by,
        );
        match first.await? {
            true => Ok(()),
            false => Err(replay()),
        }
    }

    /// What the store says, unless it takes too long.
    async fn in_time<T>(
        &self,
        delivery: &Delivery,
        look: impl Future<Output = T>,
    ) -> Result<T, NotWritten> {
        let looked = tokio::time::timeout_at(delivery.answer_by, look).await;
        looked.map_err(|_| NotReceived::TooLate.into())
    }

    /// Who people are, by Slack and by the journal.
    fn people(&self) -> People {
        People {
            directory: self.directory.clone(),
            journal: self.journal.clone(),
            clock: self.clock.clone(),
            memory: Memory::AtHand,
        }
    }
}

/// Why something that came in is not on record, or not for certain.
enum NotWritten {
    /// It did not come from Slack.
    Replay,
    /// The store does not answer: nothing is on record and nothing will be.
    Store,
    /// The store did not confirm: it may be on record.
    Unknown,
}

/// What somebody reads when nothing was recorded.
const NOT_RECORDED: &str = "Not recorded: Countersign could not write this down, so nothing was done. \
                            Please try again in a minute.";
/// What somebody reads when it may have been recorded.
const MAYBE_RECORDED: &str = "Countersign's database did not confirm in time, so this may have been recorded. \
                              Look at /ops requests before you try again.";

impl NotWritten {
    /// What the person reads.
    fn says(&self) -> &'static str {
        match self {
            Self::Replay | Self::Store => NOT_RECORDED,
            Self::Unknown => MAYBE_RECORDED,
        }
    }

    /// The answer where Slack shows the person nothing of a body.
    fn refused(&self) -> Reply {
        Reply::Refused(match self {
            Self::Replay => Refused::Replay,
            Self::Store | Self::Unknown => Refused::NotRecorded,
        })
    }
}

impl From<NotReceived> for NotWritten {
    fn from(error: NotReceived) -> Self {
        tracing::error!(%error, "what came in could not be written down");
        match error {
            NotReceived::Store(_) | NotReceived::TooLate => Self::Store,
            NotReceived::Unknown => Self::Unknown,
        }
    }
}

fn replay() -> NotWritten {
    tracing::warn!("refused a request at the Slack gate: the very same signed bytes came before");
    NotWritten::Replay
}

/// For requests that change nothing: acknowledged, unless they are a replay.
async fn just_once(front: &Front, delivery: &Delivery) -> Reply {
    match front.note(delivery).await {
        Ok(()) => Reply::Acknowledged,
        Err(not_written) => not_written.refused(),
    }
}

/// An answer that only the person sees, in the response to their command.
fn ephemeral(card: &Card) -> Reply {
    Reply::With(json!({ "response_type": "ephemeral", "text": card.text, "blocks": card.blocks }))
}

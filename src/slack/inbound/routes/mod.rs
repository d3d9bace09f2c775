//! The four addresses that Slack calls. Each request is verified, read, written down, and then acknowledged.

mod click;
mod command;
mod dialog;
mod submission;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use super::{
    inbox::{self, Deadline, InboxEntry, NotReceived, Received},
    pace::Pace,
    payload::{EventKind, InteractionKind, parse_event, parse_interaction},
    receive::{Gate, Rejection, Verified, challenge_response},
};
use crate::{
    config::limits,
    journal::Journal,
    runtime::{self, SharedClock},
    slack::{cards::Card, client::SlackApi, directory::Directory, people::People},
    telemetry,
};

/// Everything that the front needs.
#[derive(Clone)]
pub struct Front {
    /// Lets in what Slack has signed.
    pub gate: Gate,
    /// Where it is written down.
    pub journal: Journal,
    /// Who people are, for what is shown before a decision.
    pub directory: Arc<Directory>,
    /// For opening modals while their trigger lives.
    pub api: SlackApi,
    /// The clock.
    pub clock: SharedClock,
    /// Woken when something came in.
    pub arrived: Arc<Notify>,
    /// Modals that are being opened.
    pub tasks: TaskTracker,
    /// How many commands each person may send.
    pub pace: Arc<Pace>,
}

/// The routes under `/slack`.
pub fn router(front: Front) -> Router {
    Router::new()
        .route("/slack/commands", post(commands))
        .route("/slack/interactions", post(interactions))
        .route("/slack/options", post(options))
        .route("/slack/events", post(events))
        .with_state(front)
}

async fn commands(State(front): State<Front>, request: Request) -> Response {
    answer(&front, "commands", request, async |delivery| {
        command::command(&front, delivery).await
    })
    .await
}

async fn interactions(State(front): State<Front>, request: Request) -> Response {
    answer(&front, "interactions", request, async |delivery| {
        let Ok(interaction) = parse_interaction(&delivery.verified.body) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        match interaction.kind() {
            InteractionKind::BlockActions => click::click(&front, delivery, &interaction).await,
            InteractionKind::ViewSubmission => {
                submission::submission(&front, delivery, &interaction).await
            }
            _ => just_once(&front, &delivery).await,
        }
    })
    .await
}

/// No select of ours loads its options from here; Slack gets an empty list instead of an error.
async fn options(State(front): State<Front>, request: Request) -> Response {
    answer(&front, "options", request, async |_| {
        Json(json!({ "options": [] })).into_response()
    })
    .await
}

async fn events(State(front): State<Front>, request: Request) -> Response {
    answer(
        &front,
        "events",
        request,
        async |delivery| match parse_event(&delivery.verified.body) {
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
            Ok(event) => match event.kind() {
                EventKind::UrlVerification { challenge } => challenge_response(challenge),
                _ => just_once(&front, &delivery).await,
            },
        },
    )
    .await
}

/// A request from Slack that was let in, and until when it has to be answered.
struct Delivery {
    verified: Verified,
    answer_by: Deadline,
}

/// Lets a request in, has it handled, and measures how long Slack waited.
async fn answer(
    front: &Front,
    route: &'static str,
    request: Request,
    handle: impl AsyncFnOnce(Delivery) -> Response,
) -> Response {
    let began = front.clock.now();
    let answer_by = Deadline::now() + limits::ACKNOWLEDGE;
    let id = runtime::new_id();
    let span = tracing::info_span!("delivery", delivery.id = %id, route);
    let response = match front
        .gate
        .receive(id, request)
        .instrument(span.clone())
        .await
    {
        Ok(verified) => {
            let delivery = Delivery {
                verified,
                answer_by,
            };
            handle(delivery).instrument(span).await
        }
        Err(rejection) => {
            if rejection != Rejection::CertificateCheck {
                metrics::counter!("countersign_slack_refused_total", "route" => route).increment(1);
            }
            rejection.into_response()
        }
    };
    let waited = (front.clock.now() - began).as_seconds_f64();
    metrics::histogram!("countersign_slack_ack_seconds", "route" => route).record(waited);
    response
}

impl Front {
    /// Writes an inbox entry down; `acknowledge` only when it is on record.
    async fn write_down(
        &self,
        delivery: &Delivery,
        key: &str,
        entry: &InboxEntry,
    ) -> Result<(), NotWritten> {
        let began = Deadline::now();
        let verified = &delivery.verified;
        let received = inbox::receive(
            &self.journal.pool,
            verified.signature_id.as_str(),
            key,
            entry,
            verified.received_at,
            delivery.answer_by,
        )
        .await;
        match received? {
            Received::New => {
                let (kind, request) = entry.kind();
                let took = began.elapsed();
                telemetry::inbox_entry_accepted(kind, request, took, self.journal.replica);
                self.arrived.notify_one();
            }
            Received::Again => {}
            Received::Replay => return Err(replay()),
        }
        Ok(())
    }

    /// Notes the signature of a request that changes nothing.
    async fn note(&self, delivery: &Delivery) -> Result<(), NotWritten> {
        let verified = &delivery.verified;
        let first = inbox::first_time(
            &self.journal.pool,
            verified.signature_id.as_str(),
            verified.received_at,
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
    fn status(&self) -> StatusCode {
        match self {
            Self::Replay => StatusCode::UNAUTHORIZED,
            Self::Store | Self::Unknown => StatusCode::SERVICE_UNAVAILABLE,
        }
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
async fn just_once(front: &Front, delivery: &Delivery) -> Response {
    match front.note(delivery).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(not_written) => not_written.status().into_response(),
    }
}

/// An answer that only the person sees, in the response to their command.
fn ephemeral(card: &Card) -> Response {
    let body = json!({ "response_type": "ephemeral", "text": card.text, "blocks": card.blocks });
    Json(body).into_response()
}

//! The four addresses that Slack calls. Each request is verified, read, written down, and then acknowledged.

mod click;
mod command;
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

use super::{
    inbox::{self, Deed, Received},
    pace::Pace,
    payload::{EventKind, InteractionKind, parse_event, parse_interaction},
    receive::{Gate, Rejection, Verified, challenge_response},
};
use crate::{
    journal::Journal,
    rim::{self, SharedClock},
    slack::{cards::Card, client::SlackApi, directory::Directory},
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
    answer(&front, "commands", request, async |verified| {
        command::command(&front, verified).await
    })
    .await
}

async fn interactions(State(front): State<Front>, request: Request) -> Response {
    answer(&front, "interactions", request, async |verified| {
        let Ok(interaction) = parse_interaction(&verified.body) else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        match interaction.kind() {
            InteractionKind::BlockActions => click::click(&front, verified, &interaction).await,
            InteractionKind::ViewSubmission => {
                submission::submission(&front, verified, &interaction).await
            }
            _ => just_once(&front, verified).await,
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
        async |verified| match parse_event(&verified.body) {
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
            Ok(event) => match event.kind() {
                EventKind::UrlVerification { challenge } => challenge_response(challenge),
                _ => just_once(&front, verified).await,
            },
        },
    )
    .await
}

/// Lets a request in, has it handled, and measures how long Slack waited.
async fn answer(
    front: &Front,
    route: &'static str,
    request: Request,
    handle: impl AsyncFnOnce(Verified) -> Response,
) -> Response {
    let began = front.clock.now();
    let response = match front.gate.receive(rim::new_id(), request).await {
        Ok(verified) => handle(verified).await,
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
    /// Writes a deed down; `acknowledge` only when it is on record.
    async fn write_down(
        &self,
        verified: &Verified,
        key: &str,
        deed: &Deed,
    ) -> Result<(), NotWritten> {
        let received = inbox::receive(
            &self.journal.pool,
            verified.signature_id.as_str(),
            key,
            deed,
            verified.received_at,
        )
        .await;
        match received {
            Ok(Received::New) => {
                self.arrived.notify_one();
                Ok(())
            }
            Ok(Received::Again) => Ok(()),
            Ok(Received::Replay) => {
                tracing::warn!(
                    "refused a request at the Slack gate: the very same signed bytes came before"
                );
                Err(NotWritten::Replay)
            }
            Err(error) => {
                tracing::error!(%error, "what came in could not be written down");
                Err(NotWritten::Store)
            }
        }
    }
}

/// Why something that came in is not on record.
enum NotWritten {
    /// It did not come from Slack.
    Replay,
    /// The store does not answer.
    Store,
}

/// For requests that change nothing: acknowledged, unless they are a replay.
async fn just_once(front: &Front, verified: Verified) -> Response {
    let signature = verified.signature_id.as_str();
    match inbox::first_time(&front.journal.pool, signature, verified.received_at).await {
        Ok(true) => StatusCode::OK.into_response(),
        Ok(false) => StatusCode::UNAUTHORIZED.into_response(),
        Err(error) => {
            tracing::error!(%error, "a signature could not be noted");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// An answer that only the person sees, in the response to their command.
fn ephemeral(card: &Card) -> Response {
    let body = json!({ "response_type": "ephemeral", "text": card.text, "blocks": card.blocks });
    Json(body).into_response()
}

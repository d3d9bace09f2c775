//! The addresses that Slack calls: requests become deliveries, and replies become responses.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use tracing::Instrument;

use super::{
    Front,
    delivery::{Delivery, Kind, Refused, Reply},
    inbox::Deadline,
    receive::{Gate, challenge_response},
    rejection::Rejection,
};
use crate::{config::limits, runtime};

/// The routes under `/slack`.
pub fn router(gate: Gate, front: Front) -> Router {
    let route = |kind| {
        post(
            async move |State((gate, front)): State<(Gate, Front)>, request: Request| {
                answer(&gate, &front, kind, request).await
            },
        )
    };
    Router::new()
        .route("/slack/commands", route(Kind::Command))
        .route("/slack/interactions", route(Kind::Interaction))
        .route("/slack/options", route(Kind::Options))
        .route("/slack/events", route(Kind::Event))
        .with_state((gate, front))
}

/// Lets a request in, has it handled, and measures how long Slack waited.
async fn answer(gate: &Gate, front: &Front, kind: Kind, request: Request) -> Response {
    let route = name(kind);
    let began = front.clock.now();
    let answer_by = Deadline::now() + limits::ACKNOWLEDGE;
    let id = runtime::new_id();
    let span = tracing::info_span!("delivery", delivery.id = %id, route);
    let response = match gate.receive(id, request).instrument(span.clone()).await {
        Ok(verified) => {
            let delivery = Delivery {
                kind,
                body: verified.body,
                key: verified.signature_id.as_str().to_owned(),
                received_at: verified.received_at,
                answer_by,
            };
            front
                .handle(delivery)
                .instrument(span)
                .await
                .into_response()
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

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "commands",
        Kind::Interaction => "interactions",
        Kind::Options => "options",
        Kind::Event => "events",
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Acknowledged => StatusCode::OK.into_response(),
            Self::With(body) => Json(body).into_response(),
            Self::Challenge(challenge) => challenge_response(&challenge),
            Self::Refused(Refused::Unreadable) => StatusCode::BAD_REQUEST.into_response(),
            Self::Refused(Refused::Replay) => StatusCode::UNAUTHORIZED.into_response(),
            Self::Refused(Refused::NotRecorded) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

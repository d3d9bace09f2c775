//! `POST /hooks/stripe`: what Stripe tells by itself. It is verified, written down, acknowledged, and then followed.
//!
//! Nothing is believed of it but that something happened: it makes the step that waits look again at once.

mod follow;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    config::limits,
    domain::{Instant, RequestId},
    journal::{Journal, Store},
    operations::refund::METADATA_REQUEST,
    runtime::SharedClock,
    slack::inbound::{
        bodies::{Bodies, ProvesItself},
        inbox::{self, Arrived, Deadline, NotReceived, Rank, Received, VendorEvent},
        rejection::Rejection,
    },
    systems::{
        Systems,
        stripe::webhook::{SignatureError, WebhookSecret},
    },
};

/// The events that tell how a refund goes on. Each carries the refund itself.
const ABOUT_REFUNDS: [&str; 3] = ["refund.updated", "refund.failed", "charge.refund.updated"];

/// Takes and follows what Stripe tells.
#[derive(Clone)]
pub struct StripeHook {
    /// Verifies deliveries; without it all are refused.
    pub secret: Option<WebhookSecret>,
    /// For looking at what an event is about, and for what follows from it.
    pub systems: Arc<Systems>,
    /// Where it is written down, and whose requests wait.
    pub journal: Journal,
    /// The store's connections for deliveries, which never wait behind work in the background.
    pub accepting: Store,
    /// Reads bodies within limits.
    pub bodies: Bodies,
    pub clock: SharedClock,
    /// Woken when something came in.
    pub arrived: Arrived,
}

/// A delivery that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Refused {
    /// We cannot tell Stripe from anybody else. Answered 503: Stripe delivers again for days.
    #[error("STRIPE_WEBHOOK_SECRET is unset")]
    NoSecret,
    #[error(transparent)]
    Body(Rejection),
    /// The signature. Answered 401.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Answered 401.
    #[error("the very same signed bytes came before")]
    Replay,
    /// Answered 400.
    #[error("it is no event")]
    Unreadable,
    /// Answered 503: Stripe delivers again for days.
    #[error("it could not be written down")]
    Store,
}

/// The route.
pub fn router(hook: StripeHook) -> Router {
    Router::new()
        .route("/hooks/stripe", post(deliver))
        .with_state(hook)
}

async fn deliver(State(hook): State<StripeHook>, request: Request) -> Response {
    match hook.take(request).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refused) => {
            tracing::warn!("refused a delivery at the Stripe hook: {refused}");
            metrics::counter!("countersign_stripe_refused_total").increment(1);
            refused.status().into_response()
        }
    }
}

impl StripeHook {
    async fn take(&self, request: Request) -> Result<(), Refused> {
        let secret = self.secret.as_ref().ok_or(Refused::NoSecret)?;
        let (parts, body) = request.into_parts();
        WebhookSecret::check_header(&parts.headers, self.clock.now())?;
        let body = self
            .bodies
            .read(&parts.headers, body)
            .await
            .map_err(Refused::Body)?;
        let now = self.clock.now();
        let signature = secret.verify(&parts.headers, &body, now)?;
        if let Some(connection) = parts.extensions.get::<ProvesItself>() {
            connection.is_verified();
        }
        let told: Told = serde_json::from_slice(&body).map_err(|_| Refused::Unreadable)?;
        match self.record(&format!("stripe:{signature}"), told, now).await {
            Ok(Received::New) => self.arrived.notify(Rank::Event),
            Ok(Received::Again) => {}
            Ok(Received::Replay) => return Err(Refused::Replay),
            Err(error) => {
                tracing::error!(%error, "what Stripe told could not be written down");
                return Err(Refused::Store);
            }
        }
        Ok(())
    }

    /// What tells of no refund of ours changes nothing: that it came is all that is kept.
    async fn record(
        &self,
        signature: &str,
        told: Told,
        now: Instant,
    ) -> Result<Received, NotReceived> {
        let by = Deadline::now() + limits::ACKNOWLEDGE;
        let Some(request) = told.request_id() else {
            let is_first = inbox::first_time(&self.accepting, signature, now, by).await?;
            return Ok(match is_first {
                true => Received::Again,
                false => Received::Replay,
            });
        };
        let event = VendorEvent {
            id: format!("stripe:{}", told.id),
            kind: told.kind,
            request: RequestId(request),
        };
        inbox::receive_event(
            &self.accepting,
            &self.journal.key,
            signature,
            &event,
            now,
            by,
        )
        .await
    }
}

impl Refused {
    fn status(self) -> StatusCode {
        match self {
            Self::NoSecret | Self::Store => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(rejection) => rejection.status(),
            Self::Signature(_) | Self::Replay => StatusCode::UNAUTHORIZED,
            Self::Unreadable => StatusCode::BAD_REQUEST,
        }
    }
}

/// As much of an event as is used.
#[derive(Deserialize)]
struct Told {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    metadata: Option<serde_json::Map<String, serde_json::Value>>,
}

impl Told {
    /// The request that a refund was made for, when one of ours made it.
    fn request_id(&self) -> Option<Uuid> {
        let is_about_refunds = ABOUT_REFUNDS.contains(&self.kind.as_str());
        let metadata = self.data.object.metadata.as_ref();
        let id = metadata
            .filter(|_| is_about_refunds)?
            .get(METADATA_REQUEST)?;
        id.as_str()?.parse().ok()
    }
}

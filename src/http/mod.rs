//! The HTTP surface: Slack's addresses, the vendors' hooks, health, readiness and metrics.

pub mod health;

pub mod hooks;

pub mod metrics;

pub mod serve;

use std::sync::Arc;

use axum::response::IntoResponse;
use axum::{Router, extract::State, response::Response, routing::get};
use futures::future::BoxFuture;

use crate::slack::inbound::{self, Front};
use health::{Check, Health, Readiness};
use hooks::stripe::{self, StripeHook};
use metrics::Scrape;

/// Looks at everything that has to work before requests are taken.
pub type LookAtReadiness = Arc<dyn Fn() -> BoxFuture<'static, Vec<Check>> + Send + Sync>;

/// All routes of the service.
pub fn router(
    front: Front,
    stripe_hook: StripeHook,
    scrape: Scrape,
    readiness: LookAtReadiness,
) -> Router {
    let own = Router::new()
        .route("/healthz", get(async || Health::up()))
        .route("/readyz", get(ready).with_state(readiness))
        .route(
            "/metrics",
            get(async |State(scrape): State<Scrape>| scrape().await).with_state(scrape),
        );
    own.merge(inbound::router(front))
        .merge(stripe::router(stripe_hook))
}

async fn ready(State(look): State<LookAtReadiness>) -> Response {
    Readiness::of(look().await).into_response()
}

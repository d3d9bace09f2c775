//! The HTTP surface: Slack's addresses, the vendors' hooks, health, readiness and metrics.

pub mod health;

pub mod hooks;

pub mod metrics;

pub mod serve;

use std::sync::Arc;

use axum::response::IntoResponse;
use axum::{Router, extract::State, response::Response, routing::get};
use futures::future::BoxFuture;

use health::{Check, Health, Readiness};
use hooks::stripe::{self, StripeHook};
use metrics::Scrape;

/// Looks at everything that has to work before requests are taken.
pub type LookAtReadiness = Arc<dyn Fn() -> BoxFuture<'static, Vec<Check>> + Send + Sync>;

/// All routes of the service; `slack` holds those that Slack calls.
pub fn router(
    slack: Router,
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
    own.merge(slack).merge(stripe::router(stripe_hook))
}

async fn ready(State(look): State<LookAtReadiness>) -> Response {
    Readiness::of(look().await).into_response()
}

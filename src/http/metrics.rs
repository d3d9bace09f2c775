//! What `/metrics` answers. The recorder is one per process, however many services run in it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::telemetry::{Kind, METRICS};
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// The format of the answer, as Prometheus asks for it.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper bounds of every histogram named `…_seconds`: fine around the time in which Slack has to be answered, and up to
/// what one statement of an erasure may take.
const SECONDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0,
];

/// How often what has piled up in histograms should be folded, so that it does not grow between scrapes.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// Gives everything that one service has to tell.
pub type Scrape = Arc<dyn Fn() -> BoxFuture<'static, Exposition> + Send + Sync>;

/// The process' recorder. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The recorder could not be set up.
    #[error("the metrics recorder cannot be set up")]
    Build(#[from] BuildError),
    /// Some other library has installed a recorder, so ours would show nothing.
    #[error("another metrics recorder is installed already")]
    Taken,
}

static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);

impl Metrics {
    /// Installs the recorder, or gives out the one that is installed.
    ///
    /// # Errors
    /// When the recorder cannot be built, or another library's is in its place.
    pub fn install() -> Result<Self, MetricsError> {
        // The lock is held throughout, so that of two services starting at once one installs and the other finds it.
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = installed.as_ref() {
            return Ok(metrics.clone());
        }
        let seconds = Matcher::Suffix("_seconds".to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(seconds, SECONDS)?
            .build_recorder();
        let metrics = Self(recorder.handle());
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Taken)?;
        for metric in METRICS {
            metric.describe();
            // A counter that has not counted yet is there from the start, so that an alert on its rate sees the first one.
            if metric.kind == Kind::Counter && metric.labels.is_empty() {
                metrics::counter!(metric.name).increment(0);
            }
        }
        Ok(installed.insert(metrics).clone())
    }

    /// All metrics as Prometheus reads them.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds what has piled up in histograms. To be called every [`UPKEEP`].
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

/// The answer of `/metrics`.
pub struct Exposition(pub String);

impl IntoResponse for Exposition {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, FORMAT)], self.0).into_response()
    }
}

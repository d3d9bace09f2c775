//! What the service tells its operators: log lines, spans and metrics.
//!
//! # Logging policy
//!
//! - The log is one JSON object per line on the standard error (`countersign serve`).
//! - A fact is logged once, where it is handled: every accepted inbox entry, every event that is committed to the journal,
//!   and every step that was tried, at level `info`. Calls to other systems are logged at `debug`.
//! - `warn` is something that the service deals with by itself, such as a retry. `error` needs a person.
//! - A message is a fixed sentence. What varies is in fields: `request.number`, `operation`, `event`, `state`, `step`,
//!   `outcome`, `duration_s` (seconds) and `replica`.
//! - No line holds arguments, reasons, names, addresses, secrets, texts of other systems or ids of the application's
//!   users. The part of a step's id that names an account is cut off ([`step_name`]).
//! - Spans follow a request: `delivery` (a call by Slack), `inbox_entry`, `request` (the runner) and `message`. All but the
//!   first hold `request.id` once it is known, so that one filter finds everything about a request.
//!
//! # Metrics
//!
//! Every metric is declared in [`METRICS`], with its unit, its labels and its help. `docs/monitoring.md` lists them.
//! Labels hold names that the code declares, never ids and never text from outside, so that their number is bounded.

mod declared;

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

pub use declared::{Kind, METRICS, Metric};

/// One event that was appended to the journal. It is told when its transaction has committed.
#[derive(Debug)]
pub struct Recorded {
    /// The request's id.
    pub request: Uuid,
    /// The request's number for people: `OPS-1042`.
    pub number: String,
    /// As people type it: `user delete`.
    pub operation: String,
    /// The event's name: `step_succeeded`.
    pub event: &'static str,
    /// The state of the request after the event: `running`.
    pub state: &'static str,
    /// Whether the request ended or got stuck with this event.
    pub is_outcome: bool,
    /// From the request's first event to this one.
    pub since_asked: chrono::Duration,
    /// Who recorded it.
    pub replica: Uuid,
}

impl Recorded {
    /// Logs and counts it.
    pub(crate) fn tell(self) {
        tracing::info!(
            request.number = self.number,
            request.id = %self.request,
            operation = self.operation,
            event = self.event,
            state = self.state,
            duration_s = self.since_asked.as_seconds_f64(),
            replica = %self.replica,
            "an event was recorded"
        );
        metrics::counter!("countersign_events_total", "event" => self.event).increment(1);
        if self.is_outcome {
            metrics::counter!(
                "countersign_requests_total",
                "operation" => self.operation,
                "outcome" => self.state
            )
            .increment(1);
        }
    }
}

/// One try of a step.
#[derive(Debug)]
pub struct StepTried<'a> {
    /// The request's number for people.
    pub number: String,
    /// As people type it.
    pub operation: &'a str,
    /// The step's id.
    pub step: &'a str,
    /// `done`, `retry`, `wait`, `refused`, `failed` or `indeterminate`.
    pub outcome: &'static str,
    /// How long the try took.
    pub took: Duration,
    /// Who tried.
    pub replica: Uuid,
}

impl StepTried<'_> {
    /// Logs and measures it.
    pub fn tell(self) {
        let seconds = self.took.as_secs_f64();
        tracing::info!(
            request.number = self.number,
            operation = self.operation,
            step = step_name(self.step),
            outcome = self.outcome,
            duration_s = seconds,
            replica = %self.replica,
            "a step was tried"
        );
        metrics::histogram!(
            "countersign_step_seconds",
            "operation" => self.operation.to_owned(),
            "outcome" => self.outcome
        )
        .record(seconds);
    }
}

/// A step's id without the account that it may name: `rows` of `rows:usr_1`.
#[must_use]
pub fn step_name(id: &str) -> &str {
    id.split(':').next().unwrap_or_default()
}

/// Something that somebody did in Slack is on record.
pub fn inbox_entry_accepted(kind: &str, request: Option<Uuid>, took: Duration, replica: Uuid) {
    tracing::info!(
        kind,
        request.id = request.map(tracing::field::display),
        duration_s = took.as_secs_f64(),
        %replica,
        "an inbox entry was accepted"
    );
    metrics::counter!("countersign_inbox_accepted_total", "kind" => kind.to_owned()).increment(1);
}

/// A run was taken over whose holder had not given it back.
pub fn lease_taken_over(request: Uuid, replica: Uuid) {
    tracing::warn!(
        request.id = %request,
        %replica,
        "a run was taken over: the replica that held it did not renew its lease"
    );
    metrics::counter!("countersign_lease_takeovers_total").increment(1);
}

/// Another system asked us to call less often.
pub fn rate_limited(vendor: &'static str) {
    metrics::counter!("countersign_rate_limited_total", "vendor" => vendor).increment(1);
}

/// A call to another system, measured from its beginning to its end. One that is given up before its end, as by a timeout
/// around it, counts as `abandoned`.
#[derive(Debug)]
pub struct VendorCall {
    vendor: &'static str,
    call: String,
    began: Instant,
    outcome: &'static str,
}

impl VendorCall {
    /// Begins to measure. `call` is a name that the code declares, such as a method of Slack's Web API.
    #[must_use]
    pub fn begin(vendor: &'static str, call: impl Into<String>) -> Self {
        Self {
            vendor,
            call: call.into(),
            began: Instant::now(),
            outcome: "abandoned",
        }
    }

    /// Ends the measurement.
    pub fn end(mut self, is_ok: bool) {
        self.outcome = if is_ok { "ok" } else { "error" };
    }
}

impl Drop for VendorCall {
    fn drop(&mut self) {
        let seconds = self.began.elapsed().as_secs_f64();
        tracing::debug!(
            vendor = self.vendor,
            call = self.call,
            outcome = self.outcome,
            duration_s = seconds,
            "a call to another system ended"
        );
        metrics::histogram!(
            "countersign_vendor_call_seconds",
            "vendor" => self.vendor,
            "call" => std::mem::take(&mut self.call),
            "outcome" => self.outcome
        )
        .record(seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_step_holds_no_account() {
        assert_eq!(step_name("rows:maria@example.com"), "rows");
        assert_eq!(step_name("certificate"), "certificate");
    }
}

//! Every metric of the service, declared once.

use metrics::Unit;

/// How a metric is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows; read its rate.
    Counter,
    /// The value now.
    Gauge,
    /// How values are spread.
    Histogram,
}

impl Kind {
    /// As Prometheus names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric's declaration.
#[derive(Debug)]
pub struct Metric {
    /// Its name at `/metrics`.
    pub name: &'static str,
    /// How it is read.
    pub kind: Kind,
    /// What its values count.
    pub unit: Unit,
    pub labels: &'static [&'static str],
    /// What it tells: its HELP line.
    pub help: &'static str,
}

impl Metric {
    /// Tells the current recorder about it.
    pub fn describe(&self) {
        let (unit, help) = (self.unit, self.help);
        match self.kind {
            Kind::Counter => metrics::describe_counter!(self.name, unit, help),
            Kind::Gauge => metrics::describe_gauge!(self.name, unit, help),
            Kind::Histogram => metrics::describe_histogram!(self.name, unit, help),
        }
    }
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Counter,
        unit: Unit::Count,
        labels,
        help,
    }
}

const fn gauge(
    name: &'static str,
    unit: Unit,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Gauge,
        unit,
        labels,
        help,
    }
}

const fn seconds(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind: Kind::Histogram,
        unit: Unit::Seconds,
        labels,
        help,
    }
}

/// All of them, in the order of `docs/monitoring.md`.
pub const METRICS: &[Metric] = &[
    // Requests.
    counter(
        "countersign_requests_total",
        &["operation", "outcome"],
        "Requests that ended or got stuck, by operation and by the state that they reached. One that failed and was settled counts as both.",
    ),
    counter(
        "countersign_events_total",
        &["event"],
        "Events that this replica appended to the journal, by name.",
    ),
    gauge(
        "countersign_requests_open",
        Unit::Count,
        &["state"],
        "Requests that have not ended, by state.",
    ),
    seconds(
        "countersign_step_seconds",
        &["operation", "outcome"],
        "How long one try of a step took, in seconds, by operation and by what came of it.",
    ),
    counter(
        "countersign_lease_takeovers_total",
        &[],
        "Runs that this replica took over because the replica that held them did not renew its lease.",
    ),
    // What comes in.
    seconds(
        "countersign_slack_ack_seconds",
        &["route"],
        "How long Slack waited for an acknowledgement, in seconds. Slack gives up after 3.",
    ),
    counter(
        "countersign_inbox_accepted_total",
        &["kind"],
        "Inbox entries that were put on record, by operation or decision.",
    ),
    gauge(
        "countersign_inbox_open",
        Unit::Count,
        &[],
        "Inbox entries that are not processed yet.",
    ),
    gauge(
        "countersign_inbox_oldest_seconds",
        Unit::Seconds,
        &[],
        "Age of the oldest inbox entry that is not processed yet, in seconds; 0 when there is none.",
    ),
    counter(
        "countersign_inbox_set_aside_total",
        &[],
        "Inbox entries that this version cannot read. They had no effect and are kept for a week.",
    ),
    counter(
        "countersign_tampered_rows_total",
        &["table"],
        "Rows of the store that were changed outside Countersign and are not acted on, by table.",
    ),
    counter(
        "countersign_job_runs_total",
        &["job", "outcome"],
        "Runs of the jobs that are done on a schedule, by job and by what came of them.",
    ),
    seconds(
        "countersign_job_seconds",
        &["job"],
        "How long one run of a job took, in seconds.",
    ),
    counter(
        "countersign_commands_refused_total",
        &[],
        "Commands that were refused because one person sent too many within a minute.",
    ),
    counter(
        "countersign_slack_refused_total",
        &["route"],
        "Calls under /slack that were refused: wrong signature, too old, too large.",
    ),
    counter(
        "countersign_stripe_refused_total",
        &[],
        "Calls to the Stripe hook that were refused.",
    ),
    counter(
        "countersign_http_refused_connections_total",
        &[],
        "HTTP connections that were refused at the limit.",
    ),
    counter(
        "countersign_http_closed_connections_total",
        &[],
        "HTTP connections that were closed to make room for others.",
    ),
    counter(
        "countersign_http_overdue_connections_total",
        &[],
        "HTTP connections that were closed because a request took too long.",
    ),
    // What goes out.
    gauge(
        "countersign_messages_undelivered",
        Unit::Count,
        &[],
        "Messages in Slack that do not show yet what the journal says, answers to single people included.",
    ),
    gauge(
        "countersign_messages_oldest_seconds",
        Unit::Seconds,
        &[],
        "How long the message has waited that has waited longest, in seconds; 0 when none waits.",
    ),
    counter(
        "countersign_slack_failed_calls_total",
        &[],
        "Messages that Slack did not take. They are tried again, unless it says that it never will.",
    ),
    counter(
        "countersign_slack_barred_calls_total",
        &[],
        "Messages that cannot be written until a person mends the token, the app's rights or the channel.",
    ),
    counter(
        "countersign_slack_undeliverable_total",
        &[],
        "Messages that were given up.",
    ),
    counter(
        "countersign_slack_pictures_lost_total",
        &[],
        "Pictures of answers that could not be shown.",
    ),
    // Other systems.
    seconds(
        "countersign_vendor_call_seconds",
        &["vendor", "call", "outcome"],
        "How long a call to another system took, in seconds: slack, stripe, s3 with its repetitions, app_db by transaction.",
    ),
    counter(
        "countersign_rate_limited_total",
        &["vendor"],
        "Calls that another system refused because there were too many.",
    ),
    // The store and the journal.
    gauge(
        "countersign_store_up",
        Unit::Count,
        &[],
        "1 when the store answered this scrape in time; otherwise 0, and what is read from it is missing.",
    ),
    gauge(
        "countersign_journal_unsealed",
        Unit::Count,
        &[],
        "Events that are not linked into the global chain yet. Usually 0 within a second.",
    ),
    gauge(
        "countersign_journal_sound",
        Unit::Count,
        &[],
        "1 when this replica's last verification found the journal as it was recorded, otherwise 0.",
    ),
    gauge(
        "countersign_journal_findings",
        Unit::Count,
        &[],
        "What this replica's last verification found to be changed, removed or reordered.",
    ),
    gauge(
        "countersign_journal_verified_timestamp_seconds",
        Unit::Seconds,
        &[],
        "When this replica last verified the journal, as Unix time. Missing until the first verification, some minutes after the start.",
    ),
];

//! What `/metrics` tells of the store: read at each scrape, with queries that an index answers.
//!
//! These gauges have a recorder of their own. The process's recorder keeps a gauge until it is set again, so that the value
//! of a store that does not answer any more would look like a current one.

use std::sync::Arc;

use futures::FutureExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::sync::Mutex;

use crate::{
    config::limits,
    domain::{Instant, Status},
    http::metrics::{Exposition, Metrics, Scrape},
    journal::Store,
    runtime::SharedClock,
    telemetry::{Kind, METRICS},
    watch::{LastVerification, Verified},
};

/// What the store says at one moment.
struct Numbers {
    /// Open requests by the name of their state.
    open: Vec<(String, i64)>,
    inbox: Waiting,
    messages: Waiting,
    unsealed: i64,
}

/// What waits, and since when the first of it does.
struct Waiting {
    count: i64,
    since: Option<Instant>,
}

/// What is told at `/metrics`. One scrape at a time asks the store: whoever scrapes very often takes one connection and no
/// more.
pub(super) fn scrape(
    process: Metrics,
    store: Store,
    last: Arc<LastVerification>,
    clock: SharedClock,
) -> Scrape {
    let one = Arc::new(Mutex::new(()));
    Arc::new(move || {
        let (process, store, one) = (process.clone(), store.clone(), one.clone());
        let (last, clock) = (last.clone(), clock.clone());
        async move {
            let _alone = one.lock().await;
            let numbers = tokio::time::timeout(limits::CHECK, read(&store)).await;
            let numbers = match numbers {
                Ok(Ok(numbers)) => Some(numbers),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the numbers of the store are missing in this scrape");
                    None
                }
                Err(_) => {
                    tracing::warn!("the store did not answer a scrape in time");
                    None
                }
            };
            let of_store = told(numbers.as_ref(), last.get(), clock.now());
            Exposition(process.render() + &of_store)
        }
        .boxed()
    })
}

async fn read(store: &Store) -> Result<Numbers, sqlx::Error> {
    let mut tx = store.begin().await?;
    let open = sqlx::query!(
        r#"select state, count(*) as "count!" from countersign.request where open group by state"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let inbox = sqlx::query_as!(
        Waiting,
        r#"select count(*) as "count!", min(received_at) as since from countersign.inbox where done_at is null"#
    )
    .fetch_one(&mut *tx)
    .await?;
    let messages = sqlx::query_as!(
        Waiting,
        r#"select count(*) as "count!", min(since) as since
           from (select wanted_since as since from countersign.message
                 where undeliverable is null and (shown is null or shown < wanted or shown_generation < generation)
                 union all
                 select created_at from countersign.reply where done_at is null) waiting"#
    )
    .fetch_one(&mut *tx)
    .await?;
    let unsealed =
        sqlx::query_scalar!(r#"select count(*) as "count!" from countersign.chain_pending"#)
            .fetch_one(&mut *tx)
            .await?;
    tx.rollback().await?;
    Ok(Numbers {
        open: open.into_iter().map(|row| (row.state, row.count)).collect(),
        inbox,
        messages,
        unsealed,
    })
}

/// The gauges as Prometheus reads them.
fn told(numbers: Option<&Numbers>, last: Option<Verified>, now: Instant) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        for metric in METRICS.iter().filter(|metric| metric.kind == Kind::Gauge) {
            metric.describe();
        }
        set("countersign_store_up", u8::from(numbers.is_some()));
        if let Some(numbers) = numbers {
            set_numbers(numbers, now);
        }
        if let Some(last) = last {
            set("countersign_journal_sound", u8::from(last.findings == 0));
            set("countersign_journal_findings", float(last.findings));
            let at = last.at.timestamp();
            set("countersign_journal_verified_timestamp_seconds", float(at));
        }
    });
    handle.render()
}

fn set_numbers(numbers: &Numbers, now: Instant) {
    for status in Status::ALL.into_iter().filter(|one| !one.is_terminal()) {
        let name = status.name();
        let found = numbers.open.iter().find(|(state, _)| state == name);
        let count = found.map_or(0, |(_, count)| *count);
        metrics::gauge!("countersign_requests_open", "state" => name).set(float(count));
    }
    let age = |waiting: &Waiting| {
        let age = waiting
            .since
            .map_or(0.0, |since| (now - since).as_seconds_f64());
        age.max(0.0)
    };
    set("countersign_inbox_open", float(numbers.inbox.count));
    set("countersign_inbox_oldest_seconds", age(&numbers.inbox));
    set(
        "countersign_messages_undelivered",
        float(numbers.messages.count),
    );
    set(
        "countersign_messages_oldest_seconds",
        age(&numbers.messages),
    );
    set("countersign_journal_unsealed", float(numbers.unsealed));
}

fn set(name: &'static str, value: impl Into<f64>) {
    let value: f64 = value.into();
    metrics::gauge!(name).set(value);
}

/// A metric's value. What is counted here stays far below the 2^53 that a float holds exactly.
fn float(count: i64) -> f64 {
    count as f64
}

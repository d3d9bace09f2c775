//! The service as a whole: every part wired to every other, started and stopped together.

mod assemble;
pub mod checks;
pub mod command;
mod gauges;
mod sealer;

use std::{net::SocketAddr, sync::Arc};

use futures::FutureExt;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    config::{Settings, doctor::Report, limits},
    http::{
        self,
        health::Check,
        hooks::stripe::StripeHook,
        metrics::{self, Metrics},
        serve::{HttpLimits, serve},
    },
    journal::{Journal, migrate},
    operations,
    runner::Runner,
    runtime::SharedClock,
    slack::{
        inbound::{
            self, Front, bodies::Bodies, inbox, pace::Pace, process::Processor, receive::Gate,
            signature::SigningSecret,
        },
        outbound::{Channels, Outbound, Projections},
        people::{Memory, People},
    },
    systems::stripe::webhook::WebhookSecret,
    watch::{self, JournalWatch, LastVerification, LaterRequests},
    work::{Job, Jobs},
};
pub use assemble::Parts;
use sealer::Sealer;

/// What tests and the demo may set otherwise than production.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// The least time between two messages in one channel.
    pub gap: chrono::Duration,
    /// How often the chain's head is posted as a witness.
    pub witness_every: chrono::Duration,
    /// What one client may take of the HTTP server.
    pub http: HttpLimits,
    /// Commands that one person may send within [`limits::COMMANDS_PER`].
    pub commands_most: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            gap: chrono::Duration::from_std(limits::POST_INTERVAL).unwrap_or_default(),
            witness_every: chrono::Duration::hours(1),
            http: HttpLimits::default(),
            commands_most: limits::COMMANDS_MOST,
        }
    }
}

/// Why the service does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// What has to be mended first, all of it.
    #[error("the service does not start:\n{0}")]
    Faults(Report),
    /// The machine.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// A running service.
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Service {
    /// Checks everything, then starts. What cannot be reached right now is waited for; what is wrong is said,
    /// all at once.
    ///
    /// # Errors
    /// [`StartError`]; then nothing runs.
    pub async fn start(
        settings: &Settings,
        clock: SharedClock,
        tuning: Tuning,
    ) -> Result<Self, StartError> {
        let parts = Parts::assemble(settings, clock.clone()).await?;
        let report = checks::before_start(settings, &parts).await;
        if report.exit_code() != 0 {
            return Err(StartError::Faults(report));
        }
        let listener = TcpListener::bind(settings.server.listen)
            .await
            .map_err(|error| {
                anyhow::anyhow!("cannot listen on {}: {error}", settings.server.listen)
            })?;
        let address = listener.local_addr().map_err(anyhow::Error::from)?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        start_workers(settings, &parts, tuning, &tasks, &stop);
        let bodies = Bodies::new(tuning.http.bodies_bytes, tuning.http.body_time);
        let stripe_hook = stripe_hook(settings, &parts, &bodies);
        supervise(
            "Stripe hook",
            stripe_hook.clone().run(stop.clone()),
            &tasks,
            &stop,
        );
        let last = Arc::new(LastVerification::default());
        let verifier = JournalWatch::new(parts.journal.clone(), last.clone(), clock.clone());
        supervise("journal watch", verifier.run(stop.clone()), &tasks, &stop);
        let scrape = gauges::scrape(
            Metrics::install().map_err(anyhow::Error::from)?,
            parts.journal.pool.clone(),
            last,
            clock,
        );
        let app = http::router(
            inbound::http::router(
                gate(settings, &parts, &bodies)?,
                front(&parts, tuning, &tasks),
            ),
            stripe_hook,
            scrape,
            readiness(parts),
        );
        let serve = serve(listener, app, tuning.http, stop.clone());
        supervise("HTTP server", serve, &tasks, &stop);
        tracing::info!(%address, "Countersign is ready");
        Ok(Self {
            address,
            stop,
            tasks,
        })
    }

    /// Completes when a part of the service ended by itself, which none should.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
    }

    /// Takes no new work, finishes what is under way, and ends; at the latest after [`limits::SHUTDOWN`].
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(limits::SHUTDOWN, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                "what was under way did not end in time; it is resumed at the next start"
            );
        }
    }
}

fn start_workers(
    settings: &Settings,
    parts: &Parts,
    tuning: Tuning,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let runner = Runner {
        journal: parts.journal.clone(),
        systems: parts.systems.clone(),
        people: Arc::new(People {
            directory: parts.directory.clone(),
            journal: parts.journal.clone(),
            clock: parts.clock.clone(),
            memory: Memory::Read,
        }),
        policy: parts.policy.clone(),
        clock: parts.clock.clone(),
        replica: parts.journal.replica,
    };
    let processor = Processor {
        journal: parts.journal.clone(),
        directory: parts.directory.clone(),
        clock: parts.clock.clone(),
        arrived: parts.arrived.clone(),
    };
    let outbound = Outbound {
        journal: parts.journal.clone(),
        api: parts.slack.clone(),
        channels: Channels {
            approvals: settings.channels.approvals.clone(),
            audit: settings.channels.audit.clone(),
        },
        witness_every: tuning.witness_every,
        gap: tuning.gap,
        clock: parts.clock.clone(),
        projections: Projections::default(),
    };
    supervise("runner", runner.run(stop.clone()), tasks, stop);
    supervise("inbox", processor.run(stop.clone()), tasks, stop);
    supervise("reconciler", outbound.run(stop.clone()), tasks, stop);
    let jobs = Jobs {
        jobs: jobs(),
        systems: parts.systems.clone(),
        journal: parts.journal.clone(),
        clock: parts.clock.clone(),
    };
    let later = LaterRequests {
        journal: parts.journal.clone(),
        clock: parts.clock.clone(),
    };
    supervise("scheduled requests", later.run(stop.clone()), tasks, stop);
    supervise("jobs", jobs.run(stop.clone()), tasks, stop);
    let sealer = Sealer(parts.journal.clone()).run(parts.clock.clone(), stop.clone());
    supervise("sealer", sealer, tasks, stop);
    let reading = read_journal(parts.journal.clone(), parts.clock.clone(), stop.clone());
    tasks.spawn(reading);
    let upkeep = keep_metrics(parts.clock.clone(), stop.clone());
    supervise("metrics", upkeep, tasks, stop);
}

/// Everything that is done on a schedule.
fn jobs() -> Vec<Job> {
    let mut jobs = vec![
        inbox::FORGET,
        inbox::RELEASE,
        watch::FORGET_TEXTS,
        watch::LOOK,
    ];
    jobs.extend(operations::catalogue::jobs());
    jobs
}

/// A worker that ends by itself, as by a panic, ends the service: half of it must not go on as if all were well.
fn supervise(
    name: &'static str,
    worker: impl Future<Output = ()> + Send + 'static,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let stop = stop.clone();
    let worker = tasks.spawn(worker);
    tasks.spawn(async move {
        let ended = worker.await;
        if !stop.is_cancelled() {
            tracing::error!(name, ended = ?ended, "a worker ended by itself; the service stops");
            stop.cancel();
        }
    });
}

fn gate(settings: &Settings, parts: &Parts, bodies: &Bodies) -> Result<Gate, StartError> {
    let secret = SigningSecret::new(settings.slack.signing_secret.expose())
        .map_err(|error| anyhow::anyhow!("SLACK_SIGNING_SECRET: {error}"))?;
    Ok(Gate::new(secret, parts.clock.clone()).reading(bodies.clone()))
}

fn front(parts: &Parts, tuning: Tuning, tasks: &TaskTracker) -> Front {
    Front {
        journal: parts.accepting.clone(),
        directory: parts.directory.clone(),
        api: parts.slack.clone(),
        clock: parts.clock.clone(),
        arrived: parts.arrived.clone(),
        tasks: tasks.clone(),
        pace: Arc::new(Pace::new(tuning.commands_most)),
    }
}

fn stripe_hook(settings: &Settings, parts: &Parts, bodies: &Bodies) -> StripeHook {
    let stripe = settings.vendors.stripe.get().ok();
    let secret = stripe.and_then(|stripe| stripe.webhook_secret.as_ref());
    StripeHook {
        secret: secret.and_then(|secret| WebhookSecret::new(secret.expose())),
        systems: parts.systems.clone(),
        journal: parts.journal.clone(),
        accepting: parts.accepting.pool.clone(),
        bodies: bodies.clone(),
        clock: parts.clock.clone(),
        arrived: parts.arrived.clone(),
    }
}

/// Ready means that what comes in can be written down. Slack and S3 may be away: work waits for them. One look at a time:
/// whoever asks very often takes one of the connections for accepting and no more.
fn readiness(parts: Parts) -> http::LookAtReadiness {
    let one = Arc::new(tokio::sync::Mutex::new(()));
    Arc::new(move || {
        let (pool, one) = (parts.accepting.pool.clone(), one.clone());
        async move {
            let _alone = one.lock().await;
            let asked = tokio::time::timeout(limits::CHECK, migrate::reachable(&pool)).await;
            vec![match asked {
                Ok(Ok(())) => Check::ok("store"),
                _ => Check::failed("store", "the store does not answer"),
            }]
        }
        .boxed()
    })
}

/// Reads the journal once, so that whoever decides first does not wait for it. That may take several turns.
async fn read_journal(journal: Journal, clock: SharedClock, stop: CancellationToken) {
    let read = async {
        while let Err(error) = journal.known().await {
            tracing::warn!(%error, "the journal is not read to its end yet");
            clock
                .sleep_until(clock.now() + chrono::Duration::seconds(1))
                .await;
        }
    };
    tokio::select! {
        () = read => {}
        () = stop.cancelled() => {}
    }
}

/// Has the metrics forget what is too old for their windows. Every process has its own.
async fn keep_metrics(clock: SharedClock, stop: CancellationToken) {
    let Ok(metrics) = Metrics::install() else {
        return stop.cancelled().await;
    };
    let every = chrono::Duration::from_std(metrics::UPKEEP).unwrap_or_default();
    while !stop.is_cancelled() {
        metrics.upkeep();
        tokio::select! {
            () = clock.sleep_until(clock.now() + every) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Installs what must be there once per process: the TLS provider.
pub fn prepare_process() {
    // A second installation is refused, and the first one is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    debug_assert!(!operations::catalogue::all().is_empty());
}

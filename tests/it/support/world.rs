//! One test's world: a database, buckets, a Slack workspace, and the service between them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use countersign::{
    audit_key::AuditKey,
    config::{Settings, doctor::Report},
    journal::Journal,
    runtime::Clock,
    service::{Parts, Service, Tuning, checks},
};
use countersign_sandbox::{
    data::{self, SampleObject},
    openai::OpenAi,
    postgres::{Database, Server, Template},
    runtime::Now,
    s3::{self, BucketSettings, S3Server, Versioning},
    slack::{self, Workspace},
    stripe::{self, Reach, Stripe},
    vercel::Vercel,
};
use sqlx::PgPool;
use tokio::runtime::Runtime;

use super::{
    clock::TestClock,
    confirming::Confirming,
    environment::{
        ACCESS_KEY, AUDIT_KEY, DOCUMENTS, Options, SECRET_KEY, exchanges_file, record_file,
        settings, vendors,
    },
    leftovers,
};

/// Everything that a test touches.
pub struct World {
    pub clock: Arc<TestClock>,
    pub slack: Workspace,
    pub s3: S3Server,
    /// The simulated Stripe. The service knows of it when the options say so.
    pub stripe: Stripe,
    /// The simulated OpenAI. The service knows of it when the options say so.
    pub openai: OpenAi,
    /// The simulated Vercel, likewise.
    pub vercel: Vercel,
    /// Our own webhook endpoint at Stripe, by id.
    pub stripe_endpoint: String,
    /// Straight into the database, past the service.
    pub db: PgPool,
    pub environment: BTreeMap<String, String>,
    /// How the next replica differs from production.
    pub tuning: Tuning,
    pub(super) confirming: Confirming,
    file: Option<String>,
    running: Vec<Replica>,
    database: Database,
}

/// One service in a runtime of its own, so that it can be cut off as a crash would.
struct Replica {
    runtime: Option<Runtime>,
    service: Option<Service>,
}

impl World {
    /// The usual world with a running service.
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    /// A world with a running service.
    pub async fn with(options: Options) -> Self {
        let mut world = Self::without_service(options).await;
        world.start_replica().await;
        world
    }

    /// Everything but the service.
    pub async fn without_service(options: Options) -> Self {
        leftovers::watch_panics();
        countersign::service::prepare_process();
        let clock = TestClock::new();
        let now: Now = {
            let clock = clock.clone();
            Arc::new(move || clock.now())
        };
        let shape = options.shape.unwrap_or(Template::Runbook);
        let database = Server::shared()
            .await
            .unwrap()
            .create_database(shape)
            .await
            .unwrap();
        let s3 = start_s3(now.clone(), shape).await;
        let (stripe, stripe_endpoint, webhook_secret) = start_stripe(now.clone(), &options).await;
        let openai = OpenAi::open(now.clone(), Some(exchanges_file()))
            .await
            .unwrap();
        let vercel = Vercel::open(now.clone(), Some(exchanges_file()))
            .await
            .unwrap();
        let slack = Workspace::start(slack::Settings {
            now,
            record: Some(record_file()),
            rate_limit: options.rate_limit,
            ..slack::Settings::default()
        })
        .await
        .unwrap();
        let mut environment =
            settings(&database, &slack, &s3, (&stripe, &webhook_secret), &options);
        if options.vendors {
            for (name, value) in vendors(&openai, &vercel) {
                environment.entry(name).or_insert(value);
            }
        }
        Self {
            environment,
            tuning: Tuning {
                gap: chrono::Duration::zero(),
                ..Tuning::default()
            },
            db: PgPool::connect(database.url()).await.unwrap(),
            confirming: Confirming::default(),
            file: options.file,
            clock,
            slack,
            s3,
            stripe,
            openai,
            vercel,
            stripe_endpoint,
            running: vec![],
            database,
        }
    }

    /// Gives the service this configuration file from its next start on.
    pub fn configure(&mut self, file: &str) {
        self.file = Some(file.to_owned());
    }

    /// What `countersign doctor` says of this world.
    pub async fn doctor(&self) -> Report {
        let settings = Settings::from_parts(self.file.as_deref(), &self.environment).unwrap();
        let parts = Parts::assemble(&settings, self.clock.clone())
            .await
            .unwrap();
        checks::doctor(&settings, &parts).await
    }

    /// Why the service does not start, when it does not.
    pub async fn refuses_to_start(&self) -> Option<String> {
        let settings = Settings::from_parts(self.file.as_deref(), &self.environment).unwrap();
        let started = Service::start(&settings, self.clock.clone(), Tuning::default()).await;
        match started {
            Ok(service) => {
                service.stop().await;
                None
            }
            Err(error) => Some(error.to_string()),
        }
    }

    /// Starts the service, or one more replica of it. Slack talks to the last one.
    pub async fn start_replica(&mut self) {
        let started = self.try_to_start_replica().await;
        started.unwrap_or_else(|error| panic!("{error}"));
    }

    /// The same, where the service may refuse to start.
    pub async fn try_to_start_replica(&mut self) -> Result<(), String> {
        let settings = Settings::from_parts(self.file.as_deref(), &self.environment).unwrap();
        let clock = self.clock.clone();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let tuning = self.tuning;
        // On a thread of its own: two nested waits on one thread take each other's wake-ups.
        let starting = tokio::task::spawn_blocking(move || {
            let service = runtime.block_on(Service::start(&settings, clock, tuning));
            (runtime, service)
        });
        let (runtime, service) = starting.await.unwrap();
        let service = match service {
            Ok(service) => service,
            Err(error) => {
                runtime.shutdown_background();
                return Err(error.to_string());
            }
        };
        let url = format!("http://{}", service.address);
        self.slack.set_app_url(&url);
        let hook = Reach::Address(format!("{url}/hooks/stripe"));
        self.stripe.set_reach(&self.stripe_endpoint, hook);
        self.running.push(Replica {
            runtime: Some(runtime),
            service: Some(service),
        });
        Ok(())
    }

    /// Where the replicas listen.
    pub fn addresses(&self) -> Vec<String> {
        self.running
            .iter()
            .filter_map(|replica| replica.service.as_ref())
            .map(|service| format!("http://{}", service.address))
            .collect()
    }

    /// Cuts every replica off in the middle of whatever it does, as a crash would: what it had not committed is lost, and
    /// what it held runs out.
    pub async fn crash(&mut self) {
        for mut replica in self.running.drain(..) {
            if let Some(runtime) = replica.runtime.take() {
                runtime.shutdown_background();
            }
        }
        // A Postgres that waits for a lock would not notice by itself that nobody waits for its answer any more.
        let ends = "select pg_terminate_backend(pid, 10000) from pg_stat_activity
                    where datname = current_database() and application_name = $1";
        sqlx::query(ends)
            .bind(countersign::NAME)
            .execute(&self.db)
            .await
            .unwrap();
        self.leases_run_out().await;
        self.clock.advance(Duration::from_secs(31));
    }

    /// Cuts the replica that was started first off, as a crash would.
    pub fn crash_oldest(&mut self) {
        if let Some(runtime) = self.running.remove(0).runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Stops every replica in an orderly way.
    pub async fn stop(&mut self) {
        for mut replica in self.running.drain(..) {
            if let (Some(runtime), Some(service)) = (replica.runtime.take(), replica.service.take())
            {
                runtime.spawn(service.stop()).await.unwrap();
                runtime.shutdown_background();
            }
        }
    }

    /// A crash and a new start: same database, same Slack, same buckets.
    pub async fn restart(&mut self) {
        self.crash().await;
        self.start_replica().await;
    }

    /// The journal, for looking.
    pub fn journal(&self) -> Journal {
        Journal::new(
            self.db.clone(),
            AuditKey::new(hex::decode(AUDIT_KEY).unwrap()),
        )
    }

    /// The database's URL, for processes.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// Ends the test: everything must be delivered, finished and sound.
    pub async fn finish(mut self) {
        leftovers::check(&self).await;
        self.stop().await;
        leftovers::no_panics();
    }
}

impl Drop for Replica {
    /// A failing test unwinds from inside a runtime, where another one cannot be dropped in the usual way.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The account, our own endpoint at it, and that endpoint's secret.
async fn start_stripe(now: Now, options: &Options) -> (Stripe, String, String) {
    let stripe = Stripe::start(stripe::Settings {
        now: now.clone(),
        ..stripe::Settings::default()
    })
    .await
    .unwrap();
    if options.stripe {
        data::stripe::load(&stripe, now());
    }
    let wanted = [
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.refund.updated",
    ];
    let url = "https://ops.ieltseq.example/hooks/stripe";
    let (endpoint, secret) = stripe.add_endpoint(url, &wanted, Reach::Answers(200));
    (stripe, endpoint, secret)
}

async fn start_s3(now: Now, shape: Template) -> S3Server {
    let bucket = |name: &str, versioning| BucketSettings {
        name: name.to_owned(),
        versioning,
    };
    let s3 = S3Server::start(s3::Settings {
        bind: ([127, 0, 0, 1], 0).into(),
        now,
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        region: data::REGION.to_owned(),
        buckets: vec![
            bucket(data::BUCKET, Versioning::Enabled),
            bucket(DOCUMENTS, Versioning::Unset),
        ],
    })
    .await
    .unwrap();
    let objects = match shape {
        Template::Real => data::real::objects(),
        Template::Runbook => data::runbook::objects(),
        Template::Empty | Template::Odd => vec![],
    };
    for object in objects {
        upload(&s3, &object);
    }
    s3
}

fn upload(s3: &S3Server, object: &SampleObject) {
    for _ in 0..object.versions.max(1) {
        s3.put(
            data::BUCKET,
            &object.key,
            object.bytes.clone(),
            object.content_type,
        )
        .unwrap();
    }
}

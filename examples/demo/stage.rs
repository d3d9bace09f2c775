//! Everything that stands around the service, set up and taken down together.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use countersign::runtime;
use countersign_sandbox::{
    data,
    postgres::{Options, Server, Template},
    runtime::system_now,
    s3::{self, BucketSettings, S3Server, Versioning},
    slack::{self, RateLimit, Workspace},
    stripe::{self, Reach, Stripe},
};
use tokio::task::JoinHandle;

use crate::{
    app::{App, busy_day},
    arguments::{Arguments, Shape},
    folder::Folder,
    panels, role,
    service::{Environment, Follow, Service},
    words,
};

/// The bucket for certificates.
pub const DOCUMENTS: &str = "countersign-documents";
/// The database that holds the application's tables and, in a schema of its own, the journal.
const DATABASE: &str = "ielts";
/// What stands at Stripe as our endpoint's address.
const HOOK_URL: &str = "https://ops.ieltseq.example/hooks/stripe";
/// What a refund is followed by.
const HOOK_EVENTS: [&str; 4] = [
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refund.updated",
];

/// What runs.
pub struct Stage {
    /// The simulated Slack with its page.
    pub slack: Workspace,
    /// The demo's folder.
    pub folder: Folder,
    s3: Arc<S3Server>,
    stripe: Stripe,
    postgres: Server,
    app: Arc<App>,
    service: Service,
    looking: JoinHandle<()>,
}

impl Stage {
    /// Starts all of it; the service is ready when this returns.
    pub async fn set(arguments: &Arguments) -> anyhow::Result<Self> {
        countersign::service::prepare_process();
        let folder = Folder::open(arguments.data.as_deref())?;
        let postgres = Server::private(Options {
            data: folder.postgres(),
            tcp: true,
        })
        .await?;
        let database = postgres.ensure_database(DATABASE, Template::Empty).await?;
        let keys = (random_word(), random_word());
        let s3 = Arc::new(start_s3(&keys).await?);
        let for_app = role::of_the_app(&database, DATABASE).await?;
        let app = App::load(arguments.shape, &for_app, s3.clone(), &folder).await?;
        let app = Arc::new(app);
        let (stripe, hook) = start_stripe().await?;
        let for_service = role::of_the_service(&database).await?;
        let slack = start_slack(arguments).await?;
        let environment = Environment {
            arguments,
            slack: &slack,
            s3: &s3,
            s3_keys: &keys,
            stripe: &stripe,
            webhook_secret: &hook.secret,
            database: &for_service,
            folder: &folder,
        };
        let follow = follow(slack.clone(), stripe.clone(), hook.endpoint);
        let service =
            Service::start(environment.variables()?, &folder, slack.clone(), follow).await?;
        busy_day(&for_service)
            .await
            .context("the connections of the past day")?;
        let looking = panels::register(&slack, &app, &service, &s3, &stripe, &folder).await?;
        Ok(Self {
            slack,
            folder,
            s3,
            stripe,
            postgres,
            app,
            service,
            looking,
        })
    }

    /// Stops all of it, the service first.
    pub async fn strike(self) -> anyhow::Result<()> {
        self.service.stop().await?;
        self.looking.abort();
        self.slack.stop().await;
        self.s3.stop().await;
        self.stripe.stop().await;
        self.app.close().await;
        self.postgres.stop().await
    }
}

async fn start_s3((access_key, secret_key): &(String, String)) -> anyhow::Result<S3Server> {
    let bucket = |name: &str| BucketSettings {
        name: name.to_owned(),
        versioning: Versioning::Enabled,
    };
    S3Server::start(s3::Settings {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        now: system_now(),
        access_key: access_key.clone(),
        secret_key: secret_key.clone(),
        region: data::REGION.to_owned(),
        buckets: vec![bucket(data::BUCKET), bucket(DOCUMENTS)],
    })
    .await
}

/// Our own endpoint at Stripe.
struct Hook {
    endpoint: String,
    secret: String,
}

/// The account with the sample people's payments.
async fn start_stripe() -> anyhow::Result<(Stripe, Hook)> {
    let stripe = Stripe::start(stripe::Settings::default()).await?;
    data::stripe::load(&stripe, system_now()());
    let (endpoint, secret) = stripe.add_endpoint(HOOK_URL, &HOOK_EVENTS, Reach::Answers(200));
    Ok((stripe, Hook { endpoint, secret }))
}

/// Tells everybody around the service where it listens.
fn follow(slack: Workspace, stripe: Stripe, endpoint: String) -> Follow {
    Box::new(move |url| {
        slack.set_app_url(url);
        stripe.set_reach(&endpoint, Reach::Address(format!("{url}/hooks/stripe")));
    })
}

async fn start_slack(arguments: &Arguments) -> anyhow::Result<Workspace> {
    let commands = vec![slack::CommandHint {
        name: "/ops".to_owned(),
        hint: words::COMMAND_HINT.to_owned(),
    }];
    Workspace::start(slack::Settings {
        bind: SocketAddr::from(([127, 0, 0, 1], arguments.port)),
        rate_limit: Some(RateLimit::POSTING),
        commands,
        story: words::story(arguments.shape == Shape::Real),
        ..slack::Settings::default()
    })
    .await
    .with_context(|| {
        format!(
            "port {}: another one can be named with --port",
            arguments.port
        )
    })
}

fn random_word() -> String {
    hex::encode(runtime::random_bytes::<16>())
}

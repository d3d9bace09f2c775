//! What the service is pointed at: its settings, by their fixed names.

use std::{collections::BTreeMap, path::PathBuf};

use countersign_sandbox::{
    data,
    openai::{self, OpenAi},
    postgres::{Database, Template},
    s3::S3Server,
    slack::Workspace,
    stripe::Stripe,
    vercel::{self, Vercel},
};

/// The bucket for certificates; the app's is [`data::BUCKET`].
pub const DOCUMENTS: &str = "countersign-documents";
pub const ACCESS_KEY: &str = "AKIATESTTESTTESTTEST";
pub const SECRET_KEY: &str = "secret-of-the-sandbox-s3";
pub const AUDIT_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub const COOLING_OFF_SECONDS: u64 = 600;

/// How a world differs from the usual one.
#[derive(Default)]
pub struct Options {
    /// The application's shape; the runbook's when `None`.
    pub shape: Option<Template>,
    /// Settings by their names, over the usual ones.
    pub settings: BTreeMap<String, String>,
    /// The configuration file's text.
    pub file: Option<String>,
    /// Slack's posting limit.
    pub rate_limit: Option<countersign_sandbox::slack::RateLimit>,
    /// Whether the service is told of the simulated Stripe, which then holds the payments of `data::stripe`.
    pub stripe: bool,
    /// Whether the service is told of the simulated OpenAI and Vercel.
    pub vendors: bool,
}

impl Options {
    pub fn real() -> Self {
        Self {
            shape: Some(Template::Real),
            ..Self::default()
        }
    }

    /// The same with Stripe.
    pub fn and_stripe(mut self) -> Self {
        self.stripe = true;
        self
    }

    /// The same with OpenAI and Vercel.
    pub fn and_vendors(mut self) -> Self {
        self.vendors = true;
        self
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// The environment that points a service at this sandbox.
pub fn settings(
    database: &Database,
    slack: &Workspace,
    s3: &S3Server,
    (stripe, webhook_secret): (&Stripe, &str),
    options: &Options,
) -> BTreeMap<String, String> {
    let mut settings: BTreeMap<String, String> = [
        ("COUNTERSIGN_LISTEN", "127.0.0.1:0"),
        ("SLACK_SIGNING_SECRET", slack.signing_secret()),
        ("SLACK_BOT_TOKEN", slack.bot_token()),
        ("SLACK_API_URL", &slack.api_url()),
        ("SLACK_TEAM_ID", "T0COUNTER"),
        ("COUNTERSIGN_APPROVALS_CHANNEL", "C0APPROVALS"),
        ("COUNTERSIGN_AUDIT_CHANNEL", "C0AUDIT"),
        ("COUNTERSIGN_INCIDENT_CHANNEL", "C0INCIDENTS"),
        ("COUNTERSIGN_ADMINS", "S0ADMINS"),
        ("COUNTERSIGN_OPERATORS", "S0OPERATORS"),
        ("COUNTERSIGN_VIEWERS", "S0VIEWERS"),
        ("DATABASE_URL", database.url()),
        ("COUNTERSIGN_AUDIT_KEY", AUDIT_KEY),
        (
            "COUNTERSIGN_COOLING_OFF",
            &format!("{COOLING_OFF_SECONDS}s"),
        ),
        ("COUNTERSIGN_APPROVAL_EXPIRY", "4h"),
        ("S3_BUCKET", data::BUCKET),
        ("COUNTERSIGN_BUCKET", DOCUMENTS),
        ("AWS_REGION", data::REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_ENDPOINT_URL_S3", &s3.endpoint()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if options.stripe {
        let stripe = [
            ("STRIPE_SECRET_KEY", stripe.secret_key().as_str()),
            ("STRIPE_API_BASE", stripe.url()),
            ("STRIPE_WEBHOOK_SECRET", webhook_secret),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        settings.extend(stripe);
    }
    settings.extend(options.settings.clone());
    settings
}

/// The settings of the vendors with small interfaces.
pub fn vendors(openai: &OpenAi, vercel: &Vercel) -> BTreeMap<String, String> {
    let base = format!("{}/v1", openai.url());
    let settings = [
        ("OPENAI_API_KEY", openai::API_KEY),
        ("OPENAI_ADMIN_KEY", openai::ADMIN_KEY),
        ("OPENAI_API_BASE", base.as_str()),
        ("OPENAI_MODELS", "gpt-4-turbo, whisper-1, gpt-4o"),
        ("COUNTERSIGN_OPENAI_BUDGET", "100"),
        ("VERCEL_TOKEN", vercel::TOKEN),
        ("VERCEL_PROJECT_ID", vercel::PROJECT),
        ("VERCEL_TEAM_ID", vercel::TEAM),
        ("VERCEL_API_BASE", vercel.url()),
    ];
    let owned = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    owned.into()
}

/// Where exchanges with those vendors are written, for the checker that CI runs.
pub fn exchanges_file() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/vendor-exchanges");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("it-{}.jsonl", std::process::id()))
}

/// Where the bodies that Slack received are written, for the checker that CI runs.
pub fn record_file() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/slack-bodies");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("it-{}.jsonl", std::process::id()))
}

//! From settings to parts. Nothing is asked of anybody yet.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use anyhow::Context;
use chrono::Duration;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::{
    audit_key::AuditKey,
    config::{
        Settings,
        database_url::DatabaseUrl,
        limits,
        settings::{RoleEntry, StripeCustomer},
    },
    domain::policy::PolicySettings,
    journal::{Journal, Store, migrate, store::TimeLimits},
    runtime::SharedClock,
    slack::{
        client::{SlackApi, SlackApiSettings},
        directory::{DIRECTORY_TTL, Directory, DirectorySettings, Member},
        inbound::inbox::Arrived,
    },
    systems::{
        BeyondReach, Exports, System, Systems,
        app_db::{AppDb, ColumnRef, Limits, Mapping},
        object_store::{self, Credentials, ObjectStore, PrefixTemplate},
        openai::{OpenAi, OpenAiSettings},
        stripe::{Stripe, StripeSettings},
        vercel::{Vercel, VercelSettings},
    },
};

/// The parts that the workers share.
#[derive(Clone)]
pub struct Parts {
    pub journal: Journal,
    /// The journal over the connections of what Slack and vendors deliver.
    pub accepting: Journal,
    /// What is operated on.
    pub systems: Arc<Systems>,
    /// Who people are.
    pub directory: Arc<Directory>,
    pub slack: SlackApi,
    /// What plans demand.
    pub policy: Arc<PolicySettings>,
    pub clock: SharedClock,
    /// Woken when something came in.
    pub arrived: Arrived,
}

impl Parts {
    /// Makes all parts.
    ///
    /// # Errors
    /// What the settings' own checks could not see.
    pub async fn assemble(settings: &Settings, clock: SharedClock) -> anyhow::Result<Self> {
        let key = settings.store.audit_key.clone();
        let journal = journal(settings, key.clone())?;
        let slack = SlackApi::new(SlackApiSettings {
            api_url: settings.slack.api_url.clone(),
            token: settings.slack.bot_token.expose().to_owned(),
            timeout: crate::slack::client::CALL_TIMEOUT,
        })?;
        let systems = systems(settings, &key, clock.clone()).await?;
        Ok(Self {
            accepting: journal.over(accepting(settings)?),
            journal,
            systems: Arc::new(systems),
            directory: Arc::new(directory(settings, slack.clone())?),
            slack,
            policy: Arc::new(policy(settings)),
            clock,
            arrived: Arrived::default(),
        })
    }
}

/// The store's connections for work in the background; the commands of the command line need nothing else.
///
/// # Errors
/// When the URL is none.
pub fn store_pool(settings: &Settings) -> anyhow::Result<Store> {
    let (most, wait) = (limits::STORE_CONNECTIONS, limits::POOL_WAIT);
    Ok(migrate::pool(store_options(settings)?, most, wait))
}

/// Connections for what Slack and vendors deliver: accepting never waits behind work in the background.
fn accepting(settings: &Settings) -> anyhow::Result<Store> {
    Ok(migrate::pool_for(
        store_options(settings)?,
        limits::ACCEPT_CONNECTIONS,
        limits::ACCEPT_WAIT,
        TimeLimits::ACCEPT,
    ))
}

/// The journal, with connections of its own for verifying.
fn journal(settings: &Settings, key: AuditKey) -> anyhow::Result<Journal> {
    let (most, wait) = (limits::VERIFY_CONNECTIONS, limits::POOL_WAIT);
    let verifying = migrate::pool(store_options(settings)?, most, wait);
    Ok(Journal {
        verifying,
        ..Journal::new(store_pool(settings)?, key)
    })
}

fn store_options(settings: &Settings) -> anyhow::Result<PgConnectOptions> {
    // The error of sqlx could quote the URL, which holds a password.
    PgConnectOptions::from_str(settings.store.database.url.expose())
        .map_err(|_| anyhow::anyhow!("COUNTERSIGN_DATABASE_URL is not a Postgres URL"))
}

/// The app's database, with the few connections that it is asked for.
pub(super) fn app_db(database: &DatabaseUrl, mapping: Mapping) -> anyhow::Result<AppDb> {
    let app_limits = Limits {
        pool_size: limits::APP_CONNECTIONS,
        ..Limits::default()
    };
    let app_db = AppDb::connect(database.url.expose(), mapping, app_limits)?;
    Ok(app_db.through_pooler(database.pooled))
}

async fn systems(
    settings: &Settings,
    key: &AuditKey,
    clock: SharedClock,
) -> anyhow::Result<Systems> {
    Ok(Systems {
        app_db: app_db(&settings.app.database, mapping(settings)?)?,
        files: bucket(settings, &settings.s3.bucket, clock.clone()).await?,
        documents: bucket(settings, &settings.store.bucket, clock).await?,
        user_prefix: PrefixTemplate::parse(&settings.s3.user_prefix)?,
        key: key.clone(),
        credits_limit: settings.policy.credits_limit,
        stripe: stripe(settings)?,
        openai: openai(settings)?,
        vercel: vercel(settings)?,
        off: off(settings),
        protected_networks: settings.policy.protected_networks.clone(),
        delete_stripe_customer: settings.policy.stripe_customer == StripeCustomer::Delete,
        legal_hold: settings.app.legal_hold.iter().cloned().collect(),
        beyond_reach: beyond_reach(settings),
        exports: exports(settings),
    })
}

/// `[app.schema]`, with the schema of the URL and the columns of `S3_USER_COLUMNS` where the table says nothing.
fn mapping(settings: &Settings) -> anyhow::Result<Mapping> {
    let table = &settings.app.schema;
    let mut mapping: Mapping = table.clone().try_into().context("[app.schema]")?;
    if let Some(schema) = settings
        .app
        .database
        .schema
        .as_ref()
        .filter(|_| !table.contains_key("schema"))
    {
        mapping.schema.clone_from(schema);
    }
    if !settings.s3.user_columns.is_empty() {
        let columns = settings.s3.user_columns.iter();
        mapping.user_columns = columns
            .map(|c| ColumnRef::new(&c.table, &c.column))
            .collect();
    }
    Ok(mapping)
}

async fn bucket(
    settings: &Settings,
    name: &str,
    clock: SharedClock,
) -> anyhow::Result<ObjectStore> {
    let mut store = object_store::Settings::new(name, &settings.s3.region);
    store.endpoint = settings
        .s3
        .endpoint
        .as_deref()
        .map(Url::parse)
        .transpose()?;
    if let Some(keys) = &settings.s3.credentials {
        store.credentials = Credentials::Keys {
            access_key_id: keys.access_key_id.clone(),
            secret_access_key: keys.secret_access_key.expose().to_owned(),
            session_token: keys
                .session_token
                .as_ref()
                .map(|token| token.expose().to_owned()),
        };
    }
    Ok(ObjectStore::connect(store, clock).await?)
}

fn stripe(settings: &Settings) -> anyhow::Result<Option<Stripe>> {
    let Ok(stripe) = settings.vendors.stripe.get() else {
        return Ok(None);
    };
    let settings = StripeSettings {
        key: stripe.secret_key.expose().to_owned(),
        base: stripe.api_base.clone(),
        connect: limits::CONNECT,
        timeout: limits::CALL,
    };
    Ok(Some(Stripe::new(&settings)?))
}

/// What is missing for each system that is not configured.
fn off(settings: &Settings) -> BTreeMap<System, String> {
    let vendors = &settings.vendors;
    let missing = [
        (System::Stripe, vendors.stripe.get().err()),
        (System::OpenAi, vendors.openai.get().err()),
        (System::Vercel, vendors.vercel.get().err()),
    ];
    let missing = missing.into_iter();
    missing
        .filter_map(|(system, missing)| Some((system, missing?.to_string())))
        .collect()
}

fn openai(settings: &Settings) -> anyhow::Result<Option<OpenAi>> {
    let Ok(openai) = settings.vendors.openai.get() else {
        return Ok(None);
    };
    let admin_key = openai.admin_key.as_ref();
    let settings = OpenAiSettings {
        key: openai.api_key.expose().to_owned(),
        admin_key: admin_key.map(|key| key.expose().to_owned()),
        base: openai.api_base.clone(),
        models: openai.models.clone(),
        budget: settings.policy.openai_budget,
        connect: limits::CONNECT,
        timeout: limits::CALL,
    };
    Ok(Some(OpenAi::new(&settings)?))
}

fn vercel(settings: &Settings) -> anyhow::Result<Option<Vercel>> {
    let Ok(vercel) = settings.vendors.vercel.get() else {
        return Ok(None);
    };
    let settings = VercelSettings {
        token: vercel.token.expose().to_owned(),
        project: vercel.project_id.clone(),
        team: vercel.team_id.clone(),
        base: vercel.api_base.clone(),
        connect: limits::CONNECT,
        timeout: limits::CALL,
    };
    Ok(Some(Vercel::new(&settings)?))
}

fn directory(settings: &Settings, slack: SlackApi) -> anyhow::Result<Directory> {
    let members = |entries: &[RoleEntry]| -> Vec<Member> {
        entries
            .iter()
            .map(|entry| match entry {
                RoleEntry::User(id) => Member::User(id.clone()),
                RoleEntry::Group(id) => Member::Group(id.clone()),
            })
            .collect()
    };
    let directory = DirectorySettings {
        team_id: settings.slack.team_id.clone(),
        admins: members(&settings.roles.admins),
        operators: members(&settings.roles.operators),
        viewers: members(&settings.roles.viewers),
        linked: settings.linked.clone(),
        ttl: DIRECTORY_TTL,
        email_key: settings.store.audit_key.clone(),
    };
    Ok(Directory::new(slack, directory))
}

fn policy(settings: &Settings) -> PolicySettings {
    PolicySettings {
        sensitive_approvals: settings.policy.approvals_sensitive.get(),
        destructive_approvals: settings.policy.approvals_destructive.get(),
        approval_expiry: duration(settings.policy.approval_expiry),
        confirmation_expiry: duration(limits::CONFIRMATION_EXPIRY),
        cooling_off: duration(settings.policy.cooling_off),
    }
}

fn duration(of: std::time::Duration) -> Duration {
    Duration::from_std(of).unwrap_or(Duration::MAX)
}

/// `30 days`, or exactly what is set when it is not whole days.
fn days(of: std::time::Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    match (of.as_secs() / DAY, of.as_secs() % DAY) {
        (1, 0) => "1 day".to_owned(),
        (days, 0) => format!("{days} days"),
        _ => humantime::format_duration(of).to_string(),
    }
}

/// How long exports live, and what is in none.
fn exports(settings: &Settings) -> Exports {
    let one = |kind, what: &str, why: String| BeyondReach {
        kind,
        what: what.to_owned(),
        why,
    };
    let stripe = settings.vendors.stripe.get().err();
    let stripe = stripe.map(|missing| {
        one(
            "stripe_customer",
            "the Stripe customer",
            missing.to_string(),
        )
    });
    let others = [
        one(
            "openai_inputs",
            "recordings and texts that OpenAI was sent",
            "OpenAI keeps API inputs for up to 30 days and has no call that returns them"
                .to_owned(),
        ),
        one(
            "resend_mail",
            "mail that was sent through Resend",
            "its log in Resend is not read".to_owned(),
        ),
    ];
    Exports {
        link: settings.policy.link_expiry,
        kept: settings.policy.export_retention,
        beyond_reach: stripe.into_iter().chain(others).collect(),
    }
}

/// Copies that no step can erase. They are listed on the card before anybody approves, and on the certificate.
fn beyond_reach(settings: &Settings) -> Vec<BeyondReach> {
    let one = |kind, what: &str, why: String| BeyondReach {
        kind,
        what: what.to_owned(),
        why,
    };
    let retention = days(settings.policy.backup_retention);
    let (kind, what, why) = match (
        settings.vendors.stripe.get(),
        settings.policy.stripe_customer,
    ) {
        (Err(_), _) => (
            "stripe_customer",
            "the Stripe customer",
            "Stripe is not configured: look there for a customer by hand",
        ),
        (Ok(_), StripeCustomer::Keep) => (
            "stripe_customer",
            "the Stripe customer",
            "kept by configuration: payments are kept by tax law",
        ),
        (Ok(_), StripeCustomer::Delete) => (
            "stripe_payments",
            "payments at Stripe",
            "they stay there with personal data when the customer is deleted: redact them in Stripe",
        ),
    };
    vec![
        one(kind, what, why.to_owned()),
        one(
            "database_backups",
            "database backups and point-in-time history",
            format!(
                "they expire within {retention}; when one is restored, run `/ops erasure replay <reason>`"
            ),
        ),
        one(
            "openai_inputs",
            "recordings and texts that OpenAI was sent",
            "OpenAI keeps API inputs for up to 30 days".to_owned(),
        ),
        one(
            "resend_mail",
            "mail that was sent through Resend",
            "Resend has no call that deletes it".to_owned(),
        ),
    ]
}

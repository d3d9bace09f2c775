//! Builds the settings, section by section.

use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU8, path::PathBuf, time::Duration};

use super::{
    checks,
    database_url::DatabaseUrl,
    fault::{Fault, Faults},
    limits,
    names::{self as n, Name},
    raw,
    reader::Reader,
    settings::{
        App, AwsCredentials, Channels, ColumnName, Policy, RoleEntry, Roles, S3, Server, Settings,
        Slack, Store, StripeCustomer,
    },
    vendors::Vendors,
};

/// The settings, or everything that is wrong with them.
pub(super) fn settings(
    file: Option<&str>,
    env: &BTreeMap<String, String>,
) -> Result<Settings, Faults> {
    let mut faults = Faults::default();
    let raw = raw::read(file, env, &mut faults);
    let mut read = Reader::new(raw, faults);
    let app = app(&mut read);
    let settings = Settings {
        server: server(&mut read),
        slack: slack(&mut read),
        channels: channels(&mut read),
        roles: roles(&mut read),
        policy: policy(&mut read),
        store: store(&mut read, &app.database),
        s3: s3(&mut read),
        vendors: Vendors::read(&mut read, app.url.as_deref()),
        linked: linked(&mut read),
        app,
        effective: read.effective(),
    };
    check_buckets(&settings, &mut read);
    check_stripe_customer(&settings, &mut read);
    read.finish(settings)
}

/// The app's database, and whether the file has `[app.schema]`. What else is missing or wrong does not matter here.
pub(super) fn app_database(
    file: Option<&str>,
    env: &BTreeMap<String, String>,
) -> Result<(DatabaseUrl, bool), Faults> {
    let mut faults = Faults::default();
    let raw = raw::read(file, env, &mut faults);
    faults.0.retain(|fault| fault.name == raw::FILE);
    let has_schema = !raw.schema.is_empty();
    let mut read = Reader::new(raw, faults);
    let database = read.need(n::DATABASE_URL, DatabaseUrl::parse);
    read.finish((database, has_schema))
}

fn server(read: &mut Reader) -> Server {
    let parse = |text: &str| {
        text.parse::<SocketAddr>().map_err(|_| {
            format!("is `{text}`, which is not an address and port such as 0.0.0.0:8080")
        })
    };
    let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
    Server {
        listen: read.get(n::COUNTERSIGN_LISTEN, parse).unwrap_or(nowhere),
    }
}

fn slack(read: &mut Reader) -> Slack {
    Slack {
        signing_secret: read.need(n::SLACK_SIGNING_SECRET, checks::signing_secret),
        bot_token: read.need(n::SLACK_BOT_TOKEN, |text| checks::token(text, "xoxb-")),
        app_token: read.get(n::SLACK_APP_TOKEN, |text| checks::token(text, "xapp-")),
        api_url: read.need(n::SLACK_API_URL, checks::base_url),
        team_id: read.need(n::SLACK_TEAM_ID, checks::team_id),
    }
}

fn channels(read: &mut Reader) -> Channels {
    Channels {
        approvals: read.need(n::COUNTERSIGN_APPROVALS_CHANNEL, checks::channel_id),
        audit: read.need(n::COUNTERSIGN_AUDIT_CHANNEL, checks::channel_id),
        incident: read.need(n::COUNTERSIGN_INCIDENT_CHANNEL, checks::channel_id),
    }
}

fn roles(read: &mut Reader) -> Roles {
    let roles = Roles {
        admins: read.list(n::COUNTERSIGN_ADMINS, role_entry),
        operators: read.list(n::COUNTERSIGN_OPERATORS, role_entry),
        viewers: read.list(n::COUNTERSIGN_VIEWERS, role_entry),
    };
    if roles.admins.is_empty() && read.is_set(n::COUNTERSIGN_ADMINS) {
        read.fault(Fault::new(
            n::COUNTERSIGN_ADMINS.env,
            "names nobody who could approve",
        ));
    }
    roles
}

fn app(read: &mut Reader) -> App {
    App {
        database: read.need(n::DATABASE_URL, DatabaseUrl::parse),
        url: read.get(n::APP_URL, checks::base_url),
        migrations_dir: read.get(n::COUNTERSIGN_MIGRATIONS_DIR, |text| {
            Ok(PathBuf::from(text))
        }),
        legal_hold: read.list(n::COUNTERSIGN_LEGAL_HOLD, |text| Ok(text.to_owned())),
        schema: read.schema(),
    }
}

fn store(read: &mut Reader, app: &DatabaseUrl) -> Store {
    Store {
        database: read
            .get(n::COUNTERSIGN_DATABASE_URL, DatabaseUrl::parse)
            .unwrap_or_else(|| app.clone()),
        bucket: read.need(n::COUNTERSIGN_BUCKET, checks::bucket),
        audit_key: read.need(n::COUNTERSIGN_AUDIT_KEY, checks::audit_key),
    }
}

fn policy(read: &mut Reader) -> Policy {
    Policy {
        approvals_sensitive: approvals(read, n::COUNTERSIGN_APPROVALS_SENSITIVE),
        approvals_destructive: approvals(read, n::COUNTERSIGN_APPROVALS_DESTRUCTIVE),
        cooling_off: duration(
            read,
            n::COUNTERSIGN_COOLING_OFF,
            limits::COOLING_OFF_LEAST,
            limits::COOLING_OFF_MOST,
        ),
        approval_expiry: duration(
            read,
            n::COUNTERSIGN_APPROVAL_EXPIRY,
            limits::EXPIRY_LEAST,
            limits::EXPIRY_MOST,
        ),
        credits_limit: read.need(n::COUNTERSIGN_CREDITS_LIMIT, |text| {
            checks::number(text, 0..=limits::CREDITS_MOST)
        }),
        link_expiry: duration(
            read,
            n::COUNTERSIGN_LINK_EXPIRY,
            limits::LINK_EXPIRY_LEAST,
            limits::LINK_EXPIRY_MOST,
        ),
        export_retention: duration(
            read,
            n::COUNTERSIGN_EXPORT_RETENTION,
            limits::EXPORT_RETENTION_LEAST,
            limits::EXPORT_RETENTION_MOST,
        ),
        stripe_customer: read
            .get(n::COUNTERSIGN_STRIPE_CUSTOMER, stripe_customer)
            .unwrap_or(StripeCustomer::Keep),
        backup_retention: duration(
            read,
            n::COUNTERSIGN_BACKUP_RETENTION,
            Duration::ZERO,
            limits::RETENTION_MOST,
        ),
        openai_budget: read.get(n::COUNTERSIGN_OPENAI_BUDGET, |text| {
            checks::number(text, 1..=u32::MAX)
        }),
        protected_networks: read.list(n::COUNTERSIGN_PROTECTED_NETWORKS, checks::network),
    }
}

fn duration(read: &mut Reader, name: &Name, least: Duration, most: Duration) -> Duration {
    read.need(name, |text| checks::duration(text, least..=most))
}

fn approvals(read: &mut Reader, name: &Name) -> NonZeroU8 {
    let parse = |text: &str| {
        let number = checks::number(text, 1..=limits::APPROVALS_MOST)?;
        u8::try_from(number)
            .ok()
            .and_then(NonZeroU8::new)
            .ok_or_else(|| format!("is `{text}`, which is too many"))
    };
    read.get(name, parse).unwrap_or(NonZeroU8::MIN)
}

fn s3(read: &mut Reader) -> S3 {
    S3 {
        bucket: read.need(n::S3_BUCKET, checks::bucket),
        user_prefix: read.need(n::S3_USER_PREFIX, checks::user_prefix),
        user_columns: read.list(n::S3_USER_COLUMNS, column),
        region: read.plain(n::AWS_REGION).unwrap_or_default(),
        endpoint: read.get(n::AWS_ENDPOINT_URL_S3, checks::endpoint),
        credentials: credentials(read),
    }
}

fn credentials(read: &mut Reader) -> Option<AwsCredentials> {
    let session_token = read.secret(n::AWS_SESSION_TOKEN);
    match (
        read.plain(n::AWS_ACCESS_KEY_ID),
        read.secret(n::AWS_SECRET_ACCESS_KEY),
    ) {
        (Some(access_key_id), Some(secret_access_key)) => Some(AwsCredentials {
            access_key_id,
            secret_access_key,
            session_token,
        }),
        (None, None) if session_token.is_none() => None,
        (access_key_id, _) => {
            let missing = if access_key_id.is_none() {
                n::AWS_ACCESS_KEY_ID
            } else {
                n::AWS_SECRET_ACCESS_KEY
            };
            let fault = Fault::new(
                missing.env,
                "is missing, while other parts of the credentials are set",
            );
            read.fault(fault.hint("set both, or none to use the machine's own role"));
            None
        }
    }
}

/// Deleting a user empties prefixes of the app's bucket: certificates and backups must be out of its reach.
fn check_buckets(settings: &Settings, read: &mut Reader) {
    if settings.store.bucket == settings.s3.bucket && !settings.s3.bucket.is_empty() {
        let fault = Fault::new(
            n::COUNTERSIGN_BUCKET.env,
            "is the app's own bucket, S3_BUCKET",
        );
        read.fault(fault.hint("certificates and backups need a bucket of their own"));
    }
}

/// A deletion that was set up and cannot happen would leave people's data without a word.
fn check_stripe_customer(settings: &Settings, read: &mut Reader) {
    let is_wanted = settings.policy.stripe_customer == StripeCustomer::Delete;
    if is_wanted && !read.is_set(n::STRIPE_SECRET_KEY) {
        let fault = Fault::new(
            n::COUNTERSIGN_STRIPE_CUSTOMER.env,
            "is `delete`, which needs STRIPE_SECRET_KEY",
        );
        read.fault(fault.hint("without Stripe in use, leave it at keep"));
    }
}

fn linked(read: &mut Reader) -> Vec<Vec<String>> {
    const NAME: &str = "[people] linked";
    let Some(value) = read.linked() else {
        return Vec::new();
    };
    let Ok(people) = value.try_into::<Vec<Vec<String>>>() else {
        read.fault(Fault::new(
            NAME,
            "is not a list of lists of user ids and addresses, such as [[\"U0ADA\", \"U0ADA2\", \"ada@example.com\"]]",
        ));
        return Vec::new();
    };
    let mut seen = Vec::new();
    for person in &people {
        if person.len() < 2 {
            read.fault(Fault::new(
                NAME,
                format!("holds {person:?}: one person's accounts are at least two"),
            ));
        }
        for account in person {
            // An address links an account that is none of Slack's: the person's own in the application.
            if !account.contains('@')
                && let Err(says) = checks::user_id(account)
            {
                read.fault(Fault::new(NAME, says));
            }
            if seen.contains(&account) {
                read.fault(Fault::new(
                    NAME,
                    format!("names {account} twice; put all accounts of a person in one list"),
                ));
            }
            seen.push(account);
        }
    }
    people
}

/// A user id (`U…`, `W…`) or a user-group id (`S…`).
fn role_entry(text: &str) -> Result<RoleEntry, String> {
    if checks::has_prefix(text, "UW") {
        return Ok(RoleEntry::User(text.to_owned()));
    }
    if checks::has_prefix(text, "S") {
        return Ok(RoleEntry::Group(text.to_owned()));
    }
    Err(format!(
        "holds `{text}`, which is neither a user id (U…, W…) nor a user-group id (S…)"
    ))
}

/// `Table.column`.
fn column(text: &str) -> Result<ColumnName, String> {
    match text.split_once('.') {
        Some((table, column))
            if !table.is_empty() && !column.is_empty() && !column.contains('.') =>
        {
            Ok(ColumnName {
                table: table.to_owned(),
                column: column.to_owned(),
            })
        }
        _ => Err(format!(
            "holds `{text}`, which is not of the form Table.column"
        )),
    }
}

/// `delete` or `keep`.
fn stripe_customer(text: &str) -> Result<StripeCustomer, String> {
    match text {
        "delete" => Ok(StripeCustomer::Delete),
        "keep" => Ok(StripeCustomer::Keep),
        _ => Err(format!("is `{text}`: it must be delete or keep")),
    }
}

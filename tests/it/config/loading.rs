//! What is read from where.

use std::{collections::BTreeMap, time::Duration};

use countersign::config::{
    Settings, names,
    settings::{ColumnName, RoleEntry, StripeCustomer},
};

use super::{env, good};

#[test]
fn what_is_required_is_enough_and_the_rest_has_defaults() {
    let settings = good(&[]);
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.slack.api_url, "https://slack.com/api");
    assert_eq!(settings.s3.user_prefix, "user-{id}/");
    assert_eq!(settings.policy.cooling_off, Duration::from_secs(600));
    assert_eq!(
        settings.policy.approval_expiry,
        Duration::from_secs(4 * 3600)
    );
    assert_eq!(settings.policy.approvals_destructive.get(), 1);
    assert_eq!(settings.policy.stripe_customer, StripeCustomer::Keep);
    assert_eq!(
        settings.store.database.url.expose(),
        settings.app.database.url.expose()
    );
    assert!(settings.s3.credentials.is_none());
    assert!(settings.slack.app_token.is_none());
}

/// A file with everything that is required, and some of the rest.
const COMPLETE: &str = r#"
[server]
countersign_listen = "0.0.0.0:3000"
[slack]
slack_signing_secret = "8f742231b10e8888abcd99baaaaa85a5"
slack_bot_token = "xoxb-bot"
slack_app_token = "xapp-app"
slack_team_id = "T0TEAM"
[channels]
countersign_approvals_channel = "C0APPROVALS"
countersign_audit_channel = "G0AUDIT"
countersign_incident_channel = "C0INCIDENTS"
[roles]
countersign_admins = ["S0ADMINS", "W0ADA", "S0ADMINS"]
countersign_operators = "U0ALAN"
[policy]
countersign_approvals_destructive = 2
countersign_stripe_customer = "delete"
[app]
database_url = "postgres://app@localhost/app"
[app.schema.tables]
user = "User"
[people]
linked = [["U0ADA", "U0ADA2"]]
[store]
countersign_audit_key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
countersign_bucket = "countersign-files"
[s3]
s3_bucket = "app-files"
s3_user_columns = ["Response.audioUrl", "User.image"]
aws_region = "eu-central-1"
aws_endpoint_url_s3 = "http://minio:9000/"
aws_access_key_id = "key"
aws_secret_access_key = "secret"
[stripe]
stripe_secret_key = "rk_live_key"
"#;

#[test]
fn a_file_alone_is_enough() {
    let settings = Settings::from_parts(Some(COMPLETE), &BTreeMap::new()).expect("complete");
    let group = RoleEntry::Group("S0ADMINS".to_owned());
    assert_eq!(
        settings.roles.admins,
        [group, RoleEntry::User("W0ADA".to_owned())]
    );
    assert_eq!(
        settings.roles.operators,
        [RoleEntry::User("U0ALAN".to_owned())]
    );
    assert_eq!(settings.policy.approvals_destructive.get(), 2);
    assert_eq!(settings.policy.stripe_customer, StripeCustomer::Delete);
    assert_eq!(settings.app.schema["tables"]["user"].as_str(), Some("User"));
    assert_eq!(settings.linked, [["U0ADA", "U0ADA2"]]);
    assert_eq!(
        settings.store.audit_key.bytes().len(),
        32,
        "64 hexadecimal digits are 32 bytes"
    );
    let column = |table: &str, column: &str| ColumnName {
        table: table.to_owned(),
        column: column.to_owned(),
    };
    assert_eq!(
        settings.s3.user_columns,
        [column("Response", "audioUrl"), column("User", "image")]
    );
    assert_eq!(settings.s3.endpoint.as_deref(), Some("http://minio:9000"));
    assert_eq!(
        settings
            .s3
            .credentials
            .map(|it| it.access_key_id)
            .as_deref(),
        Some("key")
    );
}

#[test]
fn the_environment_overrides_the_file_unless_it_is_empty() {
    let file = "[policy]\ncountersign_cooling_off = \"1h\"\ncountersign_approval_expiry = \"2h\"\n";
    let env = env(&[
        ("COUNTERSIGN_COOLING_OFF", "5m"),
        ("COUNTERSIGN_APPROVAL_EXPIRY", "  "),
    ]);
    let settings = Settings::from_parts(Some(file), &env).expect("no faults");
    assert_eq!(settings.policy.cooling_off, Duration::from_secs(300));
    assert_eq!(settings.policy.approval_expiry, Duration::from_secs(7200));
}

#[test]
fn the_vendors_other_names_count_when_the_first_is_unset() {
    let settings = good(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "us-east-1")]);
    assert_eq!(settings.s3.region, "us-east-1");
    let settings = good(&[("AWS_DEFAULT_REGION", "us-east-1")]);
    assert_eq!(settings.s3.region, "eu-central-1");
}

#[test]
fn an_audit_key_is_read_as_hexadecimal_then_base64_then_text() {
    let key = |text: &str| {
        good(&[("COUNTERSIGN_AUDIT_KEY", text)])
            .store
            .audit_key
            .bytes()
            .to_vec()
    };
    assert_eq!(key(&"ab".repeat(32)), [0xab; 32]);
    assert_eq!(
        key("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo="),
        [0xaa; 32]
    );
    assert_eq!(
        key("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo"),
        [0xaa; 32],
        "without padding"
    );
    assert_eq!(
        key("__________________________________________8"),
        [0xff; 32],
        "the URL-safe alphabet"
    );
    assert_eq!(
        key("plain text of some forty characters, say"),
        b"plain text of some forty characters, say"
    );
}

#[test]
fn the_file_is_found_by_its_path() {
    let path = std::env::temp_dir().join(format!("countersign-{}.toml", std::process::id()));
    std::fs::write(&path, "[server]\ncountersign_listen = \"0.0.0.0:4000\"\n").expect("written");
    let settings = Settings::load(Some(&path), env(&[]));
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(settings.expect("no faults").server.listen.port(), 4000);
}

#[test]
fn every_name_of_the_contract_is_a_setting() {
    const CONTRACT: &str = "COUNTERSIGN_LISTEN SLACK_SIGNING_SECRET SLACK_BOT_TOKEN SLACK_APP_TOKEN SLACK_API_URL \
        SLACK_TEAM_ID COUNTERSIGN_APPROVALS_CHANNEL COUNTERSIGN_AUDIT_CHANNEL COUNTERSIGN_INCIDENT_CHANNEL \
        COUNTERSIGN_ADMINS COUNTERSIGN_OPERATORS COUNTERSIGN_VIEWERS DATABASE_URL COUNTERSIGN_DATABASE_URL \
        COUNTERSIGN_AUDIT_KEY COUNTERSIGN_COOLING_OFF COUNTERSIGN_APPROVAL_EXPIRY S3_BUCKET COUNTERSIGN_BUCKET \
        S3_USER_PREFIX S3_USER_COLUMNS AWS_REGION AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
        AWS_ENDPOINT_URL_S3 STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRET STRIPE_API_BASE VERCEL_TOKEN VERCEL_PROJECT_ID \
        VERCEL_TEAM_ID VERCEL_WEBHOOK_SECRET VERCEL_API_BASE NEON_API_KEY NEON_PROJECT_ID NEON_API_BASE \
        OPENAI_API_KEY OPENAI_ADMIN_KEY OPENAI_API_BASE RESEND_API_KEY RESEND_FROM RESEND_API_BASE GOOGLE_CLIENT_ID \
        APP_URL";
    let unknown: Vec<_> = CONTRACT
        .split_whitespace()
        .filter(|name| names::by_env(name).is_none())
        .collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

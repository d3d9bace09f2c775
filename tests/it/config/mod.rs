//! The configuration: what is read, what is refused, what is shown.

mod cli;

mod database_url;

mod doctor;

mod documents;

mod faults;

mod health;

mod loading;

mod manifest;

mod mapping;
mod mapping_doubts;

mod mapping_names;

mod metrics;

mod secrets;

mod vendors;

use std::collections::BTreeMap;

use countersign::config::{Faults, Settings};

/// A complete configuration by environment: all that is required, and nothing else.
const REQUIRED: &[(&str, &str)] = &[
    ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99baaaaa85a5"),
    ("SLACK_BOT_TOKEN", "xoxb-bot-token-value"),
    ("SLACK_TEAM_ID", "T0TEAM"),
    ("COUNTERSIGN_APPROVALS_CHANNEL", "C0APPROVALS"),
    ("COUNTERSIGN_AUDIT_CHANNEL", "C0AUDIT"),
    ("COUNTERSIGN_INCIDENT_CHANNEL", "C0INCIDENTS"),
    ("COUNTERSIGN_ADMINS", "U0ADA, U0GRACE"),
    (
        "DATABASE_URL",
        "postgresql://app:app-password@localhost:5432/app",
    ),
    (
        "COUNTERSIGN_AUDIT_KEY",
        "q0zpH2vYkP9pWq1nB3xT5rL7sD8fG6hJ4kM2cV0bN1Q=",
    ),
    ("COUNTERSIGN_BUCKET", "countersign-files"),
    ("S3_BUCKET", "app-files"),
    ("AWS_REGION", "eu-central-1"),
];

/// [`REQUIRED`] with `changes` over it; an empty value takes a setting away.
fn env(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let all = REQUIRED.iter().chain(changes);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn with(changes: &[(&str, &str)]) -> Result<Settings, Faults> {
    Settings::from_parts(None, &env(changes))
}

fn good(changes: &[(&str, &str)]) -> Settings {
    with(changes).expect("a configuration without faults")
}

/// The faults of a configuration, as a person reads them.
fn faults(file: Option<&str>, changes: &[(&str, &str)]) -> String {
    Settings::from_parts(file, &env(changes))
        .expect_err("a configuration with faults")
        .to_string()
}

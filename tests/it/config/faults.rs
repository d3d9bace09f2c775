//! What is refused, and how it is said.

use std::collections::BTreeMap;

use countersign::config::Settings;

use super::faults;

#[test]
fn an_empty_configuration_names_everything_that_is_required_at_once() {
    let faults = Settings::from_parts(None, &BTreeMap::new()).expect_err("nothing is set");
    insta::assert_snapshot!(faults, @"");
}

#[test]
fn faults_of_every_kind_are_reported_together() {
    let file = r#"
        slack_bot_token = "xoxb-on-top-level"
        [slak]
        slack_team_id = "T0TEAM"
        [server]
        countersign_listn = "0.0.0.0:80"
        slack_team_id = "T0TEAM"
        [policy]
        two_person = false
        countersign_cooling_off = 1.5
        [app]
        schema = "public"
        [people]
        linked = [["U0ADA"], ["U0GRACE", "U0GRACE2", "grace"], ["U0GRACE", "U0ALAN"]]
    "#;
    let faults = faults(
        Some(file),
        &[
            ("COUNTERSIGN_LISTEN", "localhost"),
            ("COUNTERSIGN_COOLINGOFF", "10m"),
            ("COUNTERSIGN_TWO_PERSON", "off"),
            ("COUNTERSIGN_APPROVAL_EXPIRY", "four hours"),
            ("COUNTERSIGN_APPROVALS_DESTRUCTIVE", "0"),
            ("COUNTERSIGN_STRIPE_CUSTOMER", "shred"),
            ("SLACK_BOT_TOKEN", "xapp-swapped"),
            ("SLACK_APP_TOKEN", "xoxb-swapped"),
            ("SLACK_API_URL", "http://slack.example.com/api"),
            ("COUNTERSIGN_AUDIT_CHANNEL", "#audit"),
            ("COUNTERSIGN_ADMINS", "U0ADA ada@example.com"),
            ("DATABASE_URL", "mysql://app:hunter2@localhost/app"),
            ("COUNTERSIGN_AUDIT_KEY", "too-short"),
            ("COUNTERSIGN_BUCKET", "app-files"),
            ("S3_USER_PREFIX", "user-{id}"),
            ("S3_USER_COLUMNS", "Response.audioUrl audioUrl"),
            ("AWS_SECRET_ACCESS_KEY", "half-of-the-credentials"),
            ("STRIPE_API_BASE", "https://key@stripe.example.com"),
        ],
    );
    insta::assert_snapshot!(faults, @"");
}

#[test]
fn an_admins_list_of_nothing_but_commas_names_nobody() {
    insta::assert_snapshot!(faults(None, &[("COUNTERSIGN_ADMINS", ", ,")]), @"");
}

#[test]
fn a_file_that_is_not_toml_is_refused_without_quoting_its_line() {
    let file = "[slack]\nslack_bot_token = xoxb-unquoted-secret\n";
    let faults = faults(Some(file), &[]);
    assert!(!faults.contains("unquoted-secret"), "{faults}");
    insta::assert_snapshot!(faults, @"");
}

#[test]
fn cooling_off_can_be_short_but_never_none() {
    insta::assert_snapshot!(faults(None, &[("COUNTERSIGN_COOLING_OFF", "0s")]), @"");
    super::good(&[("COUNTERSIGN_COOLING_OFF", "5s")]);
}

#[test]
fn a_named_file_that_is_missing_is_a_fault() {
    let path = std::path::Path::new("/nonexistent/countersign.toml");
    let faults = Settings::load(Some(path), super::env(&[])).expect_err("no such file");
    assert!(
        faults
            .to_string()
            .contains("/nonexistent/countersign.toml: cannot be read"),
        "{faults}"
    );
}

//! What is refused, and how it is said.

use std::collections::BTreeMap;

use countersign::config::Settings;

use super::faults;

#[test]
fn an_empty_configuration_names_everything_that_is_required_at_once() {
    let faults = Settings::from_parts(None, &BTreeMap::new()).expect_err("nothing is set");
    insta::assert_snapshot!(faults, @r"
    the configuration has 12 faults:
      - DATABASE_URL: is missing -> the app's Postgres database, as the app itself has it
      - SLACK_SIGNING_SECRET: is missing -> the signing secret of the Slack app, under Basic Information
      - SLACK_BOT_TOKEN: is missing -> the bot token of the Slack app (xoxb-…), under OAuth & Permissions
      - SLACK_TEAM_ID: is missing -> the id of our own workspace (T…): people of any other are strangers
      - COUNTERSIGN_APPROVALS_CHANNEL: is missing -> the id of the channel (C… or G…) in which approvals are asked for
      - COUNTERSIGN_AUDIT_CHANNEL: is missing -> the id of the channel (C… or G…) that gets the audit trail
      - COUNTERSIGN_INCIDENT_CHANNEL: is missing -> the id of the channel (C… or G…) that incidents reach
      - COUNTERSIGN_ADMINS: is missing -> who may ask for and approve everything: user ids (U…, W…) or user-group ids (S…)
      - COUNTERSIGN_BUCKET: is missing -> the bucket for certificates, exports, backups and reports: never the app's own
      - COUNTERSIGN_AUDIT_KEY: is missing -> the key of the audit chain: at least 32 bytes, for example from `openssl rand -base64 32`
      - S3_BUCKET: is missing -> the app's bucket, which holds its users' files
      - AWS_REGION: is missing -> the region of both buckets
    ");
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
    insta::assert_snapshot!(faults, @r#"
    the configuration has 28 faults:
      - app.schema: is not a table
      - COUNTERSIGN_COOLING_OFF: cannot be a float in the file
      - [policy] two_person: the two-person rule is always on and cannot be configured
      - [server] countersign_listn: is not a setting -> did you mean `countersign_listen`?
      - [server] slack_team_id: is not a setting -> it belongs under [slack]
      - slack_bot_token: is not a section of the file -> it belongs under [slack]
      - slak: is not a section of the file -> did you mean [slack]?
      - COUNTERSIGN_COOLINGOFF: is not a setting -> did you mean COUNTERSIGN_COOLING_OFF?
      - COUNTERSIGN_TWO_PERSON: the two-person rule is always on and cannot be configured
      - DATABASE_URL: is not a Postgres URL: it must begin with postgresql:// or postgres://
      - COUNTERSIGN_LISTEN: is `localhost`, which is not an address and port such as 0.0.0.0:8080
      - SLACK_BOT_TOKEN: does not begin with xoxb-
      - SLACK_APP_TOKEN: does not begin with xapp-
      - SLACK_API_URL: is `http://slack.example.com/api`: http is only for this machine, use https
      - COUNTERSIGN_AUDIT_CHANNEL: is `#audit`, which is not a channel id (C… or G…)
      - COUNTERSIGN_ADMINS: holds `ada@example.com`, which is neither a user id (U…, W…) nor a user-group id (S…)
      - COUNTERSIGN_APPROVALS_DESTRUCTIVE: is `0`: it must be from 1 to 9
      - COUNTERSIGN_APPROVAL_EXPIRY: is `four hours`, which is not a duration such as 30s, 10m, 4h or 7days
      - COUNTERSIGN_STRIPE_CUSTOMER: is `shred`: it must be delete or keep
      - COUNTERSIGN_AUDIT_KEY: is shorter than 32 bytes, read as hexadecimal, base64 or plain text
      - S3_USER_PREFIX: is `user-{id}`: it must hold {id}/ once, end in a slash and not begin with one
      - S3_USER_COLUMNS: holds `audioUrl`, which is not of the form Table.column
      - AWS_ACCESS_KEY_ID: is missing, while other parts of the credentials are set -> set both, or none to use the machine's own role
      - STRIPE_API_BASE: holds a user name or password, which a base URL must not
      - [people] linked: holds ["U0ADA"]: one person's accounts are at least two
      - [people] linked: is `grace`, which is not a user id (U… or W…)
      - [people] linked: names U0GRACE twice; put all accounts of a person in one list
      - COUNTERSIGN_BUCKET: is the app's own bucket, S3_BUCKET -> certificates and backups need a bucket of their own
    "#);
}

#[test]
fn an_admins_list_of_nothing_but_commas_names_nobody() {
    insta::assert_snapshot!(faults(None, &[("COUNTERSIGN_ADMINS", ", ,")]), @r"
    the configuration has 1 fault:
      - COUNTERSIGN_ADMINS: names nobody who could approve
    ");
}

#[test]
fn a_file_that_is_not_toml_is_refused_without_quoting_its_line() {
    let file = "[slack]\nslack_bot_token = xoxb-unquoted-secret\n";
    let faults = faults(Some(file), &[]);
    assert!(!faults.contains("unquoted-secret"), "{faults}");
    insta::assert_snapshot!(faults, @r"
    the configuration has 1 fault:
      - the file: is not valid TOML at line 2: string values must be quoted, expected literal string
    ");
}

#[test]
fn cooling_off_can_be_short_but_never_none() {
    insta::assert_snapshot!(faults(None, &[("COUNTERSIGN_COOLING_OFF", "0s")]), @r"
    the configuration has 1 fault:
      - COUNTERSIGN_COOLING_OFF: is `0s`: it must be from 1s to 7days
    ");
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

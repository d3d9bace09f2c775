//! The doctor's report.

use std::collections::BTreeMap;

use countersign::config::{
    Settings,
    doctor::{Finding, Report, Verdict, check, examine},
};
use futures::FutureExt as _;

use super::good;

#[test]
fn a_doubtful_configuration_is_explained() {
    let settings = good(&[
        ("COUNTERSIGN_ADMINS", "U0ADA"),
        (
            "COUNTERSIGN_AUDIT_KEY",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        ("COUNTERSIGN_INCIDENT_CHANNEL", "C0AUDIT"),
        ("DATABASE_URL", "postgres://app:secret@db.example.com/app"),
        (
            "COUNTERSIGN_DATABASE_URL",
            "postgres://own:secret@ep-a-pooler.neon.tech/own?sslmode=require",
        ),
        ("AWS_ENDPOINT_URL_S3", "http://minio.example.com"),
        ("STRIPE_SECRET_KEY", "sk_test_1"),
        ("NEON_API_KEY", "key"),
    ]);
    insta::assert_snapshot!(Report(check(&settings)), @r"
    ok       configuration                0 settings from the file, 16 from the environment
    warning  admins                       people: 1; at least 2 are needed, as one asks and the others approve
                                          -> name more admins in COUNTERSIGN_ADMINS
    warning  COUNTERSIGN_AUDIT_KEY        repeats itself, so it was hardly drawn at random
                                          -> draw one with `openssl rand -base64 32`
    warning  channels                     approvals, audit and incidents share a channel, so witnesses and alarms drown in talk
                                          -> give each a channel of its own
    ok       COUNTERSIGN_APPROVAL_EXPIRY  4h
    warning  DATABASE_URL                 postgres://app:***@db.example.com/app may be reached without encryption
                                          -> add sslmode=require, or better verify-full, to the URL
    ok       COUNTERSIGN_DATABASE_URL     postgres://own:***@ep-a-pooler.neon.tech/own?sslmode=require, through a pooler
    warning  AWS_ENDPOINT_URL_S3          is plain http: files and exports can be read on the way
                                          -> use https, unless the service runs beside it
    ok       Vercel                       off: not configured
    warning  Neon                         Neon is only half configured: set NEON_PROJECT_ID
                                          -> its operations are off until then
    ok       OpenAI                       off: not configured
    ok       Resend                       off: not configured
    ok       Google sign-in               off: not configured
    warning  STRIPE_WEBHOOK_SECRET        is unset, so webhooks are refused
                                          -> the signing secret of the Stripe webhook (whsec_…)
    faults: 0, warnings: 7, ok: 7
    ");
}

#[test]
fn a_good_configuration_has_no_warnings() {
    let report = Report(check(&good(&[])));
    assert_eq!(report.count(Verdict::Warning), 0, "{report}");
    assert_eq!(report.exit_code(), 0);
}

#[test]
fn linked_accounts_of_one_person_are_not_two_approvers() {
    let file = "[people]\nlinked = [[\"U0ADA\", \"U0GRACE\"]]";
    let settings = Settings::from_parts(Some(file), &super::env(&[])).expect("no faults");
    let report = Report(check(&settings)).to_string();
    assert!(
        report.contains("people: 1; at least 2 are needed"),
        "{report}"
    );
}

#[test]
fn who_is_in_a_user_group_is_left_to_slack() {
    let report = Report(check(&good(&[("COUNTERSIGN_ADMINS", "S0ADMINS")])));
    assert_eq!(report.count(Verdict::Warning), 0, "{report}");
}

#[test]
fn faults_of_the_configuration_are_a_report_too() {
    let faults = Settings::from_parts(None, &BTreeMap::new()).expect_err("empty");
    let report = Report::of_faults(&faults);
    assert_eq!(report.count(Verdict::Fault), faults.0.len());
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn live_checks_follow_the_others_in_their_order() {
    let settings = good(&[]);
    let database = async { vec![Finding::ok("database", "answers")] }.boxed();
    let bucket =
        async { vec![Finding::fault("bucket", "refuses").hint("allow s3:PutObject")] }.boxed();
    let report = examine(&settings, vec![database, bucket]).await;
    let names: Vec<_> = report
        .0
        .iter()
        .rev()
        .take(2)
        .map(|finding| finding.name.as_str())
        .collect();
    assert_eq!(names, ["bucket", "database"]);
    assert_eq!(report.exit_code(), 1);
}

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
    warning  secrets                      COUNTERSIGN_DATABASE_URL is the same secret as DATABASE_URL
                                          -> give each its own, so that one that leaks opens one door
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
    faults: 0, warnings: 8, ok: 7
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

/// The findings that are not as they should be.
fn doubts(changes: &[(&str, &str)]) -> String {
    let findings = check(&good(changes)).into_iter();
    let doubtful = findings.filter(|finding| finding.verdict != Verdict::Ok);
    Report(doubtful.collect()).to_string()
}

#[test]
fn an_audit_key_that_is_another_secret_is_a_fault() {
    let signing = "8f742231b10e8888abcd99baaaaa85a5";
    let of_stripe = "whsec_q0zpH2vYkP9pWq1nB3xT5rL7sD8fG6hJ4kM2cV0bN1Q";
    let own = "q0zpH2vYkP9pWq1nB3xT5rL7sD8fG6hJ4kM2cV0bN1Q=";
    let (upper, twice) = (signing.to_uppercase(), signing.repeat(2));
    for (key, other, value) in [
        (signing, "SLACK_SIGNING_SECRET", signing),
        (upper.as_str(), "SLACK_SIGNING_SECRET", signing),
        (twice.as_str(), "SLACK_SIGNING_SECRET", signing),
        (own, "SLACK_SIGNING_SECRET", own),
        (of_stripe, "STRIPE_WEBHOOK_SECRET", of_stripe),
    ] {
        let changes = [
            ("COUNTERSIGN_AUDIT_KEY", key),
            (other, value),
            ("STRIPE_SECRET_KEY", "rk_live_51Nf8sKq0zpH2vYkP9pWq"),
        ];
        let report = Report(check(&good(&changes)));
        assert_eq!(report.exit_code(), 1, "{report}");
        let report = report.to_string();
        assert!(
            report.contains(&format!("is the same secret as {other}")),
            "{report}"
        );
        assert!(!report.contains(value), "{report}");
    }
}

#[test]
fn two_secrets_with_one_value_are_said_but_not_one_role_on_two_databases() {
    let token = "xoxb-5fK29dLq0zpH2vYkP9pW";
    let report = doubts(&[
        ("SLACK_BOT_TOKEN", token),
        ("VERCEL_TOKEN", token),
        ("VERCEL_PROJECT_ID", "prj_1"),
        ("VERCEL_WEBHOOK_SECRET", "k2Nf8sKq0zpH2vYk"),
    ]);
    assert!(
        report.contains("VERCEL_TOKEN is the same secret as SLACK_BOT_TOKEN"),
        "{report}"
    );
    let app = "postgresql://app:8fK29dLq0z@localhost:5432/app";
    let same_role = "postgresql://app:8fK29dLq0z@localhost:5432/own";
    let other_role = "postgresql://own:8fK29dLq0z@localhost:5432/own";
    let of = |store| doubts(&[("DATABASE_URL", app), ("COUNTERSIGN_DATABASE_URL", store)]);
    assert!(!of(same_role).contains("same secret"), "{}", of(same_role));
    assert!(
        of(other_role).contains("COUNTERSIGN_DATABASE_URL is the same secret as DATABASE_URL"),
        "{}",
        of(other_role)
    );
    assert!(
        of(app).contains("is DATABASE_URL: the same database and the same role"),
        "{}",
        of(app)
    );
}

#[test]
fn keys_that_were_not_drawn_at_random_are_said() {
    for key in [
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababababababababababababababab",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "please-change-me-before-you-deploy-this",
        "correct horse battery staple correct horse",
        "tobeornottobethatisthequestionwhethertobeornottobethatisthequestion!",
    ] {
        let report = doubts(&[("COUNTERSIGN_AUDIT_KEY", key)]);
        assert!(report.contains("COUNTERSIGN_AUDIT_KEY"), "{key}: {report}");
        assert!(!report.contains(key), "{report}");
    }
}

#[test]
fn placeholders_and_repeated_letters_are_said_of_every_secret() {
    for (name, value) in [
        ("SLACK_SIGNING_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("SLACK_SIGNING_SECRET", "0123456789abcdef0123456789abcdef"),
        ("SLACK_SIGNING_SECRET", "changemechangeme"),
        ("SLACK_BOT_TOKEN", "xoxb-your-token"),
        ("SLACK_BOT_TOKEN", "xoxb-xxxxxxxxxxxx"),
        ("STRIPE_SECRET_KEY", "sk_live_aaaaaaaaaaaaaaaa"),
        ("RESEND_API_KEY", "re_placeholder"),
    ] {
        let report = doubts(&[(name, value), ("RESEND_FROM", "a@example.com")]);
        assert!(report.contains(&format!("{name} ")), "{value}: {report}");
    }
}

#[test]
fn times_that_are_seldom_meant_are_said() {
    let doubts = doubts(&[
        ("COUNTERSIGN_COOLING_OFF", "1s"),
        ("COUNTERSIGN_APPROVAL_EXPIRY", "30days"),
        ("COUNTERSIGN_LINK_EXPIRY", "7days"),
        ("COUNTERSIGN_EXPORT_RETENTION", "1h"),
        ("COUNTERSIGN_BACKUP_RETENTION", "0s"),
        ("COUNTERSIGN_AUDIT_CHANNEL", "C0APPROVALS"),
        ("COUNTERSIGN_LEGAL_HOLD", "maria@example.com"),
    ]);
    insta::assert_snapshot!("odd_settings", doubts);
}

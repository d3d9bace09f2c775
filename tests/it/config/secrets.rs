//! Secrets stay out of everything that is shown.

use countersign::config::{
    Settings, doctor,
    names::{self, Kind},
};

use super::{env, good};

/// A value for every secret there is, each recognisable by the word "hush".
fn secrets() -> Vec<(&'static str, String)> {
    let value = |env: &str| match env {
        "SLACK_BOT_TOKEN" => "xoxb-hush-hush-hush-hush".to_owned(),
        "SLACK_APP_TOKEN" => "xapp-hush-hush-hush-hush".to_owned(),
        "DATABASE_URL" | "COUNTERSIGN_DATABASE_URL" => {
            "postgres://app:hush@db.example.com/app?password=hush".to_owned()
        }
        other => format!("hush hush hush hush hush hush, {other}"),
    };
    let secret = names::ALL
        .iter()
        .filter(|name| matches!(name.kind, Kind::Secret | Kind::Database));
    secret.map(|name| (name.env, value(name.env))).collect()
}

#[test]
fn nothing_that_is_shown_of_good_settings_holds_a_secret() {
    let secrets = secrets();
    let mut changes: Vec<_> = secrets
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    changes.push(("AWS_ACCESS_KEY_ID", "key"));
    let settings = good(&changes);
    let report = doctor::Report(doctor::check(&settings));
    let shown = format!(
        "{settings:?}\n{settings:#?}\n{}\n{report}\n{report:?}",
        settings.effective
    );
    assert!(!shown.contains("hush"), "{shown}");
    let bytes = format!("{:?}", &settings.store.audit_key.bytes()[..4]);
    assert!(
        !shown.contains(bytes.trim_matches(['[', ']'])),
        "the audit key's bytes"
    );
}

#[test]
fn nothing_that_is_said_of_faulty_settings_holds_a_secret() {
    for (name, value) in secrets() {
        let short = if value.starts_with("postgres") {
            "mysql://app:hush@h/db"
        } else {
            "hush"
        };
        let settings = Settings::from_parts(
            None,
            &env(&[(name, short), ("COUNTERSIGN_LISTEN", "nowhere")]),
        );
        let faults = settings.expect_err("the address is faulty");
        assert!(
            !format!("{faults} {faults:?}").contains("hush"),
            "{name}: {faults}"
        );
    }
}

#[test]
fn the_effective_configuration_shows_values_and_where_they_came_from() {
    let file = "[server]\ncountersign_listen = \"0.0.0.0:3000\"\n[people]\nlinked = [[\"U0ADA\", \"U0ADA2\"]]\n";
    let settings = Settings::from_parts(Some(file), &env(&[])).expect("no faults");
    insta::assert_snapshot!(settings.effective, @r"
    COUNTERSIGN_LISTEN                 0.0.0.0:3000  (file)
    SLACK_SIGNING_SECRET               [secret]  (environment)
    SLACK_BOT_TOKEN                    [secret]  (environment)
    SLACK_APP_TOKEN                    (unset)
    SLACK_API_URL                      https://slack.com/api  (default)
    SLACK_TEAM_ID                      T0TEAM  (environment)
    COUNTERSIGN_APPROVALS_CHANNEL      C0APPROVALS  (environment)
    COUNTERSIGN_AUDIT_CHANNEL          C0AUDIT  (environment)
    COUNTERSIGN_INCIDENT_CHANNEL       C0INCIDENTS  (environment)
    COUNTERSIGN_ADMINS                 U0ADA, U0GRACE  (environment)
    COUNTERSIGN_OPERATORS              (unset)
    COUNTERSIGN_VIEWERS                (unset)
    COUNTERSIGN_APPROVALS_SENSITIVE    1  (default)
    COUNTERSIGN_APPROVALS_DESTRUCTIVE  1  (default)
    COUNTERSIGN_COOLING_OFF            10m  (default)
    COUNTERSIGN_APPROVAL_EXPIRY        4h  (default)
    COUNTERSIGN_CREDITS_LIMIT          50  (default)
    COUNTERSIGN_LINK_EXPIRY            1h  (default)
    COUNTERSIGN_EXPORT_RETENTION       24h  (default)
    COUNTERSIGN_STRIPE_CUSTOMER        keep  (default)
    COUNTERSIGN_BACKUP_RETENTION       30days  (default)
    COUNTERSIGN_OPENAI_BUDGET          (unset)
    COUNTERSIGN_PROTECTED_NETWORKS     (unset)
    DATABASE_URL                       postgresql://app:***@localhost:5432/app  (environment)
    APP_URL                            (unset)
    COUNTERSIGN_MIGRATIONS_DIR         (unset)
    COUNTERSIGN_LEGAL_HOLD             (unset)
    COUNTERSIGN_DATABASE_URL           (unset)
    COUNTERSIGN_AUDIT_KEY              [secret]  (environment)
    COUNTERSIGN_BUCKET                 countersign-files  (environment)
    S3_BUCKET                          app-files  (environment)
    S3_USER_PREFIX                     user-{id}/  (default)
    S3_USER_COLUMNS                    (unset)
    AWS_REGION                         eu-central-1  (environment)
    AWS_ACCESS_KEY_ID                  (unset)
    AWS_SECRET_ACCESS_KEY              (unset)
    AWS_SESSION_TOKEN                  (unset)
    AWS_ENDPOINT_URL_S3                (unset)
    STRIPE_SECRET_KEY                  (unset)
    STRIPE_WEBHOOK_SECRET              (unset)
    STRIPE_API_BASE                    https://api.stripe.com  (default)
    VERCEL_TOKEN                       (unset)
    VERCEL_PROJECT_ID                  (unset)
    VERCEL_TEAM_ID                     (unset)
    VERCEL_WEBHOOK_SECRET              (unset)
    VERCEL_API_BASE                    https://api.vercel.com  (default)
    NEON_API_KEY                       (unset)
    NEON_PROJECT_ID                    (unset)
    NEON_API_BASE                      https://console.neon.tech/api/v2  (default)
    OPENAI_API_KEY                     (unset)
    OPENAI_ADMIN_KEY                   (unset)
    OPENAI_API_BASE                    https://api.openai.com/v1  (default)
    OPENAI_MODELS                      (unset)
    RESEND_API_KEY                     (unset)
    RESEND_FROM                        (unset)
    RESEND_API_BASE                    https://api.resend.com  (default)
    GOOGLE_CLIENT_ID                   (unset)
    [app.schema]                       (unset)
    [people] linked                    entries: 1  (file)
    ");
}

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
    let bytes = format!("{:?}", &settings.store.audit_key.expose()[..4]);
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
    insta::assert_snapshot!(settings.effective, @"");
}

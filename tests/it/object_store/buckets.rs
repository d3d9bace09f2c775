//! Whose bucket it is, and settings that cannot work.

use std::time::Duration;

use countersign::systems::object_store::{Credentials, Settings, is_same_bucket};

#[test]
fn every_spelling_of_one_bucket_is_the_same_bucket() {
    for spelling in [
        "app-audio",
        " app-audio ",
        "App-Audio",
        "s3://app-audio",
        "s3://app-audio/backups/",
        "app-audio/",
    ] {
        assert!(is_same_bucket("app-audio", spelling), "{spelling}");
        assert!(is_same_bucket(spelling, "app-audio"), "{spelling}");
    }
    assert!(is_same_bucket("arn:aws:s3:::app-audio", "app-audio"));
}

#[test]
fn a_bucket_whose_name_only_starts_alike_is_another_one() {
    assert!(!is_same_bucket("app-audio", "app-audio-ops"));
    assert!(!is_same_bucket("app-audio", "app.audio"));
}

#[test]
fn settings_that_cannot_work_are_refused_with_the_setting_named() {
    let good = Settings::new("app-audio", "eu-central-1");
    assert!(good.validate().is_ok());
    let refused = |change: &dyn Fn(&mut Settings)| {
        let mut settings = good.clone();
        change(&mut settings);
        settings.validate().unwrap_err().to_string()
    };
    for name in [
        "",
        "ab",
        "UPPER",
        "a/b",
        "s3://app-audio",
        "-app",
        "app..audio",
    ] {
        let message = refused(&|settings| settings.bucket = name.to_owned());
        assert!(message.contains("not a bucket name"), "{message}");
    }
    assert!(refused(&|settings| settings.region = String::new()).contains("not a region"));
    assert!(refused(&|settings| settings.region = "https://x".into()).contains("not a region"));
    assert!(refused(&|settings| settings.concurrency = 0).contains("concurrency"));
    assert!(refused(&|settings| settings.timeouts.connect = Duration::ZERO).contains("timeouts"));
    assert!(
        refused(&|settings| settings.timeouts.call = Duration::from_secs(1)).contains("timeouts")
    );
    let endpoint = "http://user:pw@127.0.0.1:9000".parse().ok();
    let message = refused(&|settings| settings.endpoint.clone_from(&endpoint));
    assert!(
        message.contains("endpoint") && !message.contains("pw"),
        "{message}"
    );
}

#[test]
fn half_a_key_pair_is_refused_and_no_secret_is_shown() {
    let mut settings = Settings::new("app-audio", "eu-central-1");
    settings.credentials = Credentials::Keys {
        access_key_id: String::new(),
        secret_access_key: "very-secret".to_owned(),
        session_token: Some("token-secret".to_owned()),
    };
    let message = settings.validate().unwrap_err().to_string();
    assert!(message.contains("go together"), "{message}");
    let shown = format!("{settings:?} {message}");
    assert!(
        !shown.contains("secret\"") && !shown.contains("very") && !shown.contains("token-"),
        "{shown}"
    );
}

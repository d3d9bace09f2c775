//! The files that a person's rows name.

use countersign::systems::app_db::Mapping;
use countersign_sandbox::{data, postgres::Template};

use super::support::{app, app_with, mapping, says};

#[tokio::test]
async fn every_file_of_the_person_is_named_and_nobody_elses() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let values = app.db.collect_file_values("usr_1").await.unwrap();
    // Twelve tests of three recorded answers; usr_10 to usr_19 have an id that begins alike.
    assert_eq!(values.len(), 36);
    let prefix = format!("{}user-usr_1/", data::BUCKET_URL);
    assert!(
        values
            .iter()
            .all(|file| file.value.starts_with(&prefix) && !file.shared_with_others)
    );
    assert_eq!(app.plan("usr_1").await.files[0].rows, 36);
}

#[tokio::test]
async fn a_file_that_another_accounts_row_names_too_is_told() {
    let app = app(Template::Real, Mapping::default()).await;
    let shared = |values: Vec<countersign::systems::app_db::FileValue>| -> Vec<String> {
        values
            .into_iter()
            .filter(|file| file.shared_with_others)
            .map(|file| file.value)
            .collect()
    };
    let expected = vec![format!("{}{}", data::BUCKET_URL, data::real::shared_key())];
    assert_eq!(
        shared(app.db.collect_file_values("usr_1").await.unwrap()),
        expected
    );
    assert_eq!(
        shared(app.db.collect_file_values("usr_7").await.unwrap()),
        expected
    );
    assert_eq!(
        shared(app.db.collect_file_values("usr_2").await.unwrap()),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_key_and_a_url_of_the_same_file_are_the_same_file() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text, avatar text);
           CREATE TABLE "Upload" (id int PRIMARY KEY, "userId" text REFERENCES "User" (id), keys text[]);
           INSERT INTO "User" VALUES ('u1', 'a@x.org', 'https://cdn.x.org/avatars/1.png?v=2'), ('u2', 'b@x.org', 'other/1.png');
           INSERT INTO "Upload" VALUES (1, 'u1', '{up/a.mp3,up/b.mp3,"",NULL,up/a.mp3}'), (2, 'u2', '{https://s3.x.org/bucket/up/b.mp3,xup/a.mp3}');"#,
        mapping("user_columns = [\"User.avatar\", \"Upload.keys\"]"),
    )
    .await;
    let values = app.db.collect_file_values("u1").await.unwrap();
    let told: Vec<(&str, bool)> = values
        .iter()
        .map(|file| (file.value.as_str(), file.shared_with_others))
        .collect();
    assert_eq!(
        told,
        [
            ("up/a.mp3", false),
            ("up/b.mp3", true),
            ("https://cdn.x.org/avatars/1.png?v=2", false)
        ]
    );
}

#[tokio::test]
async fn a_configured_column_that_is_not_there_is_a_warning() {
    let app = app(
        Template::Runbook,
        mapping("user_columns = [\"Response.audio\"]"),
    )
    .await;
    assert_eq!(app.db.collect_file_values("usr_1").await.unwrap(), []);
    assert!(says(
        &app.plan("usr_1").await.warnings,
        &["Response.audio", "no key leads"]
    ));
}

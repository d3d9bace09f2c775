//! The files that a person's rows name.

use countersign::systems::app_db::{FileValue, Mapping, StayingFiles};
use countersign_sandbox::{data, postgres::Template};

use super::support::{App, app, app_with, mapping, says};

fn under<'a>(prefix: &'a str, keys: &'a [String]) -> StayingFiles<'a> {
    StayingFiles {
        prefix,
        keys,
        is_wanted: &|_| true,
    }
}

async fn going(app: &App, user_id: &str) -> Vec<FileValue> {
    let values = app
        .at()
        .await
        .file_values(user_id, under("nowhere/", &[]))
        .await;
    values.unwrap().going
}

#[tokio::test]
async fn every_file_of_the_person_is_named_and_nobody_elses() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let values = going(&app, "usr_1").await;
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
    let shared = |values: Vec<FileValue>| -> Vec<String> {
        values
            .into_iter()
            .filter(|file| file.shared_with_others)
            .map(|file| file.value)
            .collect()
    };
    let expected = vec![format!("{}{}", data::BUCKET_URL, data::real::shared_key())];
    assert_eq!(shared(going(&app, "usr_1").await), expected);
    assert_eq!(shared(going(&app, "usr_7").await), expected);
    assert_eq!(shared(going(&app, "usr_2").await), Vec::<String>::new());
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
    let values = going(&app, "u1").await;
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
    assert_eq!(going(&app, "usr_1").await, []);
    assert!(says(
        &app.plan("usr_1").await.warnings,
        &["Response.audio", "no key leads"]
    ));
}

const RECEIPTS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, email text, avatar text);
    CREATE TABLE "Payment" (id int PRIMARY KEY, "userId" text REFERENCES "User" (id), receipt text);
    INSERT INTO "User" VALUES ('u1', 'a@x.org', 'user-u1/a.png'), ('u2', 'b@x.org', 'user-u1/shared.mp3'),
        ('u3', 'c@x.org', 'https://cdn.x.org/user%2Du1/c.png'), ('u4', 'd@x.org', 'user-u10/d.png');
    INSERT INTO "Payment" VALUES (1, 'u1', 'user-u1/receipts/9.pdf'), (2, 'u2', 'https://s3.x.org/b/up/2.pdf');"#;

const KEPT: &str = "user_columns = [\"User.avatar\", \"Payment.receipt\"]
    [tables.Payment]\npolicy = \"keep\"\nreason = \"tax law\"";

#[tokio::test]
async fn what_rows_that_stay_name_under_the_persons_prefix_is_told() {
    let app = app_with(RECEIPTS, mapping(KEPT)).await;
    let values = app
        .at()
        .await
        .file_values("u1", under("user-u1/", &[]))
        .await;
    let values = values.unwrap();
    let going: Vec<&str> = values
        .going
        .iter()
        .map(|file| file.value.as_str())
        .collect();
    assert_eq!(going, ["user-u1/a.png"]);
    let mut staying = values.staying;
    staying.sort();
    assert_eq!(
        staying,
        [
            "https://cdn.x.org/user%2Du1/c.png",
            "user-u1/receipts/9.pdf",
            "user-u1/shared.mp3"
        ]
    );
}

#[tokio::test]
async fn once_the_rows_are_gone_all_others_are_asked_for_prefix_and_keys() {
    let app = app_with(RECEIPTS, mapping(KEPT)).await;
    app.db
        .erase(&super::support::mark(1), "u1", super::support::ANYBODY)
        .await
        .unwrap();
    let keys = ["up/2.pdf".to_owned(), "up/3.pdf".to_owned()];
    let search = StayingFiles {
        is_wanted: &|value| !value.contains("shared"),
        ..under("user-u1/", &keys)
    };
    let mut staying = app.at().await.staying_file_values(search).await.unwrap();
    staying.sort();
    assert_eq!(
        staying,
        [
            "https://cdn.x.org/user%2Du1/c.png",
            "https://s3.x.org/b/up/2.pdf",
            "user-u1/receipts/9.pdf"
        ]
    );
}

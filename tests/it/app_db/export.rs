//! Whose rows an export takes where several people have a share in one.

use countersign::systems::app_db::{AppDb, Mapping};
use countersign_sandbox::postgres::Template;

use super::support::{app, app_with, mapping, odd_mapping, says};

/// The rows of a table that would leave.
async fn rows(db: &AppDb, user: &str, table: &str) -> u64 {
    let export = db.open().await.unwrap().export(user).await.unwrap();
    let found = export.tables().iter().find(|one| one.table == table);
    let rows = found.map_or(0, |one| one.rows);
    export.close().await.unwrap();
    rows
}

/// What is held back, with its number.
async fn withheld(db: &AppDb, user: &str) -> Vec<(String, Option<u64>)> {
    let export = db.open().await.unwrap().export(user).await.unwrap();
    let all = export.withheld().iter();
    let all = all.map(|one| (one.what.clone(), one.rows)).collect();
    export.close().await.unwrap();
    all
}

fn led_to_by(key: &str, rows: u64) -> (String, Option<u64>) {
    (format!("row(s) that {key} leads to"), Some(rows))
}

#[tokio::test]
async fn a_row_that_names_two_accounts_is_neithers_and_is_counted() {
    let app = app(Template::Odd, odd_mapping()).await;
    assert_eq!(rows(&app.db, "1", "invitation").await, 0);
    let held = withheld(&app.db, "1").await;
    for key in ["invitation.sender_email", "invitation.receiver"] {
        assert!(held.contains(&led_to_by(key, 1)), "{key}: {held:?}");
    }
    let export = app.at().await.export("1").await.unwrap();
    let hint = ["rows of invitation", "include_tables"];
    assert!(says(export.warnings(), &hint), "{:?}", export.warnings());
    assert_eq!(rows(&app.db, "1", "visit").await, 5);
}

#[tokio::test]
async fn the_configuration_lets_rows_leave_that_name_two_accounts() {
    let included =
        mapping("[user]\ntable = \"account\"\n[export]\ninclude_tables = [\"invitation\"]");
    let app = app(Template::Odd, included).await;
    assert_eq!(rows(&app.db, "1", "invitation").await, 2);
}

#[tokio::test]
async fn what_a_guest_wrote_below_a_persons_row_is_the_guests() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Post" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id));
           CREATE TABLE "Comment" (id int PRIMARY KEY, "postId" int NOT NULL REFERENCES "Post" (id), "guestEmail" text);
           CREATE TABLE "Reply" (id int PRIMARY KEY, "commentId" int NOT NULL REFERENCES "Comment" (id));
           INSERT INTO "User" VALUES (1, 'a@x.org'), (2, 'b@x.org');
           INSERT INTO "Post" VALUES (1, 1);
           INSERT INTO "Comment" VALUES (1, 1, 'guest@y.org'), (2, 1, 'A@X.org'), (3, 1, NULL), (4, 1, 'no address');
           INSERT INTO "Reply" VALUES (1, 1), (2, 3);"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(rows(&app.db, "1", "Comment").await, 3);
    assert_eq!(rows(&app.db, "1", "Reply").await, 1);
    let held = withheld(&app.db, "1").await;
    assert!(held.contains(&led_to_by("Comment.postId", 1)), "{held:?}");
}

//! Rows that hold the address without a key.

use countersign::systems::app_db::Mapping;
use countersign_sandbox::postgres::Template;

use super::support::{ANYBODY, app, app_with, impact, mapping, mark, says};

const LETTERS: &str = r#"
    CREATE TABLE "User" (id text PRIMARY KEY, email text);
    CREATE TABLE "Subscriber" (id int PRIMARY KEY, "billingEmail" varchar(100));
    CREATE TABLE "Delivery" (id int PRIMARY KEY, subscriber int REFERENCES "Subscriber" (id));
    INSERT INTO "User" VALUES ('u1', 'ana@x.org'), ('u2', 'ben@x.org');
    INSERT INTO "Subscriber" VALUES (1, 'Ana@x.org'), (2, 'ben@x.org');
    INSERT INTO "Delivery" VALUES (1, 1), (2, 1), (3, 2);"#;

#[tokio::test]
async fn the_address_is_found_in_any_letter_case_when_nobody_elses_is_so_alike() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let plan = app.plan("usr_1").await;
    assert_eq!(impact(&plan, "LoginAttempt").rows, 4);
    let rows: Vec<(&str, i64)> = plan
        .loose
        .iter()
        .map(|loose| (loose.table.as_str(), loose.rows))
        .collect();
    assert_eq!(
        rows,
        [
            ("LoginAttempt", 4),
            ("PasswordResetToken", 1),
            ("VerificationToken", 1)
        ]
    );
    assert!(plan.loose.iter().all(|loose| loose.configured));
}

#[tokio::test]
async fn a_twins_rows_are_not_touched_and_a_third_spelling_stays() {
    let app = app(Template::Real, Mapping::default()).await;
    app.run(r#"INSERT INTO "PasswordResetToken" (id, email, token, expires) VALUES ('twin', 'Maria@example.com', 't', now())"#).await;
    app.db.erase(&mark(1), "usr_1", ANYBODY).await.unwrap();
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "PasswordResetToken" WHERE id = 'twin'"#)
            .await,
        1
    );
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "LoginAttempt" WHERE email = 'maria@example.com'"#)
            .await,
        0
    );
    assert_eq!(app.number(r#"SELECT count(*) FROM "LoginAttempt" WHERE "userId" = 'usr_41' OR email = 'MARIA@EXAMPLE.COM'"#).await, 3);
}

#[tokio::test]
async fn a_table_that_others_depend_on_is_not_emptied_without_being_told_to() {
    let app = app_with(LETTERS, Mapping::default()).await;
    let plan = app.plan("u1").await;
    assert!(
        says(
            &plan.blockers,
            &[
                ": 1",
                "Subscriber.billingEmail",
                "[app.schema.tables.Subscriber]"
            ]
        ),
        "{:?}",
        plan.blockers
    );
    app.run(
        r#"DELETE FROM "Delivery" WHERE subscriber = 1; DELETE FROM "Subscriber" WHERE id = 1"#,
    )
    .await;
    assert_eq!(app.plan("u1").await.blockers, Vec::<String>::new());
}

#[tokio::test]
async fn once_told_to_what_depends_on_the_rows_goes_too() {
    let app = app_with(
        LETTERS,
        mapping("email_columns = [\"Subscriber.billingEmail\"]"),
    )
    .await;
    let plan = app.plan("u1").await;
    assert_eq!(
        impact(&plan, "Delivery").via,
        "e-mail in Subscriber.billingEmail ← Delivery.subscriber"
    );
    let erased = app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    assert_eq!(
        (erased.deleted["Subscriber"], erased.deleted["Delivery"]),
        (1, 2)
    );
    assert_eq!(app.counts().await["Delivery"], 1);
}

#[tokio::test]
async fn a_row_that_names_another_account_by_key_is_that_accounts() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Invite" (id int PRIMARY KEY, email text, "userId" text REFERENCES "User" (id));
           INSERT INTO "User" VALUES ('u1', 'ana@x.org'), ('u2', 'ben@x.org');
           INSERT INTO "Invite" VALUES (1, 'ana@x.org', 'u2'), (2, 'ana@x.org', NULL), (3, 'ben@x.org', 'u1');"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("u1").await;
    assert_eq!(impact(&plan, "Invite").rows, 2);
    assert!(
        says(
            &plan.warnings,
            &[": 1", "Invite.email", "belong to another account"]
        ),
        "{:?}",
        plan.warnings
    );
    assert!(says(&plan.warnings, &["found by its name"]));
    app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    let left = app
        .at()
        .await
        .remaining("u1", Some("ana@x.org"))
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].rows == 1 && left[0].kept.is_some(), "{left:?}");
}

#[tokio::test]
async fn an_id_without_a_key_is_told_and_followed_once_configured() {
    let sql = r#"CREATE TABLE "User" (id uuid PRIMARY KEY, email text);
        CREATE TABLE "Log" (id int PRIMARY KEY, "userId" text);
        INSERT INTO "User" VALUES ('00000000-0000-0000-0000-000000000001', 'a@x.org');
        INSERT INTO "Log" VALUES (1, '00000000-0000-0000-0000-000000000001'), (2, 'somebody');"#;
    let user = "00000000-0000-0000-0000-000000000001";
    let told = app_with(sql, Mapping::default()).await;
    assert!(says(
        &told.plan(user).await.warnings,
        &[": 1", "Log.userId", "link_columns"]
    ));
    let followed = app_with(sql, mapping("link_columns = [\"Log.userId\"]")).await;
    assert_eq!(impact(&followed.plan(user).await, "Log").rows, 1);
    followed.db.erase(&mark(1), user, ANYBODY).await.unwrap();
    assert_eq!(followed.counts().await["Log"], 1);
}

#[tokio::test]
async fn before_an_erasure_everything_remains() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let left = app
        .at()
        .await
        .remaining("usr_1", Some("maria@example.com"))
        .await
        .unwrap();
    let rows = |table: &str| {
        left.iter()
            .filter(|entry| entry.table == table)
            .map(|entry| entry.rows)
            .sum::<i64>()
    };
    assert_eq!(
        (
            rows("User"),
            rows("TestSession"),
            rows("SupportTicket"),
            rows("PasswordResetToken")
        ),
        (1, 12, 2, 1)
    );
    assert!(left.iter().all(|entry| entry.kept.is_none()));
}

#[tokio::test]
async fn what_came_late_is_not_looked_for_by_an_address_that_a_new_account_uses() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text);
           CREATE TABLE "Letter" (id int PRIMARY KEY, email text, "userId" text REFERENCES "User" (id));
           INSERT INTO "User" VALUES ('u1', 'ana@x.org'), ('u2', 'ben@x.org');
           INSERT INTO "Letter" VALUES (1, 'ana@x.org', NULL);"#,
        Mapping::default(),
    )
    .await;
    app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    app.run(
        r#"INSERT INTO "User" VALUES ('u3', 'ana@x.org');
           INSERT INTO "Letter" VALUES (2, 'ana@x.org', NULL), (3, 'ana@x.org', 'u3')"#,
    )
    .await;
    let late = app.db.erase_late(&mark(2), "u1", Some("ana@x.org")).await;
    assert_eq!(late.unwrap().total(), 0);
    assert_eq!(app.counts().await["Letter"], 2);
    let left = app
        .at()
        .await
        .remaining("u1", Some("ana@x.org"))
        .await
        .unwrap();
    let kept: Vec<_> = left.iter().map(|one| one.kept.as_deref()).collect();
    assert_eq!(
        kept,
        [
            Some("another account uses the address"),
            Some("the row belongs to another account by key")
        ]
    );
}

#[tokio::test]
async fn an_address_in_a_materialised_view_is_no_blocker() {
    let app = app_with(LETTERS, Mapping::default()).await;
    app.run(
        r#"DELETE FROM "Delivery" WHERE subscriber = 1; DELETE FROM "Subscriber" WHERE id = 1;
           CREATE MATERIALIZED VIEW addresses AS SELECT email FROM "User";"#,
    )
    .await;
    let plan = app.plan("u1").await;
    assert_eq!(plan.blockers, Vec::<String>::new());
    assert!(says(&plan.warnings, &["addresses is a materialised view"]));
    app.db.erase(&mark(1), "u1", ANYBODY).await.unwrap();
    let left = app
        .at()
        .await
        .remaining("u1", Some("ana@x.org"))
        .await
        .unwrap();
    assert!(left.len() == 1 && left[0].kept.is_some(), "{left:?}");
}

//! Shapes of foreign keys: to the same table, in circles, refusing, and without anything to recognise a row by.

use countersign::systems::app_db::{AppDbError, Mapping};

use super::support::{ANYBODY, app_with, impact, lost, mark, planned, says};

#[tokio::test]
async fn a_thousand_answers_to_answers_are_found_to_the_last() {
    let app = app_with(
        r#"CREATE TABLE "User" (id uuid PRIMARY KEY, email text);
           CREATE TABLE "Comment" (id int PRIMARY KEY, "userId" uuid REFERENCES "User" (id) ON DELETE RESTRICT,
               "answerTo" int REFERENCES "Comment" (id) ON DELETE RESTRICT);
           INSERT INTO "User" VALUES ('00000000-0000-0000-0000-00000000000a', 'a@x.org'), ('00000000-0000-0000-0000-00000000000b', 'b@x.org');
           INSERT INTO "Comment" VALUES (0, '00000000-0000-0000-0000-00000000000b', NULL), (1, '00000000-0000-0000-0000-00000000000a', 0);
           INSERT INTO "Comment" SELECT n, CASE WHEN n % 2 = 0 THEN '00000000-0000-0000-0000-00000000000b'::uuid END, n - 1 FROM generate_series(2, 1000) n;"#,
        Mapping::default(),
    )
    .await;
    let user = "00000000-0000-0000-0000-00000000000A";
    let plan = app.plan(user).await;
    assert_eq!(impact(&plan, "Comment").rows, 1000);
    assert!(
        says(
            &plan.warnings,
            &[
                "rows of Comment that will be deleted",
                "other accounts",
                ": 500"
            ]
        ),
        "{:?}",
        plan.warnings
    );
    app.db.erase(&mark(1), user, ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["Comment"], 1);
}

#[tokio::test]
async fn circles_that_refuse_at_once_go_in_one_statement() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, favourite int);
           CREATE TABLE a (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE RESTRICT, c int);
           CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a (id) ON DELETE RESTRICT);
           CREATE TABLE c (id int PRIMARY KEY, b int NOT NULL REFERENCES b (id) ON DELETE RESTRICT);
           ALTER TABLE a ADD FOREIGN KEY (c) REFERENCES c (id) ON DELETE RESTRICT;
           INSERT INTO "User" VALUES (1, 'a@x.org'), (2, 'b@x.org');
           INSERT INTO a VALUES (1, 1), (2, 1), (3, 2);
           INSERT INTO b VALUES (1, 1), (2, 2), (3, 3), (4, 3);
           INSERT INTO c VALUES (1, 2), (2, 3);
           UPDATE a SET c = id WHERE id < 3;"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("1").await;
    let before = app.counts().await;
    let erased = app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
    let lost = lost(&before, &app.counts().await);
    assert_eq!(planned(&plan), lost);
    assert_eq!(erased.deleted, lost);
    // a 1 falls to the account, b 1 to a 1, c 1 to b 2, and c 2 stays: nothing of account 1 is above it.
    assert_eq!((lost["a"], lost["b"], lost["c"]), (2, 2, 1));
}

#[tokio::test]
async fn an_account_in_a_circle_with_its_own_rows_is_erased() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, cover int NOT NULL);
           CREATE TABLE "Picture" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) DEFERRABLE INITIALLY DEFERRED);
           BEGIN;
           INSERT INTO "User" VALUES (1, 'a@x.org', 10), (2, 'b@x.org', 20);
           INSERT INTO "Picture" VALUES (10, 1), (11, 1), (20, 2);
           COMMIT;
           ALTER TABLE "User" ADD FOREIGN KEY (cover) REFERENCES "Picture" (id) DEFERRABLE INITIALLY DEFERRED;"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("1").await;
    assert!(plan.blockers.is_empty(), "{:?}", plan.blockers);
    app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
    let after = app.counts().await;
    assert_eq!((after["User"], after["Picture"]), (1, 1));
}

#[tokio::test]
async fn other_accounts_are_never_deleted_by_a_key_that_cascades_to_them() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, "invitedBy" int REFERENCES "User" (id) ON DELETE CASCADE, "updatedAt" timestamp);
           INSERT INTO "User" (id, email, "invitedBy") VALUES (1, 'a@x.org', NULL), (2, 'b@x.org', 1), (3, 'c@x.org', 2), (4, 'd@x.org', 1);"#,
        Mapping::default(),
    )
    .await;
    let plan = app.plan("1").await;
    assert_eq!(plan.rows_deleted(), 1);
    let erased = app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
    assert_eq!(erased.unlinked["User.invitedBy"], 2);
    assert_eq!(app.counts().await["User"], 3);
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "User" WHERE "updatedAt" IS NOT NULL"#)
            .await,
        2
    );
}

#[tokio::test]
async fn other_accounts_that_cannot_be_cut_off_are_a_blocker() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text, manager int NOT NULL REFERENCES "User" (id));
           INSERT INTO "User" VALUES (1, 'a@x.org', 1), (2, 'b@x.org', 1);"#,
        Mapping::default(),
    )
    .await;
    assert!(says(
        &app.plan("1").await.blockers,
        &["1 other accounts", "User.manager"]
    ));
    let refused = app.db.erase(&mark(1), "1", ANYBODY).await;
    assert!(matches!(refused, Err(AppDbError::Blocked(_))));
    app.db.erase(&mark(2), "2", ANYBODY).await.unwrap();
    assert_eq!(app.counts().await["User"], 1);
}

#[tokio::test]
async fn rows_that_are_the_same_in_every_column_are_counted_one_by_one() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Click" ("userId" int REFERENCES "User" (id), friend int REFERENCES "User" (id)) PARTITION BY HASH ("userId");
           CREATE TABLE click_0 PARTITION OF "Click" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
           CREATE TABLE click_1 PARTITION OF "Click" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
           INSERT INTO "User" VALUES (1, 'a@x.org'), (2, 'b@x.org'), (3, 'c@x.org');
           INSERT INTO "Click" SELECT 1, 1 FROM generate_series(1, 4);
           INSERT INTO "Click" SELECT 2, 1 FROM generate_series(1, 3);
           INSERT INTO "Click" SELECT 3, 2 FROM generate_series(1, 2);"#,
        Mapping::default(),
    )
    .await;
    assert_eq!(impact(&app.plan("1").await, "Click").rows, 7);
    let erased = app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
    assert_eq!(erased.deleted["Click"], 7);
    assert_eq!(app.counts().await["Click"], 2);
}

#[tokio::test]
async fn a_key_that_sets_a_required_column_to_null_is_a_blocker() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Note" (id int PRIMARY KEY, "userId" int NOT NULL REFERENCES "User" (id) ON DELETE SET NULL);
           INSERT INTO "User" VALUES (1, 'a@x.org'), (2, 'b@x.org');
           INSERT INTO "Note" VALUES (1, 1);"#,
        Mapping::default(),
    )
    .await;
    assert!(says(
        &app.plan("1").await.blockers,
        &["Note.userId", "cannot be NULL"]
    ));
    assert_eq!(app.plan("2").await.blockers, Vec::<String>::new());
}

#[tokio::test]
async fn a_trigger_that_keeps_a_row_undoes_the_whole_erasure() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Note" (id int PRIMARY KEY, "userId" int REFERENCES "User" (id) ON DELETE CASCADE);
           CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
           CREATE TRIGGER keep BEFORE DELETE ON "Note" FOR EACH ROW WHEN (OLD.id = 2) EXECUTE FUNCTION keep();
           INSERT INTO "User" VALUES (1, 'a@x.org');
           INSERT INTO "Note" VALUES (1, 1), (2, 1);"#,
        Mapping::default(),
    )
    .await;
    assert!(says(&app.plan("1").await.warnings, &["Note", "triggers"]));
    let refused = app.db.erase(&mark(1), "1", ANYBODY).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("1 rows of Note were deleted instead of 2"),
        "{refused}"
    );
    assert_eq!(app.counts().await["Note"], 2);
    assert_eq!(
        app.db.applied::<serde_json::Value>(&mark(1)).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn rows_that_row_level_security_would_hide_are_an_error_not_a_smaller_count() {
    let app = app_with(
        r#"CREATE TABLE "User" (id int PRIMARY KEY, email text);
           CREATE TABLE "Note" (id int PRIMARY KEY, "userId" int REFERENCES "User" (id) ON DELETE CASCADE);
           ALTER TABLE "Note" ENABLE ROW LEVEL SECURITY;
           ALTER TABLE "Note" FORCE ROW LEVEL SECURITY;
           INSERT INTO "User" VALUES (1, 'a@x.org');"#,
        Mapping::default(),
    )
    .await;
    let role = format!("reader_{}", countersign_sandbox::runtime::new_id().simple());
    app.run(&format!(
        r#"CREATE ROLE {role} LOGIN PASSWORD 'reader'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT TEMP ON DATABASE "{}" TO {role}"#,
        app.database_name()
    ))
    .await;
    let db = app.connected_with(|options| options.username(&role).password("reader"));
    let hidden = db
        .open()
        .await
        .unwrap()
        .plan_erasure("1")
        .await
        .unwrap_err();
    assert!(
        hidden.to_string().contains("row-level security"),
        "{hidden}"
    );
    app.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

//! An erasure happens once, or not at all.

use countersign::systems::app_db::{
    AppDbError, Claim, EmailCheck, ErasedRows, FileCheck, Limits, Mapping, Planned,
};
use countersign_sandbox::postgres::Template;

use super::support::{ANYBODY, App, app, app_with, is, mapping, mark};

const MARIA: Planned<'_> = is(EmailCheck::Is(Some("maria@example.com")));

#[tokio::test]
async fn the_same_mark_again_returns_the_first_counts_and_deletes_nothing() {
    let app = app(Template::Real, Mapping::default()).await;
    let first = app.db.erase(&mark(1), "usr_1", MARIA).await.unwrap();
    app.run(r#"INSERT INTO "User" (id, email, "updatedAt") VALUES ('usr_1', 'maria@example.com', now())"#).await;
    let second = app.db.erase(&mark(1), "usr_1", MARIA).await.unwrap();
    assert_eq!(first, second);
    assert!(first.total_deleted() > 100);
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "User" WHERE id = 'usr_1'"#)
            .await,
        1
    );
    assert_eq!(
        app.db.applied::<ErasedRows>(&mark(1)).await.unwrap(),
        Some(first)
    );
}

#[tokio::test]
async fn runners_with_the_same_mark_at_once_erase_once_and_report_the_same() {
    let app = app(Template::Real, Mapping::default()).await;
    let (one, two, mark) = (app.db.clone(), app.db.clone(), mark(1));
    let (one, two) = tokio::join!(
        one.erase(&mark, "usr_1", MARIA),
        two.erase(&mark, "usr_1", MARIA)
    );
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(
        app.number("SELECT count(*) FROM countersign.applied_step")
            .await,
        1
    );
}

#[tokio::test]
async fn another_mark_for_an_erased_account_says_that_it_is_gone() {
    let app = app(Template::Real, Mapping::default()).await;
    app.db.erase(&mark(1), "usr_1", MARIA).await.unwrap();
    let gone = app.db.erase(&mark(2), "usr_1", MARIA).await.unwrap_err();
    assert!(
        matches!(&gone, AppDbError::Changed(_)) && !gone.is_retryable(),
        "{gone}"
    );
    assert!(matches!(
        app.at().await.plan_erasure("usr_1").await,
        Err(AppDbError::Changed(_))
    ));
}

#[tokio::test]
async fn an_account_whose_address_changed_since_the_plan_is_left_alone() {
    let app = app(Template::Real, Mapping::default()).await;
    let before = app.counts().await;
    app.run(r#"UPDATE "User" SET email = 'other@example.com' WHERE id = 'usr_1'"#)
        .await;
    let by_text = app.db.erase(&mark(1), "usr_1", MARIA).await;
    assert!(matches!(by_text, Err(AppDbError::Changed(_))));
    let by_hash = is(EmailCheck::Matches(&|email| {
        email == Some("maria@example.com")
    }));
    let by_hash = app.db.erase(&mark(1), "usr_1", by_hash).await;
    assert!(matches!(by_hash, Err(AppDbError::Changed(_))));
    assert_eq!(before, app.counts().await);
}

/// Erases Maria while a transaction of the app that has run `insert` is still open, and commits it meanwhile.
async fn erase_during(app: &App, insert: &'static str) -> ErasedRows {
    let mut writer = app.pool.begin().await.unwrap();
    sqlx::query(insert).execute(&mut *writer).await.unwrap();
    let db = app.db.clone();
    let erasing = tokio::spawn(async move { db.erase(&mark(1), "usr_1", MARIA).await });
    // The erasure waits for the writer's lock on the account.
    let waiting = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE NOT l.granted AND a.datname = current_database()";
    while app.number(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    writer.commit().await.unwrap();
    erasing.await.unwrap().unwrap()
}

#[tokio::test]
async fn a_row_that_the_app_adds_meanwhile_under_a_cascading_key_is_counted_and_erased() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let insert = r#"INSERT INTO "TestSession" (id, "userId") VALUES ('late', 'usr_1')"#;
    let erased = erase_during(&app, insert).await;
    assert_eq!(erased.deleted["TestSession"], 13);
    assert!(sqlx::query(insert).execute(&app.pool).await.is_err());
}

#[tokio::test]
async fn a_row_that_the_app_adds_meanwhile_under_a_refusing_key_is_counted_and_erased() {
    let app = app(Template::Real, Mapping::default()).await;
    let insert =
        r#"INSERT INTO "AnalyticsEvent" (id, "userId", type) VALUES ('late', 'usr_1', 'LOGIN')"#;
    let planned = super::support::planned(&app.plan("usr_1").await)["AnalyticsEvent"];
    let erased = erase_during(&app, insert).await;
    assert_eq!(erased.deleted["AnalyticsEvent"], planned + 1);
}

#[tokio::test]
async fn an_account_that_the_app_changes_meanwhile_is_erased_all_the_same() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let erased = erase_during(
        &app,
        r#"UPDATE "User" SET credits = credits + 1 WHERE id = 'usr_1'"#,
    )
    .await;
    assert_eq!(erased.deleted["User"], 1);
}

#[tokio::test]
async fn two_admins_who_are_erased_at_once_do_not_leave_the_app_without_one() {
    let app = app(Template::Real, Mapping::default()).await;
    app.run(r#"UPDATE "User" SET role = 'USER' WHERE id = 'usr_4'"#)
        .await;
    let (one, two) = (app.db.clone(), app.db.clone());
    let (first, second) = (mark(1), mark(2));
    let (one, two) = tokio::join!(
        one.erase(&first, "usr_2", ANYBODY),
        two.erase(&second, "usr_3", ANYBODY)
    );
    let refused = [one, two]
        .into_iter()
        .filter_map(Result::err)
        .collect::<Vec<_>>();
    assert!(
        matches!(refused.as_slice(), [AppDbError::Blocked(text)] if text.contains("last admin")),
        "{refused:?}"
    );
    assert_eq!(app.at().await.admins_count().await.unwrap(), 1);
}

#[tokio::test]
async fn replicas_that_start_at_once_make_one_marker_table() {
    let app = app(Template::Empty, Mapping::default()).await;
    app.run("DROP SCHEMA countersign CASCADE").await;
    let starts = (0..4).map(|_| app.db.ensure_marker_table());
    for started in futures::future::join_all(starts).await {
        started.unwrap();
    }
    assert_eq!(
        app.number("SELECT count(*) FROM countersign.applied_step")
            .await,
        0
    );
}

#[tokio::test]
async fn the_marker_table_is_made_when_a_step_needs_it() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.run("DROP SCHEMA countersign CASCADE").await;
    assert_eq!(app.db.applied::<ErasedRows>(&mark(1)).await.unwrap(), None);
    app.at().await.block(&mark(2), "usr_1").await.unwrap();
    app.run("DROP SCHEMA countersign CASCADE").await;
    let erased = app.db.erase(&mark(1), "usr_1", MARIA).await.unwrap();
    assert_eq!(erased.deleted["User"], 1);
    assert_eq!(app.db.applied(&mark(1)).await.unwrap(), Some(erased));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_worth_another_try() {
    let url = "postgres://nobody@127.0.0.1:1/none";
    let limits = Limits {
        acquire_timeout: std::time::Duration::from_millis(200),
        ..Default::default()
    };
    let db = countersign::systems::app_db::AppDb::connect(url, Mapping::default(), limits).unwrap();
    assert!(db.open().await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn files_that_nobody_wrote_down_keep_their_rows_until_somebody_does() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let before = app.counts().await;
    let but_one = |value: &str| !value.ends_with("tests/3/answer-2.webm");
    let planned = |known| Planned {
        files: FileCheck::AllKnown(known),
        ..MARIA
    };
    let refused = app.db.erase(&mark(1), "usr_1", planned(&but_one)).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, AppDbError::NewFiles(1)), "{refused}");
    assert!(refused.is_retryable());
    assert_eq!(before, app.counts().await);
    let erased = app.db.erase(&mark(1), "usr_1", planned(&|_| true)).await;
    assert_eq!(erased.unwrap().deleted["User"], 1);
}

const LATE: &str = r#"
    CREATE TABLE "User" (id int PRIMARY KEY, email text, "referredBy" int);
    CREATE TABLE "Log" (id int PRIMARY KEY, "userId" text);
    CREATE TABLE "Line" (id int PRIMARY KEY, log int REFERENCES "Log" (id));
    CREATE TABLE "Letter" (id int PRIMARY KEY, email text, body text);
    INSERT INTO "User" VALUES (1, 'ana@x.org', NULL), (2, 'ben@x.org', NULL);"#;

#[tokio::test]
async fn what_the_app_wrote_after_an_erasure_is_erased_with_what_hangs_on_it() {
    let app = app_with(
        LATE,
        mapping("link_columns = [\"Log.userId\", \"User.referredBy\"]"),
    )
    .await;
    app.db.erase(&mark(1), "1", ANYBODY).await.unwrap();
    app.run(
        r#"INSERT INTO "User" VALUES (3, 'eve@x.org', 1);
           INSERT INTO "Log" VALUES (1, '1'), (2, '2');
           INSERT INTO "Line" VALUES (1, 1), (2, 2);
           INSERT INTO "Letter" VALUES (1, 'Ana@x.org', ''), (2, 'ben@x.org', '');"#,
    )
    .await;
    let swept = app.db.erase_late(&mark(2), "1", Some("ana@x.org")).await;
    let swept = swept.unwrap();
    assert_eq!(
        Vec::from_iter(swept.deleted.clone()),
        [("Letter", 1), ("Line", 1), ("Log", 1)].map(|(table, rows)| (table.to_owned(), rows))
    );
    assert_eq!(swept.unlinked["User.referredBy"], 1);
    let left = app
        .at()
        .await
        .remaining("1", Some("ana@x.org"))
        .await
        .unwrap();
    assert_eq!(left, []);
    assert_eq!(app.counts().await["Letter"], 1);
    let again = app.db.erase_late(&mark(2), "1", Some("ana@x.org")).await;
    assert_eq!(again.unwrap(), swept);
}

#[tokio::test]
async fn an_account_that_is_there_again_is_not_swept_away() {
    let app = app_with(LATE, Mapping::default()).await;
    let refused = app.db.erase_late(&mark(1), "1", Some("ana@x.org")).await;
    assert!(
        matches!(&refused, Err(AppDbError::Changed(says)) if says.contains("there again")),
        "{refused:?}"
    );
    assert_eq!(app.counts().await["User"], 2);
}

#[tokio::test]
async fn a_step_that_stands_still_in_its_transaction_is_ended_and_another_runner_makes_it() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let paused = app.limited(Limits {
        idle_timeout: std::time::Duration::from_millis(300),
        ..Limits::default()
    });
    let Claim::Ours(held) = paused.claim::<ErasedRows>(&mark(1)).await.unwrap() else {
        panic!("nobody made it before");
    };
    // Waits for the marker that the paused runner holds.
    let erased = app.db.erase(&mark(1), "usr_1", MARIA).await.unwrap();
    assert_eq!(erased.deleted["User"], 1);
    assert!(held.commit().await.is_err(), "its transaction is gone");
}

#[tokio::test]
async fn a_large_erasure_has_more_time_than_other_statements() {
    let app = app(Template::Real, Mapping::default()).await;
    app.run(
        r#"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN PERFORM pg_sleep(0.6); RETURN OLD; END $$;
           CREATE TRIGGER slow BEFORE DELETE ON "User" FOR EACH ROW EXECUTE FUNCTION slow()"#,
    )
    .await;
    let quick = std::time::Duration::from_millis(400);
    let limits = Limits {
        statement_timeout: quick,
        ..Limits::default()
    };
    let db = app.limited(limits);
    assert!(db.erase(&mark(1), "usr_1", MARIA).await.is_ok());
    let db = app.limited(Limits {
        erase_statement_timeout: quick,
        ..limits
    });
    let cut = db.erase(&mark(2), "usr_5", ANYBODY).await.unwrap_err();
    assert!(matches!(cut, AppDbError::Timeout(_)), "{cut}");
}

//! Banning an account, and lifting the ban.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use countersign::{
    operations::{capability::State, catalogue},
    systems::app_db::{AppDbError, Mapping, Mark, SessionRows, Standing},
};
use countersign_sandbox::postgres::Template;
use sqlx::Connection;

use super::support::{App, app, app_with, mark};

const BLOCKED: &str = r#"SELECT count(*) FROM "User" WHERE id = 'usr_1' AND "isBlocked""#;
const SESSIONS: &str = r#"SELECT count(*) FROM "Session" WHERE "userId" = 'usr_1'"#;
const MARKS: &str = "SELECT count(*) FROM countersign.applied_step";

async fn nothing() -> Result<Option<String>, AppDbError> {
    Ok(None)
}

async fn runbook() -> App {
    app(Template::Runbook, Mapping::default()).await
}

#[tokio::test]
async fn a_ban_sets_the_flag_and_ends_the_sessions_once_and_can_be_lifted() {
    let app = runbook().await;
    let first = app
        .at()
        .await
        .ban(&mark(1), "usr_1", nothing())
        .await
        .unwrap();
    assert_eq!(first.sessions_ended, 3);
    assert_eq!(
        (app.number(BLOCKED).await, app.number(SESSIONS).await),
        (1, 0)
    );
    assert_eq!(
        app.at()
            .await
            .ban(&mark(1), "usr_1", nothing())
            .await
            .unwrap(),
        first
    );
    let lifted = app
        .at()
        .await
        .unban(&mark(2), "usr_1", nothing())
        .await
        .unwrap();
    assert_eq!(lifted.sessions_ended, 0);
    assert_eq!(
        (app.number(BLOCKED).await, app.number(SESSIONS).await),
        (0, 0)
    );
}

#[tokio::test]
async fn what_stands_in_the_way_leaves_everything_as_it_was() {
    let app = runbook().await;
    let in_the_way = async { Ok(Some("an erasure is under way".to_owned())) };
    let refused = app.at().await.ban(&mark(1), "usr_1", in_the_way).await;
    assert!(
        matches!(&refused, Err(AppDbError::Blocked(why)) if why.contains("erasure")),
        "{refused:?}"
    );
    let refused = app.at().await.ban(&mark(1), "usr_2", nothing()).await;
    assert!(
        matches!(&refused, Err(AppDbError::Blocked(why)) if why.contains("demote first")),
        "{refused:?}"
    );
    let refused = app.at().await.unban(&mark(1), "usr_1", nothing()).await;
    assert!(
        matches!(&refused, Err(AppDbError::Changed(why)) if why.contains("not blocked by now")),
        "{refused:?}"
    );
    let refused = app.at().await.ban(&mark(1), "usr_0", nothing()).await;
    assert!(
        matches!(&refused, Err(AppDbError::Changed(why)) if why.contains("no account usr_0")),
        "{refused:?}"
    );
    assert_eq!(
        (app.number(BLOCKED).await, app.number(SESSIONS).await),
        (0, 3)
    );
    assert_eq!(app.number(MARKS).await, 0);
}

#[tokio::test]
async fn what_stands_in_the_way_is_asked_only_under_the_lock() {
    let app = runbook().await;
    let url: sqlx::postgres::PgConnectOptions = (*app.pool.connect_options()).clone();
    let mut holding = sqlx::PgConnection::connect_with(&url).await.unwrap();
    sqlx::raw_sql(r#"BEGIN; SELECT 1 FROM "User" WHERE id = 'usr_1' FOR UPDATE"#)
        .execute(&mut holding)
        .await
        .unwrap();
    let asked = Arc::new(AtomicBool::new(false));
    let forbidden = {
        let asked = asked.clone();
        async move {
            asked.store(true, Ordering::SeqCst);
            Ok(None)
        }
    };
    let db = app.db.clone();
    let banning = tokio::spawn(async move {
        db.open()
            .await
            .unwrap()
            .ban(&mark(1), "usr_1", forbidden)
            .await
    });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while app.number(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!asked.load(Ordering::SeqCst));
    sqlx::raw_sql("COMMIT").execute(&mut holding).await.unwrap();
    banning.await.unwrap().unwrap();
    assert!(asked.load(Ordering::SeqCst));
    assert_eq!(app.number(BLOCKED).await, 1);
}

#[tokio::test]
async fn an_empty_flag_is_not_blocked_and_a_missing_one_is_named() {
    let app = runbook().await;
    app.run(r#"ALTER TABLE "User" ALTER "isBlocked" DROP NOT NULL; UPDATE "User" SET "isBlocked" = NULL WHERE id = 'usr_1'"#)
        .await;
    let standing = app.at().await.standing("usr_1").await.unwrap();
    let expected = Standing {
        is_admin: false,
        is_blocked: false,
        sessions: Some(SessionRows {
            live: 3,
            expired: 0,
        }),
    };
    assert_eq!(standing, expected);
    app.at()
        .await
        .ban(&mark(1), "usr_1", nothing())
        .await
        .unwrap();
    assert_eq!(app.number(BLOCKED).await, 1);

    let real = super::support::app(Template::Real, Mapping::default()).await;
    for missing in [
        real.at()
            .await
            .ban(&mark(1), "usr_1", nothing())
            .await
            .unwrap_err(),
        real.at()
            .await
            .unban(&mark(1), "usr_1", nothing())
            .await
            .unwrap_err(),
        real.at().await.standing("usr_1").await.unwrap_err(),
    ] {
        assert!(
            missing
                .to_string()
                .contains("isBlocked Boolean @default(false)"),
            "{missing}"
        );
    }
    assert_eq!(real.number(MARKS).await, 0);
}

#[tokio::test]
async fn a_flag_that_is_no_yes_or_no_is_not_written() {
    let app = app_with(
        r#"CREATE TABLE "User" (id text PRIMARY KEY, email text, "isBlocked" text); INSERT INTO "User" VALUES ('usr_1', 'a@example.com', 'no')"#,
        Mapping::default(),
    )
    .await;
    let refused = app.at().await.ban(&mark(1), "usr_1", nothing()).await;
    assert!(matches!(refused, Err(AppDbError::Schema(_))), "{refused:?}");
    let says = refused.unwrap_err().to_string();
    let wrong = "column User.isBlocked of the right type: it is of type text and must be a boolean \
                 (name another with is_blocked in [app.schema.user])";
    assert!(says.contains(wrong), "{says}");
    let ban = catalogue::find("user ban").unwrap();
    let told = ban.declaration().capability(&app.at().await);
    assert_eq!(told.state, State::Unavailable);
    assert!(told.says.contains(wrong), "{}", told.says);
}

#[tokio::test]
async fn an_account_is_banned_and_promoted_at_once_in_either_order_but_not_both() {
    use countersign::systems::app_db::RoleChange;
    let app = runbook().await;
    let other = app.connected_with(|options| options);
    let (one, other) = (app.at().await, other.open().await.unwrap());
    for round in 0..10 {
        app.run(r#"UPDATE "User" SET role = 'USER', "isBlocked" = false WHERE id = 'usr_1'"#)
            .await;
        let change = RoleChange {
            user_id: "usr_1",
            from: "USER",
            to: "ADMIN",
        };
        let (ban, promote) = (
            mark(2 * round),
            Mark {
                step: "role".into(),
                ..mark(2 * round + 1)
            },
        );
        let (banned, promoted) = tokio::join!(
            one.ban(&ban, "usr_1", nothing()),
            other.change_role(&promote, change)
        );
        // Whoever is promoted first is not banned; whoever is banned first may still become an admin, who cannot act.
        promoted.unwrap();
        assert_eq!(app.number(BLOCKED).await == 1, banned.is_ok());
    }
}

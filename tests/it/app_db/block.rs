//! Blocking an account while its erasure cools off, and lifting the block.

use countersign::systems::app_db::{AppDbError, Blocked, LiftOutcome, Mapping, Mark};
use countersign_sandbox::postgres::Template;

use super::support::{App, app, mark};

const IS_BLOCKED: &str = r#"SELECT count(*) FROM "User" WHERE id = 'usr_1' AND "isBlocked""#;

fn lift() -> Mark {
    Mark {
        step: "lift".into(),
        ..mark(1)
    }
}

async fn touched(app: &App) -> bool {
    app.number(r#"SELECT count(*) FROM "User" WHERE id = 'usr_1' AND "updatedAt" > now() AT TIME ZONE 'UTC' - interval '1 hour'"#).await == 1
}

#[tokio::test]
async fn blocking_sets_the_flag_and_ends_the_sessions_once() {
    let app = app(Template::Runbook, Mapping::default()).await;
    assert!(!touched(&app).await);
    let first = app.at().await.block(&mark(1), "usr_1").await.unwrap();
    assert_eq!(
        (
            first.blocked.clone(),
            first.sessions_ended,
            first.sessions_note.clone()
        ),
        (Blocked::Done, 3, None)
    );
    assert!(touched(&app).await);
    assert_eq!(app.number(IS_BLOCKED).await, 1);
    assert_eq!(
        app.number(r#"SELECT count(*) FROM "Session" WHERE "userId" = 'usr_1'"#)
            .await,
        0
    );
    assert_eq!(
        app.at().await.block(&mark(1), "usr_1").await.unwrap(),
        first
    );
}

#[tokio::test]
async fn lifting_takes_back_what_the_block_did() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.at().await.block(&mark(1), "usr_1").await.unwrap();
    assert_eq!(
        app.at()
            .await
            .lift_block(&lift(), &mark(1), "usr_1")
            .await
            .unwrap(),
        LiftOutcome::Lifted
    );
    assert_eq!(app.number(IS_BLOCKED).await, 0);
    assert_eq!(
        app.at()
            .await
            .lift_block(&lift(), &mark(1), "usr_1")
            .await
            .unwrap(),
        LiftOutcome::Lifted
    );
}

#[tokio::test]
async fn an_account_that_was_blocked_before_stays_blocked() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.run(r#"UPDATE "User" SET "isBlocked" = true WHERE id = 'usr_1'"#)
        .await;
    assert_eq!(
        app.at()
            .await
            .block(&mark(1), "usr_1")
            .await
            .unwrap()
            .blocked,
        Blocked::AlreadyBlocked
    );
    assert_eq!(
        app.at()
            .await
            .lift_block(&lift(), &mark(1), "usr_1")
            .await
            .unwrap(),
        LiftOutcome::WasBlockedBefore
    );
    assert_eq!(app.number(IS_BLOCKED).await, 1);
}

#[tokio::test]
async fn a_block_that_never_happened_is_not_lifted() {
    let app = app(Template::Runbook, Mapping::default()).await;
    app.run(r#"UPDATE "User" SET "isBlocked" = true WHERE id = 'usr_1'"#)
        .await;
    assert_eq!(
        app.at()
            .await
            .lift_block(&lift(), &mark(1), "usr_1")
            .await
            .unwrap(),
        LiftOutcome::NothingToLift
    );
    assert_eq!(app.number(IS_BLOCKED).await, 1);
}

#[tokio::test]
async fn without_the_column_the_prisma_field_is_named_and_the_cookies_are_explained() {
    let app = app(Template::Real, Mapping::default()).await;
    let outcome = app.at().await.block(&mark(1), "usr_1").await.unwrap();
    assert_eq!(
        outcome.blocked,
        Blocked::NoColumn {
            prisma: "isBlocked Boolean @default(false)".into()
        }
    );
    assert_eq!(outcome.sessions_ended, 0);
    assert!(outcome.sessions_note.unwrap().contains("JWT"));
    assert_eq!(
        app.at()
            .await
            .lift_block(&lift(), &mark(1), "usr_1")
            .await
            .unwrap(),
        LiftOutcome::NothingToLift
    );
}

#[tokio::test]
async fn an_account_that_is_not_there_cannot_be_blocked() {
    let app = app(Template::Runbook, Mapping::default()).await;
    assert!(matches!(
        app.at().await.block(&mark(1), "usr_0").await,
        Err(AppDbError::Changed(_))
    ));
    assert_eq!(
        app.number("SELECT count(*) FROM countersign.applied_step")
            .await,
        0
    );
}

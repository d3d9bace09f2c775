//! What is planned is what is deleted, row for row.

use countersign::systems::app_db::{AppDbError, EmailCheck, Mapping, Mark, UserRef};
use countersign_sandbox::postgres::Template;
use uuid::Uuid;

use super::support::{ANYBODY, App, Counts, app, is, lost, mapping, odd_mapping, planned};

/// Erases and compares plan, report and the tables themselves.
async fn erase_and_compare(app: &App, user_id: &str) -> Counts {
    let plan = app.plan(user_id).await;
    assert_eq!(plan.blockers, Vec::<String>::new(), "{user_id}");
    let before = app.counts().await;
    let email = app
        .at()
        .await
        .find_user(&UserRef::Id(user_id.into()))
        .await
        .unwrap()
        .email;
    let mark = Mark {
        request_id: request_of(user_id),
        step: "rows".into(),
    };
    let erased = app
        .db
        .erase(&mark, user_id, is(EmailCheck::Is(email.as_deref())))
        .await
        .unwrap();
    let lost = lost(&before, &app.counts().await);
    assert_eq!(planned(&plan), lost, "{user_id}");
    assert_eq!(erased.deleted, lost, "{user_id}");
    assert_eq!(plan.rows_deleted(), lost.values().sum::<i64>(), "{user_id}");
    let left = app
        .at()
        .await
        .remaining(user_id, email.as_deref())
        .await
        .unwrap();
    assert!(
        left.iter().all(|entry| entry.kept.is_some()),
        "{user_id}: {left:?}"
    );
    lost
}

/// An id that follows from the user's.
fn request_of(user_id: &str) -> Uuid {
    let number = user_id
        .bytes()
        .fold(7_u128, |number, byte| number * 257 + u128::from(byte));
    Uuid::from_u128(number)
}

#[tokio::test]
async fn every_account_of_the_runbooks_shape_is_erased_as_planned_except_the_last_admin() {
    let app = app(Template::Runbook, Mapping::default()).await;
    for n in (1..=40).filter(|n| *n != 4) {
        erase_and_compare(&app, &format!("usr_{n}")).await;
    }
    assert!(app.at().await.is_last_admin("usr_4").await.unwrap());
    assert_eq!(app.plan("usr_4").await.blockers.len(), 1);
    let refused = app
        .db
        .erase(&super::support::mark(1), "usr_4", ANYBODY)
        .await;
    assert!(matches!(refused, Err(AppDbError::Blocked(text)) if text.contains("last admin")));
    assert_eq!(app.counts().await["User"], 1);
}

#[tokio::test]
async fn every_account_of_the_real_shape_is_erased_as_planned_although_keys_refuse() {
    let app = app(Template::Real, Mapping::default()).await;
    for n in (1..=41).filter(|n| *n != 4) {
        erase_and_compare(&app, &format!("usr_{n}")).await;
    }
    let left = app.counts().await;
    assert_eq!(
        (left["User"], left["Subscription"], left["BlogPost"]),
        (1, 0, 0)
    );
}

#[tokio::test]
async fn the_odd_shape_is_erased_as_planned_over_composite_keys_circles_partitions_and_strange_names()
 {
    let app = app(Template::Odd, odd_mapping()).await;
    let lost = erase_and_compare(&app, "1").await;
    let expected = [
        ("account", 1),
        ("billing.invoice", 2),
        ("billing.invoice_line", 4),
        ("document", 2),
        ("folder", 1),
        ("invitation", 2),
        ("measurement", 5),
        ("member", 2),
        ("player", 2),
        ("team", 1),
        ("visit", 5),
    ];
    let expected: Counts = expected
        .map(|(table, rows)| (table.to_owned(), rows))
        .into();
    assert_eq!(lost, expected);
    assert_eq!(
        app.number("SELECT count(*) FROM billing.account WHERE owner = 2")
            .await,
        2
    );
    assert_eq!(
        app.number("SELECT count(*) FROM account WHERE referred_by IS NULL")
            .await,
        2
    );
}

#[tokio::test]
async fn where_every_key_cascades_the_plan_counts_what_a_plain_delete_takes() {
    let app = app(Template::Runbook, mapping("email_columns = []")).await;
    let plan = app.plan("usr_1").await;
    let before = app.counts().await;
    app.run(r#"DELETE FROM "User" WHERE id = 'usr_1'"#).await;
    let mut lost = lost(&before, &app.counts().await);
    // The address is in rows that no key leads to: the plan finds them by the column's name, the plain DELETE leaves them.
    for (table, rows) in [
        ("LoginAttempt", 4),
        ("PasswordResetToken", 1),
        ("VerificationToken", 1),
    ] {
        assert_eq!(lost.insert(table.into(), rows), None);
    }
    assert_eq!(planned(&plan), lost);
}

#[tokio::test]
async fn planning_changes_nothing() {
    let app = app(Template::Real, Mapping::default()).await;
    let before = app.counts().await;
    let first = app.plan("usr_1").await;
    assert_eq!(first, app.plan("usr_1").await);
    assert_eq!(before, app.counts().await);
}

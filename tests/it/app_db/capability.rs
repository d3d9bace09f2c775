//! What a schema allows.

use countersign::{
    operations::{
        capability::{Capability, State},
        catalogue,
    },
    systems::app_db::Mapping,
};
use countersign_sandbox::postgres::Template;

use super::support::{App, app, odd_mapping};

async fn one(app: &App, operation: &str) -> Capability {
    let operation = catalogue::find(operation).unwrap();
    operation.declaration().capability(&app.at().await)
}

#[tokio::test]
async fn on_the_runbooks_shape_everything_works() {
    let app = app(Template::Runbook, Mapping::default()).await;
    let at = app.at().await;
    for operation in catalogue::all() {
        let capability = operation.declaration().capability(&at);
        assert_eq!(capability.state, State::Available, "{}", capability.says);
    }
}

#[tokio::test]
async fn on_the_real_shape_the_missing_columns_and_their_prisma_fields_are_named() {
    let app = app(Template::Real, Mapping::default()).await;
    let ban = one(&app, "user ban").await;
    assert_eq!(ban.state, State::Unavailable);
    assert_eq!(
        (
            ban.missing[0].column.as_str(),
            ban.missing[0].prisma.as_str()
        ),
        ("isBlocked", "isBlocked Boolean @default(false)")
    );
    let credits = one(&app, "credits add").await;
    assert_eq!(credits.state, State::Unavailable);
    assert!(
        credits.says.contains("credits Int @default(0)"),
        "{}",
        credits.says
    );
    assert!(
        credits.says.contains("MANUAL_CREDIT_ADDED"),
        "{}",
        credits.says
    );
    let delete = one(&app, "user delete").await;
    assert_eq!(delete.state, State::Degraded);
    assert!(
        delete.says.contains("cannot be blocked meanwhile"),
        "{}",
        delete.says
    );
    assert_eq!(one(&app, "user promote").await.state, State::Available);
}

#[tokio::test]
async fn columns_that_moved_are_found_and_told() {
    let app = app(Template::Real, Mapping::default()).await;
    let names = app.at().await.mapping.test_session;
    assert_eq!(
        (names.created_at.as_str(), names.band_score.as_str()),
        ("date", "score")
    );
    let activity = one(&app, "user activity").await;
    assert_eq!(
        (activity.state, activity.missing.len()),
        (State::Degraded, 1),
        "{}",
        activity.says
    );
    assert_eq!(activity.missing[0].column, "status");
}

#[tokio::test]
async fn without_the_accounts_table_nothing_that_needs_it_works() {
    let odd = app(Template::Odd, Mapping::default()).await;
    let delete = one(&odd, "user delete").await;
    assert_eq!(delete.state, State::Unavailable);
    assert!(delete.says.contains("table User"), "{}", delete.says);
    assert!(
        odd.at()
            .await
            .plan_erasure("1")
            .await
            .unwrap_err()
            .to_string()
            .contains("table User")
    );
    for operation in ["stats users", "payment find", "db reset-pool"] {
        assert_eq!(one(&odd, operation).await.state, State::Unavailable);
    }
    let mapped = app(Template::Odd, odd_mapping()).await;
    assert_eq!(one(&mapped, "user delete").await.state, State::Degraded);
}

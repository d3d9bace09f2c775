//! What a schema allows.

use countersign::systems::app_db::{Capability, Mapping, State, capabilities};
use countersign_sandbox::postgres::Template;

use super::support::{App, app, odd_mapping};

async fn of(app: &App) -> Vec<Capability> {
    capabilities(&app.db.schema().await.unwrap(), app.db.mapping())
}

fn one<'a>(list: &'a [Capability], operation: &str) -> &'a Capability {
    list.iter()
        .find(|capability| capability.operation == operation)
        .unwrap()
}

#[tokio::test]
async fn on_the_runbooks_shape_everything_works() {
    let app = app(Template::Runbook, Mapping::default()).await;
    for capability in of(&app).await {
        assert_eq!(capability.state, State::Available, "{}", capability.says);
    }
}

#[tokio::test]
async fn on_the_real_shape_the_missing_columns_and_their_prisma_fields_are_named() {
    let app = app(Template::Real, Mapping::default()).await;
    let list = of(&app).await;
    let ban = one(&list, "user ban");
    assert_eq!(ban.state, State::Unavailable);
    assert_eq!(
        (
            ban.missing[0].column.as_str(),
            ban.missing[0].prisma.as_str()
        ),
        ("isBlocked", "isBlocked Boolean @default(false)")
    );
    let credits = one(&list, "credits add");
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
    let delete = one(&list, "user delete");
    assert_eq!(delete.state, State::Degraded);
    assert!(
        delete.says.contains("cannot be blocked meanwhile"),
        "{}",
        delete.says
    );
    assert_eq!(one(&list, "user promote").state, State::Available);
}

#[tokio::test]
async fn columns_that_moved_are_found_and_told() {
    let app = app(Template::Real, Mapping::default()).await;
    let (settled, moved) = app.db.mapping().settled(&app.db.schema().await.unwrap());
    assert_eq!(
        (
            settled.test_session.created_at.as_str(),
            settled.test_session.band_score.as_str()
        ),
        ("date", "score")
    );
    assert_eq!(moved.len(), 2);
    let activity = one(&of(&app).await, "user activity").clone();
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
    let delete = one(&of(&odd).await, "user delete").clone();
    assert_eq!(delete.state, State::Unavailable);
    assert!(delete.says.contains("table User"), "{}", delete.says);
    assert!(
        odd.db
            .plan_erasure("1")
            .await
            .unwrap_err()
            .to_string()
            .contains("table User")
    );
    let mapped = app(Template::Odd, odd_mapping()).await;
    assert_eq!(
        one(&of(&mapped).await, "user delete").state,
        State::Degraded
    );
}

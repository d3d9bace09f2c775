//! `/ops credits add` and `/ops credits remove`, told as stories.

mod adding;
mod at_stripe;
mod crashes;
mod limit;
mod links;
mod payments;
mod refused;
mod removing;
mod schemas;
mod split;
mod together;

use countersign::domain::RequestId;
use serde_json::Value;

use crate::support::{World, story::*};

/// Somebody asks for what needs no approval; gives the request once it is done.
async fn done(world: &World, who: &str, line: &str) -> RequestId {
    let id = asked(world, who, line).await;
    world.until_state(id, "done").await;
    id
}

/// Somebody asks; gives the request.
async fn asked(world: &World, who: &str, line: &str) -> RequestId {
    let before = world.newest().await;
    let delivery = world.slack.slash(who, OPS, line).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_newer_than(before).await
}

/// The credits of one of the application's accounts.
async fn credits_of(world: &World, user: &str) -> Option<i32> {
    sqlx::query_scalar(r#"select credits from "User" where id = $1"#)
        .bind(user)
        .fetch_one(&world.db)
        .await
        .unwrap()
}

/// Gives an account a number of credits, past the service.
async fn set_credits(world: &World, user: &str, credits: i32) {
    sqlx::query(r#"update "User" set credits = $2 where id = $1"#)
        .bind(user)
        .bind(credits)
        .execute(&world.db)
        .await
        .unwrap();
}

/// The account's manual changes: type and metadata, in the order of their requests.
async fn events_of(world: &World, user: &str) -> Vec<(String, Value)> {
    sqlx::query_as(
        r#"select type::text, metadata from "AnalyticsEvent"
           where "userId" = $1 and type::text like 'MANUAL%' order by metadata ->> 'request'"#,
    )
    .bind(user)
    .fetch_all(&world.db)
    .await
    .unwrap()
}

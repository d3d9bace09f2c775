//! The application as it really is, and what happens when it has what was missing.

use super::{credits_of, done, events_of};
use crate::support::{Options, World, once::results, story::*};

async fn run(world: &World, sql: &'static str) {
    sqlx::raw_sql(sql).execute(&world.db).await.unwrap();
}

const COLUMN: &str = r#"alter table "User" add credits integer not null default 0"#;
const LABEL: &str = r#"alter type "EventType" add value 'MANUAL_CREDIT_ADDED'"#;

#[tokio::test(flavor = "multi_thread")]
async fn without_column_and_event_type_both_are_refused_by_the_name_of_what_to_add() {
    let world = World::with(Options::real()).await;
    let id = world
        .ask_and_be_refused("/ops credits add usr_1 10 a gift")
        .await;
    for words in ["credits Int @default(0)", "MANUAL_CREDIT_ADDED"] {
        world.until_told(ADA, words).await;
    }
    assert_eq!(world.event_names(id).await, ["asked", "refused"]);
    world
        .ask_and_be_refused("/ops credits remove usr_1 10 refunded")
        .await;
    world.until_told(ADA, "credits remove cannot work").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_column_alone_credits_are_not_added_without_their_event() {
    let world = World::with(Options::real()).await;
    run(&world, COLUMN).await;
    world
        .ask_and_be_refused("/ops credits add usr_1 10 a gift")
        .await;
    world
        .until_told(ADA, "enum EventType { … MANUAL_CREDIT_ADDED }")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(0));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_what_was_named_it_works() {
    let world = World::with(Options::real()).await;
    run(&world, COLUMN).await;
    run(&world, LABEL).await;
    done(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(10));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);

    // For the removal there is no event type: it says so.
    let id = done(&world, OLGA, "/ops credits remove usr_1 4 refunded").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(6));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    let results = results(&world, id).await;
    let note = results[0].1["note"].as_str().unwrap();
    assert!(note.contains("no analytics event was written"), "{note}");
    assert!(note.contains("MANUAL_CREDIT_REMOVED"), "{note}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_other_names_work_through_the_mapping() {
    let file = r#"
        [app.schema.user]
        credits = "tokens"
        [app.schema.analytics_event]
        manual_credit = "TEST_START"
    "#;
    let options = Options {
        file: Some(file.to_owned()),
        ..Options::real()
    };
    let mut world = World::without_service(options).await;
    run(&world, r#"alter table "User" add tokens bigint"#).await;
    world.start_replica().await;
    done(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    let sql = r#"select count(*) from "User" where id = 'usr_1' and tokens = 10"#;
    assert_eq!(world.count(sql).await, 1);
    let sql = r#"select count(*) from "AnalyticsEvent" where metadata ->> 'request' = 'OPS-1001' and type = 'TEST_START'"#;
    assert_eq!(world.count(sql).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_needs_more_than_is_known_is_refused_by_the_name_of_the_column() {
    let world = World::start().await;
    run(
        &world,
        r#"alter table "AnalyticsEvent" add device text not null default ''; alter table "AnalyticsEvent" alter device drop default"#,
    )
    .await;
    world
        .ask_and_be_refused("/ops credits add usr_1 10 a gift")
        .await;
    world
        .until_told(ADA, "column AnalyticsEvent.device has no default")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_that_are_not_whole_numbers_are_refused() {
    let world = World::start().await;
    run(&world, r#"alter table "User" alter credits type numeric"#).await;
    world
        .ask_and_be_refused("/ops credits add usr_1 10 a gift")
        .await;
    world
        .until_told(ADA, "column User.credits does not hold whole numbers")
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_role_may_write_the_event() {
    let (world, _) = World::with_documented_role(false).await;
    done(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    world.finish().await;
}

//! Credits are added at once, both or neither with the event.

use serde_json::json;

use super::{asked, credits_of, done, events_of, set_credits};
use crate::support::{World, boundary::Boundary, once::results, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_adds_credits_and_sees_before_and_after() {
    let world = World::start().await;
    let line = "/ops credits add maria@example.com 10 the webhook failed";
    let id = done(&world, OLGA, line).await;

    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    let noted = json!({
        "credits": 10, "reason": "the webhook failed", "admin": OLGA, "request": "OPS-1001",
    });
    let events = events_of(&world, "usr_1").await;
    assert_eq!(events, [("MANUAL_CREDIT_ADDED".to_owned(), noted)]);
    let touched = r#"select count(*) from "User" where id = 'usr_1' and "updatedAt" > (now() - interval '1 hour') at time zone 'utc'"#;
    assert_eq!(world.count(touched).await, 1);
    let told = world.told_of(OLGA, id).await;
    insta::assert_snapshot!("told_to_the_requester", seen(&[told]));
    world.until_audit(id, "every step succeeded").await;
    insta::assert_snapshot!("audit_thread", seen(&world.audit_thread(id).await));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_of_the_result_are_those_of_the_run_not_of_the_plan() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'run_started'").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    boundary.reached(&world).await;
    set_credits(&world, "usr_1", 3).await;
    boundary.open().await;
    world.until_state(id, "done").await;
    let results = results(&world, id).await;
    assert_eq!(results[0].1["credits"], "3 → 13");
    assert_eq!(credits_of(&world, "usr_1").await, Some(13));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_refused_takes_the_credits_back_with_it() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"alter table "AnalyticsEvent" add constraint small check (metadata ->> 'credits' <> '10')"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "a constraint forbids it").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    assert_eq!(events_of(&world, "usr_1").await, []);

    sqlx::raw_sql(r#"alter table "AnalyticsEvent" drop constraint small"#)
        .execute(&world.db)
        .await
        .unwrap();
    assert!(world.click(GRACE, id, "resume").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_the_app_that_makes_another_number_of_it_takes_the_grant_back() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"create function cap() returns trigger language plpgsql as $$
           begin new.credits := least(new.credits, 15); return new; end $$;
           create trigger cap before update on "User" for each row execute function cap()"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    world.until_state(id, "failed").await;
    world
        .until_card_says(id, "the app's database made 15 credits of 22")
        .await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    assert_eq!(events_of(&world, "usr_1").await, []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_reaches_no_row_is_no_success() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"create function skip() returns trigger language plpgsql as $$ begin return null; end $$;
           create trigger skip before update on "User" for each row execute function skip()"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    world.until_state(id, "failed").await;
    world
        .until_card_says(id, "0 rows would have changed instead of one")
        .await;
    assert_eq!(events_of(&world, "usr_1").await, []);
    world.finish().await;
}

//! Several changes of one account at the same time, of ours and of the app's.

use super::{asked, credits_of, done, events_of};
use crate::support::{World, boundary::Boundary, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn two_grants_at_once_both_count() {
    let world = World::start().await;
    // Both runs begin at the same moment, each with a plan that knew nothing of the other.
    let boundary = Boundary::at(&world, "new.name = 'run_started'").await;
    let first = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    let second = asked(&world, ADA, "/ops credits add maria@example.com 5 a gift").await;
    boundary.reached(&world).await;
    boundary.open().await;
    world.until_state(first, "done").await;
    world.until_state(second, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(27));
    assert_eq!(events_of(&world, "usr_1").await.len(), 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_app_is_changing_is_waited_for_and_its_change_counts() {
    let world = World::start().await;
    let mut app = world.db.begin().await.unwrap();
    sqlx::raw_sql(r#"update "User" set credits = credits - 2 where id = 'usr_1'"#)
        .execute(&mut *app)
        .await
        .unwrap();
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    // The wait for the lock has its limit; then the step rests and is tried again.
    world.until_event(id, "step_deferred", 1).await;
    assert_eq!(world.request(id).await.state.word(), "running");
    app.commit().await.unwrap();
    world.hurry_until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(20));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_deleted_meanwhile_gets_nothing() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'run_started'").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    boundary.reached(&world).await;
    sqlx::raw_sql(r#"delete from "User" where id = 'usr_1'"#)
        .execute(&world.db)
        .await
        .unwrap();
    boundary.open().await;
    world.until_state(id, "failed").await;
    world
        .until_card_says(id, "there is no account usr_1 any more")
        .await;
    assert_eq!(events_of(&world, "usr_1").await, []);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_waited_for() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    boundary.reached(&world).await;
    let mut app = world.db.begin().await.unwrap();
    sqlx::raw_sql(r#"select from "User" where id = 'usr_1' for update"#)
        .execute(&mut *app)
        .await
        .unwrap();
    boundary.open().await;
    world
        .until("the grant waits and is cut off", async |world| {
            let sql = "select count(*) from (
                           select pg_terminate_backend(pid) from pg_stat_activity
                           where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0) cut";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    world.until_event(id, "step_deferred", 1).await;
    app.rollback().await.unwrap();
    world.hurry_until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_service_adds_nothing_until_it_is_thawed() {
    let world = World::start().await;
    done(&world, ADA, "/ops freeze on looking into something").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    world.until_event(id, "planned", 1).await;
    // Another command is let through: once it is done, the grant has had its chance.
    done(&world, ADA, "/ops whoami").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(12));
    done(&world, ADA, "/ops freeze off all is well").await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    world.hurry_until_delivered().await;
    world.finish().await;
}

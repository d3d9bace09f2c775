//! `/ops user activity`: what a person did lately.

use insta::assert_snapshot;

use crate::support::{Options, World, boundary::Boundary, once::results, people::VICTOR, story::*};

const LINE: &str = "/ops user activity maria@example.com 3";

#[tokio::test(flavor = "multi_thread")]
async fn the_last_tests_the_progress_and_the_tickets_are_listed() {
    let world = World::start().await;
    let (_, told) = world.ask_and_read(VICTOR, LINE).await;
    assert_snapshot!("activity", told);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_the_moved_columns_are_read_and_the_missing_one_is_named() {
    let world = World::with(Options::real()).await;
    let (_, told) = world.ask_and_read(ADA, "/ops user activity usr_1 3").await;
    assert_snapshot!("activity_real", told);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_tests_are_listed_when_nobody_says_how_many_and_the_rest_is_counted() {
    let world = World::start().await;
    let (id, told) = world.ask_and_read(ADA, "/ops user activity usr_1").await;
    assert_eq!(results(&world, id).await[0].1["tests_listed"], 10);
    assert!(told.contains("2 more are not shown"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_any_test_has_none() {
    let world = World::start().await;
    world
        .run(r#"delete from "TestSession" where "userId" = 'usr_5'"#)
        .await;
    let (_, told) = world.ask_and_read(ADA, "/ops user activity usr_5").await;
    assert!(told.contains("0 tests"), "{told}");
    assert!(told.contains("There is none."), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_without_a_time_comes_last() {
    let world = World::start().await;
    world
        .run(
            r#"alter table "TestSession" alter "createdAt" drop not null;
               update "TestSession" set "createdAt" = null where id = 'test_1_1'"#,
        )
        .await;
    let (_, told) = world.ask_and_read(ADA, "/ops user activity usr_1 50").await;
    let last = told.lines().rfind(|line| {
        line.contains("COMPLETED") || line.contains("IN_PROGRESS") || line.contains("ABANDONED")
    });
    assert!(last.unwrap().trim_start().starts_with('–'), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fifty_is_refused_before_anything_is_asked() {
    let world = World::start().await;
    let line = "/ops user activity maria@example.com 51";
    world.slack.slash(ADA, OPS, line).await.unwrap();
    world
        .until_told(ADA, "is not a whole number from 1 to 50")
        .await;
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_column_that_tells_the_time_nothing_is_guessed() {
    let world = World::with(Options::real()).await;
    world
        .run(r#"alter table "TestSession" drop column date"#)
        .await;
    let told = world.refusal_of(ADA, "/ops user activity usr_1").await;
    assert!(
        told.contains("createdAt DateTime @default(now())"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_holds_no_time_is_refused_with_a_plain_word() {
    let world = World::start().await;
    world
        .run(r#"alter table "TestSession" alter "createdAt" drop default, alter "createdAt" type text"#)
        .await;
    let told = world.refusal_of(ADA, "/ops user activity usr_1").await;
    assert!(
        told.contains("column TestSession.createdAt of the right type: it is of type text"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_the_answer_is_on_record_it_is_told_once() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(ADA, LINE).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await.len(), 1);
    world.finish().await;
}

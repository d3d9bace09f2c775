//! `/ops stats users`.

use insta::assert_snapshot;

use crate::support::{Options, World, people::VICTOR, seen::seen, story::*};

const LINE: &str = "/ops stats users";

/// Everybody came long ago and took no test lately, but for a few.
async fn known_times(world: &World) {
    sqlx::raw_sql(
        r#"update "User" set "createdAt" = now() - interval '90 days';
           update "User" set "createdAt" = now() where id in (select id from "User" order by id limit 3);"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_of_the_runbooks_application_are_counted_and_plotted() {
    let world = World::start().await;
    known_times(&world).await;
    sqlx::raw_sql(
        r#"update "TestSession" set "createdAt" = now() - interval '60 days';
           update "TestSession" set "createdAt" = now() - interval '20 days' where "userId" = 'usr_1';
           update "TestSession" set "createdAt" = now() - interval '2 days' where "userId" = 'usr_10';"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let (id, told) = world.answered(VICTOR, LINE).await;
    assert_snapshot!("runbook", seen(&[told]));
    world.until_state(id, "done").await;
    let total = world.count(r#"select count(*) from "User""#).await;
    let results = crate::support::once::results(&world, id).await;
    assert_eq!(results[0].1["accounts"], total);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_real_application_lacks_is_said_with_the_field_that_adds_it() {
    let world = World::with(Options::real()).await;
    known_times(&world).await;
    sqlx::raw_sql(r#"update "TestSession" set "date" = now() - interval '20 days'"#)
        .execute(&world.db)
        .await
        .unwrap();
    let (_, told) = world.answered(VICTOR, LINE).await;
    assert_snapshot!("real", seen(&[told]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_day_of_joining_there_is_no_plot_and_it_is_said() {
    let world = World::start().await;
    sqlx::raw_sql(r#"alter table "User" rename "createdAt" to "joined"; alter table "TestSession" rename "createdAt" to "taken""#)
        .execute(&world.db)
        .await
        .unwrap();
    let (_, told) = world.answered(VICTOR, LINE).await;
    let text = told.all_text();
    assert!(
        text.contains("createdAt DateTime @default(now())"),
        "{text}"
    );
    assert!(text.contains("TestSession.createdAt"), "{text}");
    let has_picture = told.blocks.iter().any(|block| block["type"] == "image");
    assert!(!has_picture, "{told:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_not_there_end_in_a_refusal_that_says_so() {
    let world = World::start().await;
    sqlx::raw_sql(r#"alter table "User" rename to "Person""#)
        .execute(&world.db)
        .await
        .unwrap();
    let id = world.ask_and_be_refused(LINE).await;
    let told = world.told_of(ADA, id).await;
    assert!(told.all_text().contains("lacks table User"), "{told:?}");
    world.finish().await;
}

//! `/ops admins keep`: a decision on record, and nothing else.

use insta::assert_snapshot;

use crate::support::{Options, World, boundary::Boundary, once::results, story::*};

const KEEP: &str = "/ops admins keep ben@example.com still on the team";
const ROLES: &str = r#"select count(*) from "User" where role::text = 'ADMIN'"#;
const TOUCHED: &str = r#"select count(*) from "User" where "updatedAt" > now() at time zone 'UTC' - interval '1 hour'"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_keep_is_on_record_and_the_next_review_tells_it() {
    let world = World::start().await;
    let review = world.review(ADA).await;
    let id = world
        .click_offer(ADA, &review, "admins keep", "usr_3")
        .await;
    world.until_state(id, "done").await;
    assert_snapshot!("keep_told", world.told_directly(ADA, id).await);
    assert_eq!(
        (world.count(ROLES).await, world.count(TOUCHED).await),
        (3, 0)
    );
    let next = world.review(ADA).await.all_text();
    assert!(next.contains("Last kept in OPS-1002"), "{next}");
    let order: Vec<_> = ["usr_2", "usr_4", "usr_3"]
        .map(|id| next.find(id).unwrap())
        .into();
    assert!(
        order[2] > order[0].max(order[1]),
        "whoever was kept comes last: {next}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_it_is_recorded_too() {
    let world = World::with(Options::real()).await;
    world.ask_and_read(OLGA, KEEP).await;
    assert_eq!(world.count(TOUCHED).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_kept_who_is_no_admin() {
    let world = World::start().await;
    let told = world
        .refusal_of(ADA, "/ops admins keep maria@example.com still here")
        .await;
    assert!(
        told.contains("usr_1 is not ADMIN: the role is USER"),
        "{told}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_was_demoted_meanwhile_is_not_kept() {
    let world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world.ask_freely(ADA, KEEP).await;
    boundary.reached(&world).await;
    world
        .run(r#"update "User" set role = 'USER' where id = 'usr_3'"#)
        .await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_it_is_on_record_it_is_recorded_once() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(ADA, KEEP).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await.len(), 1);
    world.finish().await;
}

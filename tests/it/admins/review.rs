//! `/ops admins review`: who is an admin, and when each was last seen.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::clicks::{REVIEW, offered};
use crate::support::{
    Options, World, boundary::Boundary, once::results, people::VICTOR, seen::seen, story::*,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_admin_is_shown_with_the_last_trace_and_the_choice_to_keep_or_demote() {
    let world = World::start().await;
    let review = world.review(VICTOR).await;
    let buttons = review
        .blocks
        .iter()
        .filter_map(|block| block["elements"].as_array());
    let heard: Vec<_> = buttons
        .flatten()
        .filter_map(|button| button["accessibility_label"].as_str())
        .collect();
    assert!(heard.contains(&"Demote usr_4"), "{heard:?}");
    let distinct: BTreeSet<_> = heard.iter().collect();
    assert_eq!(distinct.len(), heard.len(), "{heard:?}");
    assert_snapshot!("review", seen(&[review]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_the_moved_columns_tell_the_last_test() {
    let world = World::with(Options::real()).await;
    let review = world.review(ADA).await;
    assert_snapshot!("review_real", seen(&[review]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_keeps_no_record_of_is_said() {
    let world = World::start().await;
    world
        .run(r#"drop table "AnalyticsEvent"; drop table "LoginAttempt""#)
        .await;
    let (_, told) = world.ask_and_read(ADA, REVIEW).await;
    assert!(
        told.contains("Last event: not known: the app keeps no record of it"),
        "{told}"
    );
    assert!(told.contains("Last sign-in: not known"), "{told}");
    assert!(told.contains("Last test: 2026-"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_who_can_act_is_not_offered_for_demotion() {
    let world = World::start().await;
    world
        .run(
            r#"update "User" set role = 'USER' where id = 'usr_4';
               update "User" set "isBlocked" = true where id = 'usr_2'"#,
        )
        .await;
    let review = world.review(ADA).await;
    assert!(
        review.all_text().contains("2 admins, 1 who can act"),
        "{}",
        review.all_text()
    );
    assert!(
        review.all_text().contains("The last admin who can act"),
        "{}",
        review.all_text()
    );
    assert_eq!(offered(&review, "user demote", "usr_3"), None);
    assert!(offered(&review, "admins keep", "usr_3").is_some());
    assert!(offered(&review, "user demote", "usr_2").is_some());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_admins_than_fit_are_counted_and_those_who_were_never_kept_come_first() {
    let world = World::start().await;
    world
        .run(r#"update "User" set role = 'ADMIN' where id <> 'usr_1'"#)
        .await;
    let review = world.review(ADA).await;
    assert!(review.blocks.len() <= 50);
    assert!(
        review.all_text().contains("39 admins"),
        "{}",
        review.all_text()
    );
    assert!(
        review.all_text().contains("21 more admins are not shown"),
        "{}",
        review.all_text()
    );
    let first = review.elements().into_iter().find_map(|(_, element)| {
        let value: serde_json::Value = serde_json::from_str(element["value"].as_str()?).ok()?;
        value["asking"]["arguments"]["user"]
            .as_str()
            .map(str::to_owned)
    });
    let first = first.unwrap();
    let id = world.click_offer(ADA, &review, "admins keep", &first).await;
    world.until_state(id, "done").await;
    let next = world.review(ADA).await;
    assert_eq!(offered(&next, "admins keep", &first), None);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_column_there_is_nobody_to_review() {
    let world = World::with(Options::real()).await;
    world.run(r#"alter table "User" drop column role"#).await;
    let told = world.refusal_of(ADA, REVIEW).await;
    assert!(told.contains("role String @default"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_column_that_goes_between_plan_and_look_is_said() {
    let world = World::with(Options::real()).await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    let id = world.ask_freely(ADA, REVIEW).await;
    boundary.reached(&world).await;
    world.run(r#"alter table "User" drop column role"#).await;
    boundary.open().await;
    world.until_state(id, "refused").await;
    let told = world.told_directly(ADA, id).await;
    assert!(told.contains("role String @default"), "{told}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_before_the_review_is_on_record_it_is_told_once() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask_freely(ADA, REVIEW).await;
    world.crash_after_effect(boundary).await;
    world.until_state(id, "done").await;
    assert_eq!(results(&world, id).await[0].1["admins"], 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_shows_somebody_is_erased_with_them() {
    let world = World::start().await;
    let (review, _) = world.ask_and_read(ADA, REVIEW).await;
    let id = world.ask(ADA, "/ops user delete usr_3 has left").await;
    world.approve_typing(GRACE, id, "usr_3").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world
        .until("the review is erased", async |world| {
            let told = world.told_directly(ADA, review).await;
            told.contains("What was found is erased").then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_who_is_blocked_is_shown_as_one_who_cannot_act() {
    let world = World::start().await;
    world
        .run(r#"update "User" set "isBlocked" = true where id = 'usr_2'"#)
        .await;
    let (id, told) = world.ask_and_read(ADA, REVIEW).await;
    let about = told.split_once("usr_2").unwrap().1;
    let about = about.split("usr_").next().unwrap();
    assert!(
        about.contains("Blocked, and no admin who can act"),
        "{told}"
    );
    assert_eq!(results(&world, id).await[0].1["who_can_act"], 2);
    world.finish().await;
}

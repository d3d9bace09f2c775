//! `/ops sessions revoke all`.

use super::{sessions, sign_in};
use crate::support::{Options, World, once::results, seen::seen, story::*};

const LINE: &str = "/ops sessions revoke all session tokens were leaked";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_signed_out_after_a_second_admin_has_typed_all() {
    let world = World::start().await;
    let live = sessions(&world).await;
    assert!(live > 30, "{live}");
    let id = world.ask(ADA, LINE).await;
    let card = world.until_card_shows(id, "approve").await;
    insta::assert_snapshot!("card_for_everybody", seen(&[card]));

    let view = world.open_modal(GRACE, id, "approve").await;
    let submitted = world.submit(GRACE, &view, "everybody").await;
    assert_ne!(submitted, countersign_sandbox::slack::Submission::Closed);
    world.submit(GRACE, &view, "all").await;
    world.until_card_shows(id, "stop").await;
    assert_eq!(sessions(&world).await, live);
    world.cool_off().await;
    world.until_state(id, "done").await;

    assert_eq!(sessions(&world).await, 0);
    let results = results(&world, id).await;
    assert_eq!(results[0].1["sessions_ended"], live);
    assert_eq!(results[0].1["people_signed_out"], 27);
    let people = r#"select count(*) from "User""#;
    assert_eq!(world.count(people).await, 40);
    world.until_told(ADA, "*Done*").await;
    insta::assert_snapshot!("told_of_everybody", seen(&world.slack.dm(ADA)));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_the_cooling_off_time_leaves_everybody_signed_in() {
    let world = World::start().await;
    let live = sessions(&world).await;
    let id = world.ask(ADA, LINE).await;
    world.approve_typing(GRACE, id, "all").await;
    assert!(world.click(LINUS, id, "stop").await.ok());
    world.until_state(id, "stopped").await;
    assert_eq!(sessions(&world).await, live);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_meanwhile_does_not_void_the_approval_and_is_signed_out_too() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    world.approve_typing(GRACE, id, "all").await;
    world.until_card_shows(id, "stop").await;
    let ids = "select id from \"User\"";
    sign_in(&world, ids, "30 days").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(sessions(&world).await, 0);
    let names = world.event_names(id).await;
    assert!(!names.contains(&"superseded".to_owned()), "{names:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_rows_are_deleted_too_and_not_counted_as_sign_outs() {
    let world = World::start().await;
    let live = sessions(&world).await;
    sign_in(&world, "'usr_3', 'usr_9'", "-1 hour").await;
    let id = world.ask(ADA, "/ops sessions revoke ALL leaked").await;
    world.approve_typing(GRACE, id, "all").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let results = results(&world, id).await;
    assert_eq!(results[0].1["sessions_ended"], live);
    assert_eq!(results[0].1["expired_rows_deleted"], 6);
    assert_eq!(sessions(&world).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_sessions_is_said_first() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"create table "Device" (id int primary key, "sessionId" text references "Session" (id) on delete cascade)"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let id = world.ask(ADA, LINE).await;
    world.until_card_says(id, "Device.sessionId: CASCADE").await;
    assert!(world.click(ADA, id, "cancel").await.ok());
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_application_works_too_once_its_sessions_are_rows() {
    let world = World::with(Options::real()).await;
    sign_in(&world, "'usr_2', 'usr_7'", "30 days").await;
    let id = world.ask(ADA, LINE).await;
    world
        .until_card_says(id, "2 people with 6 live sessions, 1 of them admins")
        .await;
    world
        .until_card_says(id, "39 accounts have no session in Session")
        .await;
    world.approve_typing(GRACE, id, "all").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    assert_eq!(sessions(&world).await, 0);
    world.finish().await;
}

//! Failures and repetitions.

use super::{of_maria, sessions, sign_in};
use crate::support::{
    Options, World, boundary::Boundary, once::results, process::Process, story::*,
};

const LINE: &str = "/ops sessions revoke maria@example.com her laptop was stolen";

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_whose_entry_was_lost_keeps_its_count_and_spares_new_sessions() {
    let options = Options::default().with("COUNTERSIGN_COOLING_OFF", "1s");
    let mut world = World::without_service(options).await;
    let process = Process::start(&world).await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    boundary.reached(&world).await;
    process.kill().await;
    boundary.roll_back(&world).await;
    assert_eq!(of_maria(&world).await, 0);
    // She signs in again with her new password: the repeated step must not end that.
    sign_in(&world, "'usr_1'", "30 days").await;
    world.holds_run_out().await;
    world.start_replica().await;
    world.until_state(id, "done").await;
    assert_eq!(of_maria(&world).await, 3);
    let results = results(&world, id).await;
    assert_eq!(results[0].1["sessions_ended"], 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_app_has_locked_is_waited_for() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    let mut app = world.db.begin().await.unwrap();
    sqlx::raw_sql(r#"select from "Session" where "userId" = 'usr_1' for update"#)
        .execute(&mut *app)
        .await
        .unwrap();
    world.cool_off().await;
    world.until_event(id, "step_deferred", 1).await;
    assert_eq!(of_maria(&world).await, 3);
    app.rollback().await.unwrap();
    world.hurry_until_state(id, "done").await;
    assert_eq!(of_maria(&world).await, 0);
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_hold_on_to_a_session_stop_the_run_with_nothing_half_done() {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"create table "Device" (id int primary key, "sessionId" text references "Session" (id) on delete restrict);
           insert into "Device" select 1, id from "Session" where "userId" = 'usr_1' limit 1"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let before = sessions(&world).await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "a foreign key forbids it").await;
    assert_eq!(sessions(&world).await, before);
    sqlx::raw_sql(r#"drop table "Device""#)
        .execute(&world.db)
        .await
        .unwrap();
    assert!(world.click(LINUS, id, "resume").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(of_maria(&world).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_to_delete_that_is_taken_away_meanwhile_stops_the_run_with_a_plain_word() {
    let (world, role) = World::with_documented_role(true).await;
    let id = world.ask(ADA, LINE).await;
    world.approve(GRACE, id).await;
    let boundary = Boundary::at(&world, "new.name = 'step_started'").await;
    world.cool_off().await;
    boundary.reached(&world).await;
    world
        .run(format!(r#"revoke delete on "Session" from {role}"#))
        .await;
    boundary.open().await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "is not allowed to do this").await;
    world.until_told(ADA, "permission denied").await;
    assert_eq!(of_maria(&world).await, 3);
    world
        .run(format!(r#"grant delete on "Session" to {role}"#))
        .await;
    assert!(world.click(LINUS, id, "resume").await.ok());
    world.until_state(id, "done").await;
    assert_eq!(of_maria(&world).await, 0);
    world.finish().await;
}

//! S3 or the application's database fails in the middle of a run: tried again when that helps, said plainly when
//! it does not.

use countersign::domain::RequestId;
use countersign_sandbox::{
    data,
    s3::{ANY_OPERATION, DeletesOf, Failure, Times},
};

use crate::support::{
    World,
    boundary::Boundary,
    once::{maria_is_erased_once, results},
    story::*,
};

const AVATAR: &str = "user-usr_1/avatar.png";

/// Asked for, approved, and about to run.
async fn held(world: &World) -> RequestId {
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.until_event(id, "step_succeeded", 1).await;
    id
}

/// Waits, with time passing, until the card says something.
async fn card_says(world: &World, id: RequestId, words: &str) {
    world
        .hurry_until(&format!("a card with {words:?}"), async |world| {
            world
                .card(id)
                .await
                .all_text()
                .contains(words)
                .then_some(())
        })
        .await;
}

async fn ends_well(world: World, id: RequestId) {
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

/// How often something happened.
async fn times(world: &World, id: RequestId, name: &str) -> usize {
    let names = world.event_names(id).await;
    names.iter().filter(|one| *one == name).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_deletes_fail_for_a_while_and_are_tried_again_with_pauses_on_the_card() {
    let world = World::start().await;
    let faults = world.s3.faults();
    faults.fail_deletes(
        DeletesOf::EveryNth(2),
        Failure::SlowDown,
        Times::UntilCleared,
    );
    let id = held(&world).await;
    world.cool_off().await;
    card_says(&world, id, "could not be deleted yet; next attempt").await;
    // Time runs ahead: the card may be redrawn at the second attempt or at one after it.
    world
        .hurry_until("a card that counts the attempts", async |world| {
            let card = world.card(id).await.all_text();
            (2..100)
                .any(|n| card.contains(&format!("attempt {n}")))
                .then_some(())
        })
        .await;
    let all = data::runbook::objects().len();
    assert!(world.s3.objects(data::BUCKET).len() > all / 4);
    faults.clear();
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_is_down_for_minutes_in_the_middle_and_the_run_waits_for_it() {
    let world = World::start().await;
    let id = held(&world).await;
    let boundary = Boundary::at(&world, "new.name = 'run_started'").await;
    world.cool_off().await;
    boundary.reached(&world).await;
    let faults = world.s3.faults();
    faults.fail_calls(
        ANY_OPERATION,
        Failure::ServiceUnavailable,
        Times::UntilCleared,
    );
    boundary.open().await;
    world
        .hurry_until("three pauses", async |world| {
            (times(world, id, "step_deferred").await >= 3).then_some(())
        })
        .await;
    faults.clear();
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_under_legal_hold_stops_the_run_with_a_plain_word_and_trying_again_after_it_is_lifted_works()
 {
    let world = World::start().await;
    let hold = |on| world.s3.set_legal_hold(data::BUCKET, AVATAR, None, on);
    hold(true).unwrap();
    let id = held(&world).await;
    world.cool_off().await;
    world.hurry_until_state(id, "failed").await;
    card_says(&world, id, "legal hold").await;
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 1);
    hold(false).unwrap();
    let delivery = world.click(LINUS, id, "resume").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(world.s3.count(data::BUCKET, "user-usr_1/"), 0);
    results(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_legal_hold_stopped_can_be_settled_and_keeps_no_work_lists() {
    let world = World::start().await;
    let hold = world.s3.set_legal_hold(data::BUCKET, AVATAR, None, true);
    hold.unwrap();
    let id = held(&world).await;
    world.cool_off().await;
    world.hurry_until_state(id, "failed").await;
    let view = world.open_modal(LINUS, id, "settle").await;
    world
        .submit(LINUS, &view, "the lawyers keep the picture")
        .await;
    world.until_state(id, "settled").await;
    card_says(&world, id, "Settled").await;
    let lists = "select (select count(*) from countersign.erasure_object)
                      + (select count(*) from countersign.erasure_subject)";
    world
        .hurry_until("no work lists", async |world| {
            (world.count(lists).await == 0).then_some(())
        })
        .await;
    world.finish().await;
}

/// Uploads a file of Maria's between a step's effect and its entry.
async fn uploaded_after(step: &str) {
    let world = World::start().await;
    let id = held(&world).await;
    let after = format!("new.name = 'step_succeeded' and new.body like '%\"{step}\"%'");
    let boundary = Boundary::at(&world, &after).await;
    world.cool_off().await;
    boundary.reached(&world).await;
    let key = "user-usr_1/tests/99/late.webm";
    world
        .s3
        .put(data::BUCKET, key, "late", "audio/webm")
        .unwrap();
    boundary.open().await;
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_uploaded_after_the_list_was_written_is_erased_too() {
    uploaded_after("collect").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_uploaded_after_the_files_were_erased_is_found_and_erased_too() {
    uploaded_after("objects").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_app_has_locked_is_waited_for() {
    let world = World::start().await;
    let id = held(&world).await;
    let mut app = world.db.begin().await.unwrap();
    sqlx::raw_sql(r#"select from "User" where id = 'usr_1' for update"#)
        .execute(&mut *app)
        .await
        .unwrap();
    world.cool_off().await;
    card_says(&world, id, "did not answer within the time limit").await;
    app.rollback().await.unwrap();
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_while_the_rows_are_deleted_leaves_nothing_half_done() {
    let world = World::start().await;
    let id = held(&world).await;
    let mut app = world.db.begin().await.unwrap();
    sqlx::raw_sql(r#"select from "TestSession" where "userId" = 'usr_1' for update"#)
        .execute(&mut *app)
        .await
        .unwrap();
    world.cool_off().await;
    world
        .until("the deletion waits and is cut off", async |world| {
            let sql = "select count(*) from (
                           select pg_terminate_backend(pid) from pg_stat_activity
                           where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0) cut";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    world.until_event(id, "step_deferred", 1).await;
    let sessions = r#"select count(*) from "TestSession" where "userId" = 'usr_1'"#;
    assert!(world.count(sessions).await > 0);
    let progress = r#"select count(*) from "UserFlashcardProgress" where "userId" = 'usr_1'"#;
    assert_eq!(world.count(progress).await, 12);
    app.rollback().await.unwrap();
    ends_well(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_refuses_the_deletion_stops_the_run_and_trying_again_after_the_repair_works()
 {
    let world = World::start().await;
    sqlx::raw_sql(
        r#"create function keep() returns trigger language plpgsql as $$
           begin raise exception 'accounts are kept' using errcode = 'check_violation'; end $$;
           create trigger keep before delete on "User" for each row execute function keep()"#,
    )
    .execute(&world.db)
    .await
    .unwrap();
    let id = held(&world).await;
    world.cool_off().await;
    world.hurry_until_state(id, "failed").await;
    card_says(&world, id, "a constraint forbids it (SQLSTATE 23514)").await;
    world.until_told(ADA, "accounts are kept").await;
    sqlx::raw_sql(r#"drop trigger keep on "User""#)
        .execute(&world.db)
        .await
        .unwrap();
    let delivery = world.click(GRACE, id, "resume").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(crate::support::once::user_rows(&world).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_waits_for_a_database_that_does_not_answer() {
    let world = World::start().await;
    let mut app = world.db.begin().await.unwrap();
    sqlx::raw_sql(r#"lock table "User" in access exclusive mode"#)
        .execute(&mut *app)
        .await
        .unwrap();
    let delivery = world.slack.slash(ADA, OPS, LINE).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    let id = world
        .until("the request", async |world| world.newest().await)
        .await;
    world
        .hurry_until("a lock that was not had in time", async |world| {
            let sql = "select count(*) from countersign.lease where fence > 1";
            (world.count(sql).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "being planned");
    app.rollback().await.unwrap();
    world.hurry_until_state(id, "awaiting approval").await;
    let delivery = world.click(ADA, id, "cancel").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_stop_in_the_middle_finishes_the_step_and_the_next_start_goes_on() {
    let mut world = World::start().await;
    let id = held(&world).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    world.cool_off().await;
    gate.arrived().await;
    let ((), ()) = tokio::join!(world.stop(), async { gate.release() });
    let names = world.event_names(id).await;
    assert_eq!(names.last().unwrap(), "step_succeeded", "{names:?}");
    world.start_replica().await;
    world.until_state(id, "done").await;
    let (started, done) = (
        times(&world, id, "step_started").await,
        times(&world, id, "step_succeeded").await,
    );
    assert_eq!(started, done, "a step was begun twice");
    ends_well(world, id).await;
}

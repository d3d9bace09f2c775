//! The program dies between an effect and its entry in the journal.

use super::{asked, credits_of, events_of};
use crate::support::{
    Options, World, boundary::Boundary, once::results, process::Process, story::*,
};

/// Kills the program while it writes an event, and lets another one go on.
async fn killed_before(event: &str, line: &str, credits: i32) {
    let mut world = World::without_service(Options::default()).await;
    let process = Process::start(&world).await;
    let boundary = Boundary::at(&world, &format!("new.name = '{event}'")).await;
    let id = asked(&world, OLGA, line).await;
    boundary.reached(&world).await;
    process.kill().await;
    boundary.roll_back(&world).await;
    world.holds_run_out().await;
    world.start_replica().await;
    world.until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(credits));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    let marks = "select count(*) from countersign.applied_step";
    assert_eq!(world.count(marks).await, 1);
    let results = results(&world, id).await;
    assert_eq!(results[0].1["credits"], format!("12 → {credits}"));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_whose_entry_was_lost_is_not_made_again() {
    killed_before("step_succeeded", "/ops credits add usr_1 10 pi_1 paid", 22).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_whose_plan_was_lost_is_planned_again_and_keeps_its_payment() {
    killed_before("planned", "/ops credits add usr_1 10 pi_1 paid", 22).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_whose_entry_was_lost_is_not_made_again() {
    killed_before("step_succeeded", "/ops credits remove usr_1 5 refunded", 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_made_before_the_limit_went_down_is_not_called_failed() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    boundary.reached(&world).await;
    world.crash().await;
    boundary.roll_back(&world).await;
    world.holds_run_out().await;
    let limit = ("COUNTERSIGN_CREDITS_LIMIT".to_owned(), "5".to_owned());
    world.environment.extend([limit]);
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_made_before_an_outage_of_hours_is_not_called_failed() {
    let mut world = World::start().await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    boundary.reached(&world).await;
    world.crash().await;
    boundary.roll_back(&world).await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    world
        .run(
            r#"create function away() returns trigger language plpgsql as $$
               begin raise exception 'starting up' using errcode = '57P03'; end $$;
               create trigger away before insert on countersign.applied_step
                   for each row execute function away()"#,
        )
        .await;
    world.start_replica().await;
    world.skip_pauses_until_state(id, "indeterminate").await;
    world.until_card_says(id, "given up after 60 tries").await;
    let card = world
        .until_card_says(id, "Whether one of its tries had its effect is not known")
        .await;
    assert!(!card.all_text().contains("Failed"), "{}", card.all_text());

    world
        .run("drop trigger away on countersign.applied_step")
        .await;
    world.click(GRACE, id, "resume").await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    assert_eq!(events_of(&world, "usr_1").await.len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_has_it_tried_again_gets_as_many_tries_as_at_first() {
    let world = World::start().await;
    world
        .run(
            r#"create function away() returns trigger language plpgsql as $$
               begin raise exception 'starting up' using errcode = '57P03'; end $$;
               create trigger away before insert on countersign.applied_step
                   for each row execute function away()"#,
        )
        .await;
    let id = asked(&world, OLGA, "/ops credits add usr_1 10 a gift").await;
    world.skip_pauses_until_state(id, "indeterminate").await;
    world.click(GRACE, id, "resume").await;
    let before = world.event_names(id).await.len();
    world
        .hurry_until("three more tries", async |world| {
            let names = world.event_names(id).await;
            let tries = names[before..].iter().filter(|it| *it == "step_deferred");
            (tries.count() >= 3).then_some(())
        })
        .await;
    world
        .run("drop trigger away on countersign.applied_step")
        .await;
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    assert_eq!(credits_of(&world, "usr_1").await, Some(22));
    world.finish().await;
}

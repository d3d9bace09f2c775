use crate::support::{World, boundary::Boundary, once::results, story::*};

const LINE: &str = "/ops db reset-pool idle the app is refused connections";

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_effect_and_its_entry_it_gives_the_same_result_and_ends_nothing_more() {
    let mut world = World::start().await;
    let _idle = world.app_was_idle("web", 2).await;
    let boundary = Boundary::at(&world, "new.name = 'step_succeeded'").await;
    let id = world.asks(OLGA, LINE).await;
    boundary.reached(&world).await;
    world.crash().await;
    boundary.roll_back(&world).await;
    // Idle by now, but not found when the step was carried out.
    let mut later = world.app_was_idle("web", 1).await;
    world.holds_run_out().await;
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    let results = results(&world, id).await;
    assert_eq!(results[0].1["ended"], 2);
    assert!(sqlx::Connection::ping(&mut later[0]).await.is_ok());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_waits_for_a_person_and_goes_on_when_told_to() {
    let world = World::start().await;
    let mut idle = world.app_was_idle("web", 1).await;
    world
        .run(
            "create function refuse() returns trigger language plpgsql as
               $$ begin raise exception 'no markers today'; end $$;
             create trigger refuse before insert on countersign.applied_step
               for each row execute function refuse()",
        )
        .await;
    let id = world.asks(OLGA, LINE).await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "SQLSTATE P0001").await;
    world.until_told(OLGA, "no markers today").await;
    assert!(sqlx::Connection::ping(&mut idle[0]).await.is_ok());
    world
        .run("drop trigger refuse on countersign.applied_step")
        .await;
    world.clock.advance(std::time::Duration::from_secs(6 * 60));
    world.click(ADA, id, "resume").await;
    world.until_state(id, "done").await;
    assert!(sqlx::Connection::ping(&mut idle[0]).await.is_err());
    world.finish().await;
}

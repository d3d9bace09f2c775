//! Samples of the connections, once a minute.

use std::time::Duration;

use countersign::{operations::db_connections::samples, runtime::Clock};

use crate::support::World;

const TAKEN: &str = "select count(*) from countersign.pool_sample where active is not null";
const ALL: &str = "select count(*) from countersign.pool_sample";

/// Moves the clock to the next minute and waits until its sample is there.
async fn next_minute(world: &World) {
    let before = world.count(TAKEN).await;
    world.clock.advance(Duration::from_secs(60));
    until_taken(world, before + 1).await;
}

async fn until_taken(world: &World, at_least: i64) {
    world
        .until(&format!("{at_least} samples"), async |world| {
            (world.count(TAKEN).await >= at_least).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_minute_is_sampled_once_whatever_the_number_of_replicas() {
    let mut world = World::start().await;
    world.start_replica().await;
    until_taken(&world, 1).await;
    for _ in 0..3 {
        next_minute(&world).await;
    }
    // A minute may have passed by itself, but none has two rows, and none was left empty.
    assert!((4..=5).contains(&world.count(ALL).await));
    assert_eq!(world.count(ALL).await, world.count(TAKEN).await);
    let odd = "select count(*) from countersign.pool_sample
               where server < active + idle + idle_in_transaction + other or active < 1 or most <> 297";
    assert_eq!(world.count(odd).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_survive_a_restart_and_the_time_between_is_a_gap() {
    let mut world = World::start().await;
    until_taken(&world, 1).await;
    let begin = world.clock.now();
    world.crash().await;
    world.clock.advance(Duration::from_secs(10 * 60));
    world.start_replica().await;
    until_taken(&world, 2).await;
    let day = samples::last_day(&world.journal().pool, world.clock.now())
        .await
        .unwrap();
    assert_eq!(day.len(), 24 * 60);
    let known: Vec<usize> = (0..day.len())
        .filter(|i| day[*i].counts.is_some())
        .collect();
    let apart = known[1] - known[0];
    assert!((10..=12).contains(&apart), "{apart} minutes apart");
    assert!(day[known[0]].minute <= begin && known[1] >= day.len() - 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_kept_for_eight_days() {
    let world = World::start().await;
    until_taken(&world, 1).await;
    let kept = "select count(*) from countersign.pool_sample where most = 1";
    sqlx::query(
        "insert into countersign.pool_sample (minute, active, idle, idle_in_transaction, other, server, most)
         select date_trunc('minute', now()) - n * interval '1 day', 0, 0, 0, 0, 0, 1 from unnest(array[7, 9]) n",
    )
    .execute(&world.db)
    .await
    .unwrap();
    assert_eq!(world.count(kept).await, 2);
    next_minute(&world).await;
    world
        .until("the old one is gone", async |world| {
            (world.count(kept).await == 1).then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minute_in_which_the_database_does_not_answer_is_a_gap_and_the_next_one_is_not() {
    let (world, role) = World::with_documented_role(true).await;
    until_taken(&world, 1).await;
    // One after the other: within one transaction a connection could come back before the right is gone.
    world.run(format!("alter role {role} nologin")).await;
    world
        .run(format!(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '{role}'"
        ))
        .await;
    let taken = world.count(TAKEN).await;
    world.clock.advance(Duration::from_secs(60));
    world
        .until("a minute without a sample", async |world| {
            let failed = "select count(*) from countersign.job_tick where job = 'count connections' and outcome = 'failed'";
            (world.count(failed).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.count(TAKEN).await, taken);
    world.run(format!("alter role {role} login")).await;
    world
        .hurry_until("the next sample", async |world| {
            (world.count(TAKEN).await > taken).then_some(())
        })
        .await;
    world.finish().await;
}

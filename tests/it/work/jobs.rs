//! Jobs are done once per tick, and a tick that was missed is made up for.

use std::time::Duration;

use chrono::SubsecRound;
use countersign::journal::sealed::{InboxRow, SealedRow};

use crate::support::World;

/// The ticks of the job that counts connections once a minute.
const TICKS: &str = "select count(*) from countersign.job_tick where job = 'count connections' and outcome = 'done'";
const SAMPLES: &str = "select count(*) from countersign.pool_sample";

/// Waits until so many ticks are done. A minute may pass by itself.
async fn ticks(world: &World, many: i64) {
    world
        .until("a tick is done", async |world| {
            (world.count(TICKS).await >= many).then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_replicas_one_does_a_tick() {
    let mut world = World::start().await;
    world.start_replica().await;
    world.start_replica().await;
    ticks(&world, 1).await;
    world.clock.advance(Duration::from_secs(60));
    ticks(&world, 2).await;
    let failed = "select count(*) from countersign.job_tick where outcome <> 'done'";
    assert_eq!(world.count(failed).await, 0);
    assert!(world.count(SAMPLES).await >= 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_that_were_missed_while_everything_was_down_are_made_up_for_once() {
    let mut world = World::start().await;
    ticks(&world, 1).await;
    world.stop().await;
    world.clock.advance(Duration::from_secs(3_600));
    world.start_replica().await;
    ticks(&world, 2).await;
    // One for the hour, and what has passed by itself since.
    assert!(world.count(TICKS).await <= 4);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_waits_for_nobody_is_processed_within_a_minute() {
    let world = World::start().await;
    let row = InboxRow {
        dedupe_key: "lost".to_owned(),
        payload: Some(serde_json::json!({
            "user": "U0ADA", "answer": { "to": "direct" }, "what": "ask", "operation": "whoami",
            "asking": { "arguments": {}, "reason": "" },
        })),
        received_at: countersign::runtime::Clock::now(&*world.clock).trunc_subsecs(6),
    };
    sqlx::query(
        "insert into countersign.inbox
             (id, dedupe_key, kind, rank, lane, waits, payload, received_at, not_before, mac)
         values (gen_random_uuid(), 'lost', 'whoami', 2, '2:U0ADA', true, $1, $2, $2, $3)",
    )
    .bind(&row.payload)
    .bind(row.received_at)
    .bind(row.mac(&world.journal().key))
    .execute(&world.db)
    .await
    .unwrap();
    world.clock.advance(Duration::from_secs(60));
    let id = world.until("the request", World::newest).await;
    world.until_state(id, "done").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tick_whose_replica_died_is_done_by_another_once_its_time_is_over() {
    let mut world = World::without_service(crate::support::Options::default()).await;
    world.start_replica().await;
    ticks(&world, 1).await;
    world.stop().await;
    sqlx::query(
        "update countersign.job_tick set outcome = null, seconds = null, claimed_until = now() - interval '1 second'",
    )
    .execute(&world.db)
    .await
    .unwrap();
    sqlx::query("delete from countersign.pool_sample")
        .execute(&world.db)
        .await
        .unwrap();
    world.start_replica().await;
    world
        .until("the tick is done", async |world| {
            let open = "select count(*) from countersign.job_tick where outcome is null";
            (world.count(open).await == 0 && world.count(SAMPLES).await > 0).then_some(())
        })
        .await;
    world.finish().await;
}

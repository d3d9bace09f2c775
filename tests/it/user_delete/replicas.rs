//! Many clicks at the same time, several replicas, and replicas that are thought dead.

use std::time::Duration;

use countersign::{
    domain::{Event, RequestId},
    journal::{Fence, RecordError, append::Batch},
    runtime::Clock,
};
use countersign_sandbox::slack::{Delivery, Duplicates, Outcome};
use futures::future::join_all;
use serde_json::json;

use crate::support::{
    World,
    once::{audit_is_in_order, every_message_stands_once, maria_is_erased_once},
    story::*,
};

/// How many admins approve at the same time.
const ADMINS: usize = 100;

/// All of them open the dialog, then all submit it at once, to every replica in turn.
async fn all_approve_at_once(world: &World, id: RequestId, admins: &[String]) {
    use countersign::slack::cards::field;
    let mut views = Vec::new();
    for admin in admins {
        views.push((admin.clone(), world.open_modal(admin, id, "approve").await));
    }
    let addresses = world.addresses();
    let values = json!({ field::BLOCK: { field::TEXT: "usr_1" } });
    let submitting = views.iter().enumerate().map(|(n, (admin, view))| {
        let (address, values) = (&addresses[n % addresses.len()], &values);
        async move {
            world.slack.set_app_url(address);
            world.slack.submit(admin, view, values).await.unwrap();
        }
    });
    join_all(submitting).await;
    world
        .until("every click is processed", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
}

async fn one_run(world: World, id: RequestId) {
    world.cool_off().await;
    world.until_state(id, "done").await;
    crate::support::leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    audit_is_in_order(&world, id).await;
    assert_eq!(world.slack.messages(APPROVALS).len(), 1);
    let runs = "select count(*) from countersign.event where name = 'run_started'";
    assert_eq!(world.count(runs).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_approvals_at_the_same_time_give_one_approval_and_one_run() {
    let world = World::start().await;
    let admins = world.add_admins(ADMINS);
    let id = world.ask_for_maria().await;
    all_approve_at_once(&world, id, &admins).await;
    one_run(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_take_clicks_and_work_side_by_side_and_everything_happens_once() {
    let mut world = World::start().await;
    world.start_replica().await;
    let admins = world.add_admins(ADMINS);
    let id = world.ask_for_maria().await;
    all_approve_at_once(&world, id, &admins[..20]).await;
    one_run(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_and_clicks_that_slack_delivers_twice_at_once_count_once() {
    let mut world = World::start().await;
    world.start_replica().await;
    world.slack.faults().set_duplicates(Duplicates::AtOnce);
    let id = world.ask_for_maria().await;
    let requests = "select count(*) from countersign.request";
    assert_eq!(world.count(requests).await, 1);
    world.approve(GRACE, id).await;
    one_run(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_sent_a_hundred_times_over_is_one_decision() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let Delivery { request, .. } = world.click(ADA, id, "cancel").await;
    let again = (0..100).map(|_| world.slack.send(&request));
    for outcome in join_all(again).await {
        let Outcome::Answered { status, .. } = outcome else {
            panic!("{outcome:?}");
        };
        // Slack's own repetition is acknowledged; the same signed bytes are nobody's but a replay.
        assert!([200, 401].contains(&status), "{status}");
    }
    world.until_state(id, "cancelled").await;
    let decisions = "select count(*) from countersign.event where name = 'cancelled'";
    assert_eq!(world.count(decisions).await, 1);
    let kept = "select count(*) from countersign.inbox where kind = 'cancel'";
    assert_eq!(world.count(kept).await, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_dies_in_the_middle_of_a_step_is_taken_over_by_another() {
    let mut world = World::start().await;
    let gate = world.s3.faults().hold("DeleteObjects");
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    gate.arrived().await;
    world.start_replica().await;
    world.crash_oldest();
    world.leases_run_out().await;
    world.clock.advance(Duration::from_secs(31));
    gate.arrivals(2).await;
    gate.release();
    world.until_state(id, "done").await;
    crate::support::leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_run_was_taken_over_meanwhile_records_nothing_any_more() {
    let world = World::start().await;
    let gate = world.s3.faults().hold_answers("DeleteObjects");
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    gate.arrived().await;
    // Another replica took the lease; its holder here does not know.
    let before = world.request(id).await;
    sqlx::query(
        "update countersign.lease set owner = gen_random_uuid(), fence = fence + 1,
                                      until = now() + interval '1 hour' where request_id = $1",
    )
    .bind(id.0)
    .execute(&world.db)
    .await
    .unwrap();
    gate.release();
    world
        .hurry_until("several looks", async |world| {
            let idle = "select count(*) from pg_stat_activity where datname = current_database()
                        and query like '%from countersign.lease where request_id%'";
            (world.count(idle).await > 0).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.version, before.version);
    let zombie = Batch {
        id,
        before: Some(before),
        events: &[Event::RunSucceeded],
        private_data: &[],
        at: world.clock.now(),
        fence: Some(Fence(1)),
    };
    let refused = world.journal().record(zombie).await;
    assert!(matches!(refused, Err(RecordError::Fenced)), "{refused:?}");
    // The other one dies as well, and the run is taken back.
    world.holds_run_out().await;
    world.until_state(id, "done").await;
    crate::support::leftovers::check(&world).await;
    every_message_stands_once(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_crashes_in_the_middle_and_starts_again_goes_on() {
    let mut world = World::start().await;
    let gate = world.s3.faults().hold_answers("DeleteObjects");
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    gate.arrived().await;
    world.restart().await;
    gate.release();
    world.until_state(id, "done").await;
    crate::support::leftovers::check(&world).await;
    maria_is_erased_once(&world, id).await;
    world.finish().await;
}

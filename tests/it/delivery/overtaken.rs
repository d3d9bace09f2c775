//! What a newer state overtakes is not sent, and a state that stays does not wait behind it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use countersign::{domain::RequestId, service::Tuning};
use sqlx::AssertSqlSafe;

use crate::support::{Options, World, story::*};

/// Runs over which it is measured how soon a card follows.
const RUNS: usize = 20;
/// How soon.
const SOON: chrono::Duration = chrono::Duration::seconds(1);

/// How often a message in a channel was edited.
fn edits(world: &World, channel: &str, ts: &str) -> usize {
    let calls = world.slack.calls();
    let edits = calls.iter().filter(|call| {
        call.method == "chat.update" && call.args["channel"] == channel && call.args["ts"] == ts
    });
    edits.count()
}

async fn audit_line(world: &World, id: RequestId) -> (String, String) {
    sqlx::query_as("select channel, ts from countersign.message where slot = 'audit:' || $1")
        .bind(id.0.to_string())
        .fetch_one(&world.db)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_a_moment_changes_its_card_and_its_audit_line_once() {
    let world = World::start().await;
    let line = "/ops user promote hana@example.com joins the support team";
    let id = world.ask(ADA, line).await;
    world.hurry_until_delivered().await;
    let card = world.card(id).await;
    let (audit, line) = audit_line(&world, id).await;
    let before = (
        edits(&world, APPROVALS, &card.ts),
        edits(&world, &audit, &line),
    );
    // However long the run takes by the machine's clock, it takes no time by the service's.
    world.clock.stop();
    assert!(world.click(GRACE, id, "approve").await.ok());
    world.until_card_says(id, "Done").await;
    world
        .until("everything is delivered", async |world| {
            world.nothing_to_deliver().await.then_some(())
        })
        .await;
    let after = (
        edits(&world, APPROVALS, &card.ts),
        edits(&world, &audit, &line),
    );
    assert_eq!(after, (before.0 + 1, before.1 + 1));
    world.clock.go_on();
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_takes_long_is_seen_while_it_is_at_work() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    let gate = world.s3.faults().hold("DeleteObjects");
    world.cool_off().await;
    gate.arrived().await;
    world.until_card_says(id, "Running").await;
    drop(gate);
    world.until_state(id, "done").await;
    world.finish().await;
}

/// Has the approvals channel rest until then.
async fn rest(world: &World, until: &str) {
    let sql = format!(
        "update countersign.channel_pace set not_before = {until} where recipient = '{APPROVALS}'"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&world.db)
        .await
        .unwrap();
}

/// Whether a card waits to be edited, with this mark of an edit that soon passes.
async fn waits(world: &World, id: RequestId, yields: bool) -> bool {
    let sql = "select count(*) > 0 from countersign.message
               where slot = 'approval:' || $1 and shown < wanted and yields = $2";
    sqlx::query_scalar(sql)
        .bind(id.0.to_string())
        .bind(yields)
        .fetch_one(&world.db)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_stays_is_shown_before_an_older_card_whose_state_soon_passes() {
    let world = World::start().await;
    let running = world.ask_for_maria().await;
    let line = "/ops user promote hana@example.com joins the support team";
    let cancelled = world.ask(ADA, line).await;
    world.approve(GRACE, running).await;
    world.until_event(running, "step_succeeded", 1).await;
    world.until_card_says(running, "cooling off").await;
    world.hurry_until_delivered().await;
    let cards = [world.card(cancelled).await, world.card(running).await].map(|card| card.ts);
    let gate = world.s3.faults().hold("DeleteObjects");
    rest(&world, "now() + interval '1 year'").await;
    world.clock.advance(Duration::from_secs(3_600));
    gate.arrived().await;
    let clicked = world.slack.click(ADA, APPROVALS, &cards[0], "cancel");
    assert!(clicked.await.unwrap().ok());
    world
        .until("both cards wait", async |world| {
            let both = waits(world, running, true).await && waits(world, cancelled, false).await;
            both.then_some(())
        })
        .await;
    world.clock.advance(Duration::from_secs(1));
    let before = world.slack.calls().len();
    rest(&world, "now()").await;
    world.until_card_says(running, "Running").await;
    world.until_card_says(cancelled, "Cancelled").await;
    let calls = world.slack.calls().split_off(before);
    let edited = calls.iter().filter(|call| call.method == "chat.update");
    let edited = edited.filter_map(|call| call.args["ts"].as_str());
    let order: Vec<&str> = edited
        .filter(|ts| cards.iter().any(|card| card == ts))
        .collect();
    assert_eq!(order[..2], cards);
    drop(gate);
    world.until_state(running, "done").await;
    world.finish().await;
}

/// How long after the end of its run the card was edited for the last time.
async fn followed(world: &World, id: RequestId, ts: &str) -> chrono::Duration {
    let ended: DateTime<Utc> = sqlx::query_scalar(
        "select at from countersign.event where stream = $1 and name = 'run_succeeded'",
    )
    .bind(id.0)
    .fetch_one(&world.db)
    .await
    .unwrap();
    let calls = world.slack.calls();
    let mut edits = calls.iter().rev();
    let last = edits.find(|call| call.method == "chat.update" && call.args["ts"] == ts);
    last.unwrap().at - ended
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures time: run it alone on a quiet machine, with --nocapture"]
async fn of_twenty_cards_nineteen_follow_the_end_of_their_run_within_a_second_at_the_usual_pace() {
    let mut world = World::without_service(Options::default()).await;
    world.tuning.gap = Tuning::default().gap;
    world.start_replica().await;
    let mut took = vec![];
    for run in 0..RUNS {
        let line = match run % 2 {
            0 => "/ops user promote hana@example.com joins the support team",
            _ => "/ops user demote hana@example.com has left the support team",
        };
        let id = world.ask(ADA, line).await;
        let card = world.card(id).await;
        // The channels have rested from what came before.
        world.hurry_until_delivered().await;
        world.clock.advance(Duration::from_secs(60));
        assert!(world.click(GRACE, id, "approve").await.ok());
        world.until_card_says(id, "*Done*").await;
        took.push(followed(&world, id, &card.ts).await);
        world.hurry_until_delivered().await;
    }
    took.sort();
    println!("from the end of a run to its card: {took:?}");
    assert!(took[RUNS - 2] < SOON, "{took:?}");
    world.finish().await;
}

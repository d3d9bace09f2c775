//! Slack is away, slow, or forgets to answer: nothing is lost, nothing is posted twice, and the order is kept.

use std::time::Duration;

use countersign::domain::RequestId;
use countersign_sandbox::slack::{Lost, Outage};

use crate::support::{
    World,
    once::{audit_is_in_order, every_message_stands_once, maria_is_erased_once},
    story::*,
};

/// Waits for the end, with time passing, and checks that everything arrived once and in order.
async fn arrives_once(world: World, id: RequestId) {
    world.hurry_until_state(id, "done").await;
    world.hurry_until_delivered().await;
    maria_is_erased_once(&world, id).await;
    audit_is_in_order(&world, id).await;
    let card = world.card(id).await;
    assert!(card.all_text().contains("*Done*"), "{}", card.all_text());
    assert!(!card.has_action("stop") && !card.has_action("approve"));
    world.finish().await;
}

async fn failed_attempts(world: &World, at_least: i64) {
    world
        .hurry_until("failed calls to Slack", async |world| {
            let sql = "select coalesce(max(attempts), 0)::bigint from countersign.message";
            (world.count(sql).await >= at_least).then_some(())
        })
        .await;
}

async fn away_during_the_run(outage: Outage) {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let gate = world.s3.faults().hold("DeleteObjects");
    world.approve(GRACE, id).await;
    world.cool_off().await;
    gate.arrived().await;
    world.slack.faults().set_outage(outage);
    gate.release();
    world.hurry_until_state(id, "done").await;
    failed_attempts(&world, 6).await;
    world.slack.faults().set_outage(Outage::Off);
    arrives_once(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_answers_503_for_minutes_and_everything_arrives_afterwards() {
    away_during_the_run(Outage::Unavailable).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_cuts_connections_for_minutes_and_everything_arrives_afterwards() {
    away_during_the_run(Outage::CutOff).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_limits_every_call_and_is_left_alone_for_as_long_as_it_asks() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    world.hurry_until_delivered().await;
    world.slack.faults().limit(Some("chat.update"), 30);
    // Something to show: an attempt by somebody who may not.
    redrawn(&world).await;
    world
        .hurry_until("three refusals in one channel", async |world| {
            (limited(world).len() >= 3).then_some(())
        })
        .await;
    let times = limited(&world);
    for pair in times.windows(2) {
        let apart = (pair[1] - pair[0]).num_seconds();
        assert!(apart >= 29, "called again after {apart} s: {times:?}");
    }
    world.slack.faults().lift_limits();
    arrives_once(world, id).await;
}

/// Has the card drawn again, as erasing somebody does.
async fn redrawn(world: &World) {
    sqlx::query(
        "update countersign.message set generation = generation + 1 where slot like 'approval:%'",
    )
    .execute(&world.db)
    .await
    .unwrap();
}

/// When the approvals channel was refused because of the limit.
fn limited(world: &World) -> Vec<chrono::DateTime<chrono::Utc>> {
    let calls = world.slack.calls().into_iter();
    calls
        .filter(|call| call.status == 429 && call.args["channel"] == APPROVALS)
        .map(|call| call.at)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_slack_limits_does_not_hold_up_another() {
    use countersign_sandbox::slack::RateLimit;
    let world = World::with(crate::support::Options {
        // One post in five minutes: the audit thread has to wait after its first.
        rate_limit: Some(RateLimit {
            burst: 1,
            per_second: 0.003,
        }),
        ..Default::default()
    })
    .await;
    let id = world.ask_for_maria().await;
    world
        .until("the audit channel rests", async |world| {
            let sql = "select count(*) from countersign.channel_pace
                       where recipient = 'C0AUDIT' and not_before > now() + interval '10 seconds'";
            (world.count(sql).await == 1).then_some(())
        })
        .await;
    // The card was posted, and now it changes, while the audit channel rests.
    let delivery = world.click(ADA, id, "cancel").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world
        .until("the card says so", async |world| {
            let card = world.card(id).await;
            card.all_text().contains("Cancelled").then_some(())
        })
        .await;
    world
        .until("everything is delivered", async |world| {
            world.clock.advance(Duration::from_secs(10));
            world.nothing_to_deliver().await.then_some(())
        })
        .await;
    audit_is_in_order(&world, id).await;
    every_message_stands_once(&world).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_slack_loses_make_no_duplicates() {
    let world = World::start().await;
    let faults = world.slack.faults();
    faults.lose_answers("chat.postMessage", Lost::CutOff, 6);
    faults.lose_answers("chat.update", Lost::CutOff, 3);
    let delivery = world.slack.slash(ADA, OPS, LINE).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    let id = world
        .hurry_until("the card", async |world| {
            let id = world.newest().await?;
            let cards = world.slack.messages(APPROVALS);
            cards.iter().any(|c| c.has_action("approve")).then_some(id)
        })
        .await;
    world.hurry_until_delivered().await;
    every_message_stands_once(&world).await;
    world.approve(GRACE, id).await;
    world.cool_off().await;
    arrives_once(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_during_an_outage_is_kept_and_counts_although_the_request_expires_meanwhile() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    // What was learnt about Grace for the modal is too old by now to decide on.
    world.clock.advance(Duration::from_secs(5));
    world.slack.faults().set_outage(Outage::CutOff);
    let submission = world.submit(GRACE, &view, "usr_1").await;
    assert_eq!(submission, countersign_sandbox::slack::Submission::Closed);
    world
        .until("the click is tried", async |world| {
            let sql =
                "select count(*) from countersign.inbox where done_at is null and attempts > 0";
            (world.count(sql).await == 1).then_some(())
        })
        .await;
    world.clock.advance(Duration::from_secs(5 * 3600));
    world
        .hurry_until("the click is tried again", async |world| {
            let sql =
                "select count(*) from countersign.inbox where done_at is null and attempts > 2";
            (world.count(sql).await == 1).then_some(())
        })
        .await;
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.slack.faults().set_outage(Outage::Off);
    world.hurry_until_state(id, "cooling off").await;
    let names = world.event_names(id).await;
    assert!(!names.contains(&"expired".to_owned()), "{names:?}");
    world.cool_off().await;
    arrives_once(world, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_slack_does_not_hold_up_its_own_acknowledgement() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.hurry_until_delivered().await;
    // Facts about people are as old as they may be, so whoever needs them has to ask.
    world.clock.advance(Duration::from_secs(3600));
    world.slack.faults().set_slow(Duration::from_secs(2));
    let before = world.slack.calls().len();
    let line = "/ops user delete usr_10 asked for erasure by mail";
    let asked = world.slack.slash(ADA, OPS, line).await.unwrap();
    assert!(asked.ok(), "{:?}", asked.error);
    none_was_waited_for(&world, before);
    let card = world.card(id).await;
    for action in ["approve", "full_plan", "cancel"] {
        let before = world.slack.calls().len();
        let clicked = world.slack.click(ADA, APPROVALS, &card.ts, action).await;
        let clicked = clicked.unwrap();
        assert!(clicked.ok(), "{:?}", clicked.error);
        none_was_waited_for(&world, before);
    }
    world.slack.faults().set_slow(Duration::ZERO);
    world.until_state(id, "cancelled").await;
    let other = world.newest().await.unwrap();
    world.click(ADA, other, "cancel").await;
    world.finish().await;
}

/// Slack's clients got their answer before Slack's API had answered anything that was asked meanwhile.
fn none_was_waited_for(world: &World, before: usize) {
    let answered: Vec<_> = world.slack.calls()[before..]
        .iter()
        .filter(|call| call.status != 0)
        .map(|call| call.method.clone())
        .collect();
    assert!(answered.is_empty(), "answered meanwhile: {answered:?}");
}

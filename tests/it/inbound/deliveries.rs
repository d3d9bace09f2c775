//! The same thing delivered again: one effect.

use countersign_sandbox::slack::{Duplicates, Outgoing, sign};
use serde_json::json;

use super::wire::status;
use crate::support::{World, story::*};

const DELETE_MARIA: &str = "/ops user delete maria@example.com asked for erasure by mail";

async fn requests(world: &World) -> i64 {
    world
        .count("select count(*) from countersign.request")
        .await
}

/// As Slack would sign it now; sent twice it is the very same bytes.
fn signed(world: &World, mut request: Outgoing) -> Outgoing {
    let timestamp = countersign::runtime::Clock::now(&*world.clock).timestamp();
    request.timestamp = Some(timestamp);
    request.signature = Some(sign(world.slack.signing_secret(), timestamp, &request.body));
    request
}

async fn everything_twice(how: Duplicates) {
    let world = World::start().await;
    world.slack.faults().set_duplicates(how);
    // Signed within one second, both are the very same bytes, and either of them may be the one that counts.
    world.slack.slash(ADA, OPS, DELETE_MARIA).await.unwrap();
    let id = world.until_newer_than(None).await;
    let card = world.until_card_shows(id, "approve").await;
    assert_eq!(requests(&world).await, 1);

    let approve = world.slack.click(GRACE, APPROVALS, &card.ts, "approve");
    approve.await.unwrap();
    let view = world
        .until("a modal", async |world| {
            let view = world.slack.open_views(GRACE).pop();
            view.filter(|view| !view.all_text().contains(LOOKING))
        })
        .await
        .id;
    world.submit(GRACE, &view, "usr_1").await;
    world.until_event(id, "step_succeeded", 1).await;
    world.click(ADA, id, "stop").await;
    world.until_state(id, "stopped").await;
    world
        .until("all inbox entries are done", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;

    let names = world.event_names(id).await;
    for once in ["asked", "approved", "stopped", "rolled_back"] {
        let times = names.iter().filter(|name| *name == once).count();
        assert_eq!(times, 1, "{once} in {names:?}");
    }
    assert_eq!(requests(&world).await, 1);
    // One answer to the command, and none that speaks of the second delivery.
    let told = world.slack.ephemerals(ADA);
    let about = |words: &str| told.iter().filter(|m| m.all_text().contains(words)).count();
    assert_eq!(about("asked. The plan is being worked out"), 1, "{told:#?}");
    assert_eq!(about("open already"), 0, "{told:#?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_clicks_that_come_again_have_one_effect() {
    everything_twice(Duplicates::InTurn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_clicks_that_come_twice_at_once_have_one_effect() {
    everything_twice(Duplicates::AtOnce).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_that_comes_again_has_one_effect() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "approve").await;
    let values = json!({ "note": { "text": "usr_1" } });
    let (_, delivery) = world
        .slack
        .submit_delivery(GRACE, &view, &values)
        .await
        .unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));
    let again = world.slack.send(&delivery.unwrap().request).await;
    assert_eq!(status(&again), 200);
    world.until_state(id, "cooling off").await;
    world
        .until("all inbox entries are done", async |world| {
            let open = "select count(*) from countersign.inbox where done_at is null";
            (world.count(open).await == 0).then_some(())
        })
        .await;
    let approvals = world.event_names(id).await;
    let approvals = approvals.iter().filter(|name| *name == "approved").count();
    assert_eq!(approvals, 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_same_signed_bytes_are_refused_the_second_time() {
    let world = World::start().await;
    let text = DELETE_MARIA.trim_start_matches("/ops ");
    let command = world.slack.command_request(ADA, OPS, "/ops", text).unwrap();
    let command = signed(&world, command);
    assert_eq!(status(&world.slack.send(&command).await), 200);
    assert_eq!(status(&world.slack.send(&command).await), 401);
    let id = world.until_newer_than(None).await;
    world.until_state(id, "awaiting approval").await;
    assert_eq!(requests(&world).await, 1);
    assert_eq!(
        world.count("select count(*) from countersign.inbox").await,
        1
    );

    let card = world.until_card_shows(id, "full_plan").await;
    let pick =
        countersign_sandbox::slack::Pick::on_message(GRACE, APPROVALS, &card.ts, "full_plan");
    let click = signed(&world, world.slack.click_request(&pick).unwrap());
    assert_eq!(status(&world.slack.send(&click).await), 200);
    assert_eq!(status(&world.slack.send(&click).await), 401);

    let event = json!({ "type": "event_callback", "event_id": "Ev1", "event": { "type": "app_home_opened" } });
    let event = signed(&world, Outgoing::json("/slack/events", &event));
    assert_eq!(status(&world.slack.send(&event).await), 200);
    assert_eq!(status(&world.slack.send(&event).await), 401);
    world.finish().await;
}

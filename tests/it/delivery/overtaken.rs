//! What a newer state overtakes is not sent.

use countersign::domain::RequestId;

use crate::support::{World, story::*};

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

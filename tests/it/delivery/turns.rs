//! One writer at a time, and nobody waits for somebody else's channel.

use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_whose_turn_ran_out_does_not_post() {
    let mut world = World::start().await;
    let id = world.ask_for_maria().await;
    let view = world.open_modal(GRACE, id, "deny").await;
    let mut gate = world.slack.faults().hold("conversations.open");
    world.submit(GRACE, &view, "not this one").await;

    // Ada is to be told. The first writer hangs for longer than its turn, so another one takes over.
    let slow = gate.arrived().await.unwrap();
    world.leases_run_out().await;
    let quick = gate.arrived().await.unwrap();
    drop(gate);
    quick.release();
    world.until_told(ADA, "OPS-1001").await;
    slow.release();
    // Whoever stops with something undelivered leaves it to the next start, and there is none here.
    let what = "everything is delivered";
    world
        .until(what, async |world| {
            world.nothing_to_deliver().await.then_some(())
        })
        .await;
    world.stop().await;
    let told = world.slack.dm(ADA);
    assert_eq!(told.len(), 1, "{told:#?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_hang_take_no_place_of_a_card() {
    let world = World::start().await;
    let mut gate = world.slack.faults().hold("response_url");
    let line = "/ops user delete maria@example.com asked for erasure by mail";
    for _ in 0..9 {
        assert!(world.slack.slash(ADA, OPS, line).await.unwrap().ok());
    }
    let mut related = vec![];
    for _ in 0..4 {
        related.push(gate.arrived().await.unwrap());
    }
    let id = world.until("a request", World::newest).await;
    world.until_card_shows(id, "approve").await;
    let calls = world.slack.calls();
    let answers = calls.iter().filter(|call| call.method == "response_url");
    assert_eq!(
        answers.count(),
        4,
        "no answer takes a place that a channel needs"
    );
    drop((gate, related));
    world.finish().await;
}

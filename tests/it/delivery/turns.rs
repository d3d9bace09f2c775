//! One writer at a time.

use std::time::Duration;

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
    world.clock.advance(Duration::from_secs(31));
    let quick = gate.arrived().await.unwrap();
    drop(gate);
    quick.release();
    world.until_told(ADA, "OPS-1001").await;
    slow.release();
    world.stop().await;
    let told = world.slack.dm(ADA);
    assert_eq!(told.len(), 1, "{told:#?}");
    world.finish().await;
}

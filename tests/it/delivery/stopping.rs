//! A service that is told to stop leaves nothing half done, and does not wait for what may take long.

use crate::support::{World, story::*};

const GIVEN_BACK: &str =
    "select count(*) from countersign.inbox where done_at is null and held_until is null";

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_whose_look_up_hangs_is_given_back_and_taken_up_at_the_next_start() {
    let mut world = World::start().await;
    let mut gate = world.slack.faults().hold("users.info");
    assert!(
        world
            .slack
            .slash(ADA, OPS, "/ops whoami")
            .await
            .unwrap()
            .ok()
    );
    let hangs = gate.arrived().await.unwrap();
    world.stop().await;
    assert_eq!(world.count(GIVEN_BACK).await, 1);
    drop((gate, hangs));
    world.start_replica().await;
    let id = world.until("the request", World::newest).await;
    world.until_state(id, "done").await;
    world.finish().await;
}

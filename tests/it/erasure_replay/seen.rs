//! What people see of a replay.

use insta::assert_snapshot;

use crate::support::{World, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_a_replay_as_people_see_it() {
    let world = World::start().await;
    world.erase_maria().await;
    world.restore_maria().await;
    let id = world
        .ask(ADA, "/ops erasure replay restored from a backup")
        .await;
    let asked = world.until_card_shows(id, "approve").await;
    assert_snapshot!("card_awaiting_approval", seen(&[asked]));
    world.approve_typing(GRACE, id, "erase 1").await;
    world.cool_off().await;
    world.until_state(id, "done").await;
    let done = world.until_card_says(id, "*Done*").await;
    assert_snapshot!("card_done", seen(&[done]));
    world.finish().await;
}

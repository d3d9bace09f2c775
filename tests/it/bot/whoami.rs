//! `/ops whoami`.

use insta::assert_snapshot;

use crate::support::{World, people::VICTOR, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn everybody_learns_their_role_and_what_they_may_ask_for() {
    let world = World::start().await;
    let (_, admin) = world.answered(ADA, "/ops whoami").await;
    let (_, viewer) = world.answered(VICTOR, "/ops whoami").await;
    assert_snapshot!("told", seen(&[admin, viewer]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_refused_and_learns_nothing() {
    let world = World::start().await;
    world.slack.slash(GIL, OPS, "/ops whoami").await.unwrap();
    world.until_told(GIL, "only full members").await;
    world.finish().await;
}

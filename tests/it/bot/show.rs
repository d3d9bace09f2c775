//! `/ops show`.

use insta::assert_snapshot;

use crate::support::{World, people::VICTOR, seen::seen, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_shown_with_everything_that_happened_to_it() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    let label = world.request(id).await.label();
    let (_, told) = world.answered(VICTOR, &format!("/ops show {label}")).await;
    assert_snapshot!("shown", seen(&[told]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_there_is_refused() {
    let world = World::start().await;
    let (id, told) = world.answered(VICTOR, "/ops show ops-9999").await;
    assert!(told.all_text().contains("there is no OPS-9999"), "{told:?}");
    assert_eq!(world.request(id).await.state.word(), "refused");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_said_at_once_with_an_example() {
    let world = World::start().await;
    world
        .slack
        .slash(VICTOR, OPS, "/ops show maria")
        .await
        .unwrap();
    let told = world.until_told(VICTOR, "is not a request such as").await;
    assert!(told.all_text().contains("/ops show OPS-1042"), "{told:?}");
    assert_eq!(world.newest().await, None);
    world.finish().await;
}

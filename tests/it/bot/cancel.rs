//! `/ops cancel`.

use crate::support::{World, boundary::Boundary, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn the_requester_cancels_by_command_and_the_card_loses_its_buttons() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let label = world.request(id).await.label();
    let (_, told) = world.answered(ADA, &format!("/ops cancel {label}")).await;
    assert!(
        told.all_text().contains(&format!("{label} is cancelled")),
        "{told:?}"
    );
    world.until_state(id, "cancelled").await;
    world
        .until("a card without buttons", async |world| {
            let card = world.card(id).await;
            (!card.has_action("approve")).then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_cancels_not_even_an_admin() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let label = world.request(id).await.label();
    let (_, told) = world.answered(GRACE, &format!("/ops cancel {label}")).await;
    assert!(
        told.all_text()
            .contains("only the person who asked may cancel"),
        "{told:?}"
    );
    assert_eq!(world.request(id).await.state.word(), "awaiting approval");
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_is_not_cancelled_any_more() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    world.click(ADA, id, "cancel").await;
    world.until_state(id, "cancelled").await;
    let label = world.request(id).await.label();
    let (_, told) = world.answered(ADA, &format!("/ops cancel {label}")).await;
    assert!(
        told.all_text().contains("this request is cancelled"),
        "{told:?}"
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_somebody_approves_at_the_same_moment_the_approval_that_came_first_counts() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let label = world.request(id).await.label();
    let boundary = Boundary::at(&world, "new.name = 'cancelled'").await;
    let cancel = world.ask_freely(ADA, &format!("/ops cancel {label}")).await;
    boundary.reached(&world).await;
    world.approve(GRACE, id).await;
    world.until_event(id, "approved", 1).await;
    boundary.open().await;
    world.hurry_until_state(cancel, "refused").await;
    let told = world.told_of(ADA, cancel).await.all_text();
    assert!(
        told.contains("this request is cooling off: there is nothing to decide"),
        "{told}"
    );
    assert_eq!(world.request(id).await.state.word(), "cooling off");
    assert!(world.click(ADA, id, "stop").await.ok());
    world.hurry_until_state(id, "stopped").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_there_cannot_be_cancelled() {
    let world = World::start().await;
    let told = world.refusal_of(ADA, "/ops cancel OPS-9999").await;
    assert!(told.contains("there is no OPS-9999"), "{told}");
    world.finish().await;
}

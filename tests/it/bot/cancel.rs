//! `/ops cancel`.

use crate::support::{World, story::*};

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

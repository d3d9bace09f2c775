//! After an erasure no card names the person any more, whatever was under way.

use countersign::{journal::private_data, runtime::Clock};

use crate::support::{World, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_under_way_during_the_erasure_is_drawn_again() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let label: String = sqlx::query_scalar(
        "select text from countersign.private_text where kind = 'label' and text is not null",
    )
    .fetch_one(&world.db)
    .await
    .unwrap();
    assert!(world.card(id).await.all_text().contains(&label));

    let mut gate = world.slack.faults().hold("chat.update");
    world.click(ADA, id, "cancel").await;
    let held = gate.arrived().await.unwrap();
    private_data::erase_subject(&world.journal().pool, "usr_1", None, world.clock.now())
        .await
        .unwrap();
    held.release();
    drop(gate);
    world
        .until("cards without the person", async |world: &World| {
            let mut shown = world.slack.messages(APPROVALS);
            shown.extend(world.slack.messages(AUDIT));
            let named = shown.iter().any(|card| card.all_text().contains(&label));
            (!named).then_some(())
        })
        .await;
    world.finish().await;
}

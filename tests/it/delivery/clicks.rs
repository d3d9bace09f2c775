//! Clicks that are refused.

use std::time::Duration;

use crate::support::{World, story::*};

async fn clicks_on_their_own_request(
    world: &World,
    id: countersign::domain::RequestId,
    times: i64,
) {
    let before = answers(world).await;
    for _ in 0..times {
        world.click(ADA, id, "approve").await;
    }
    world
        .until("an answer to every click", async |world: &World| {
            (answers(world).await == before + times).then_some(())
        })
        .await;
}

async fn answers(world: &World) -> i64 {
    world.count("select count(*) from countersign.reply").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_refusal_is_on_record_once_a_minute() {
    let world = World::start().await;
    let id = world.ask_for_maria().await;
    let on_record = async || {
        let names = world.event_names(id).await;
        names.iter().filter(|it| *it == "attempt_refused").count()
    };
    clicks_on_their_own_request(&world, id, 4).await;
    assert_eq!(on_record().await, 1);
    world.clock.advance(Duration::from_secs(61));
    clicks_on_their_own_request(&world, id, 2).await;
    assert_eq!(on_record().await, 2);
    world.finish().await;
}

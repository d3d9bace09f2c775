//! How long answers are kept.

use std::time::Duration;

use crate::support::{World, people::VICTOR};

const KEPT: &str =
    "select count(*) from countersign.private_text where kind = 'answer' and text is not null";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_erased_from_the_store_after_a_week_and_stays_in_slack() {
    let world = World::start().await;
    let (id, told) = world.answered(VICTOR, "/ops requests").await;
    world.hurry_until_delivered().await;
    assert_eq!(world.count(KEPT).await, 1);
    world.clock.advance(Duration::from_secs(8 * 24 * 3600));
    world
        .hurry_until("the answer is erased", async |world| {
            (world.count(KEPT).await == 0).then_some(())
        })
        .await;
    let after = world.told_of(VICTOR, id).await;
    assert_eq!(after.all_text(), told.all_text());
    world.finish().await;
}

//! Four times a year the service asks for the review by itself.

use std::time::Duration;

use countersign::{domain::Quarter, runtime::Clock};
use countersign_sandbox::slack::{Message, Pick};

use crate::support::{World, seen::seen, story::*};

const REVIEWS: &str = "Review of the app's admins";

/// The messages that ask for a review.
fn asking(world: &World) -> Vec<Message> {
    let mut all = world.slack.messages(APPROVALS);
    all.retain(|message| message.all_text().contains(REVIEWS));
    all
}

impl World {
    /// Moves to the first days of the next quarter, whichever this one is.
    fn next_quarter(&self) -> Quarter {
        let now = || Quarter::of(Clock::now(&*self.clock));
        let this = now();
        while now() == this {
            self.clock.advance(Duration::from_secs(24 * 60 * 60));
        }
        now()
    }

    async fn until_asked_to_review(&self, says: &str) -> Message {
        self.until("the channel is asked for a review", async |world| {
            let found = asking(world).pop();
            found.filter(|message| message.all_text().contains(says))
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_quarter_begins_the_channel_is_asked_and_told_who_has_looked() {
    let mut world = World::start().await;
    world.start_replica().await;
    world.answered(ADA, "/ops whoami").await;
    assert!(
        asking(&world).is_empty(),
        "it came into use in this quarter"
    );
    let quarter = world.next_quarter();
    let asked = world.until_asked_to_review("nobody has looked yet").await;
    insta::assert_snapshot!(
        "due",
        seen(std::slice::from_ref(&asked)).replace(&quarter.to_string(), "<quarter>")
    );

    let (block, button) = asked.elements().into_iter().next().unwrap();
    let pick = Pick {
        block_id: Some(block),
        ..Pick::on_message(
            GRACE,
            APPROVALS,
            &asked.ts,
            button["action_id"].as_str().unwrap(),
        )
    };
    let delivery = world.slack.pick(&pick).await.unwrap();
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.until_told(GRACE, "who can act").await;
    let answered = world.until_asked_to_review("has looked in").await;
    insta::assert_snapshot!(
        "looked",
        seen(&[answered]).replace(&quarter.to_string(), "<quarter>")
    );
    assert_eq!(asking(&world).len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_quarter_asks_again() {
    let world = World::start().await;
    world.answered(ADA, "/ops whoami").await;
    for _ in 0..2 {
        let quarter = world.next_quarter();
        world.until_asked_to_review(&quarter.to_string()).await;
    }
    assert_eq!(asking(&world).len(), 2);
    world.finish().await;
}

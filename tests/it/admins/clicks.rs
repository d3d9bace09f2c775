//! Buttons of the review, and the last admin in every order of clicks.

use countersign::domain::RequestId;
use countersign_sandbox::slack::{Message, Pick};
use futures::StreamExt;
use serde_json::Value;

use crate::support::{Options, World, leftovers, people::VICTOR, story::*};

/// Worlds that run side by side.
const AT_ONCE: usize = 2;
const ADMINS: &str = r#"select count(*) from "User" where role::text = 'ADMIN'"#;
pub const REVIEW: &str = "/ops admins review";

impl World {
    /// Asks for a review and gives the message that shows it.
    pub async fn review(&self, who: &str) -> Message {
        let (id, _) = self.ask_and_read(who, REVIEW).await;
        let label = self.request(id).await.label();
        let mut dm = self.slack.dm(who).into_iter();
        dm.find(|message| message.text.contains(&label)).unwrap()
    }

    /// Clicks what a review offers about an account; gives the request that follows.
    pub async fn click_offer(
        &self,
        who: &str,
        review: &Message,
        operation: &str,
        user: &str,
    ) -> RequestId {
        let before = self.newest().await;
        let channel = self.slack.read(|slack| slack.dm(who).unwrap().id.clone());
        let (block, action) = offered(review, operation, user).expect("a button");
        let pick = Pick {
            block_id: Some(block),
            ..Pick::on_message(who, &channel, &review.ts, &action)
        };
        let delivery = self.slack.pick(&pick).await.unwrap();
        assert!(delivery.ok(), "{:?}", delivery.error);
        self.until_newer_than(before).await
    }
}

/// The block and the name of the button that offers an operation about an account.
pub fn offered(review: &Message, operation: &str, user: &str) -> Option<(String, String)> {
    review.elements().into_iter().find_map(|(block, element)| {
        let value: Value = serde_json::from_str(element["value"].as_str()?).ok()?;
        let fits = value["operation"] == operation && value["asking"]["arguments"]["user"] == user;
        fits.then(|| Some((block, element["action_id"].as_str()?.to_owned())))?
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_on_demote_asks_for_it_and_a_second_admin_approves() {
    let world = World::start().await;
    let review = world.review(ADA).await;
    let id = world
        .click_offer(ADA, &review, "user demote", "usr_3")
        .await;
    world
        .until_card_says(id, "admins review OPS-1001: no longer needed")
        .await;
    assert_eq!(
        world.count(ADMINS).await,
        3,
        "a click alone changes nothing"
    );
    world.approve_by_click(GRACE, id).await;
    world.until_state(id, "done").await;
    assert_eq!(world.count(ADMINS).await, 2);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_only_look_cannot_demote_by_a_click() {
    let world = World::start().await;
    let review = world.review(VICTOR).await;
    let id = world
        .click_offer(VICTOR, &review, "user demote", "usr_3")
        .await;
    world.until_state(id, "refused").await;
    world.until_told(VICTOR, "admin").await;
    assert_eq!(world.count(ADMINS).await, 3);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_on_the_same_button_leads_to_the_open_request() {
    let world = World::start().await;
    let review = world.review(ADA).await;
    let id = world
        .click_offer(ADA, &review, "user demote", "usr_3")
        .await;
    world.until_card_shows(id, "approve").await;
    let (block, action) = offered(&review, "user demote", "usr_3").unwrap();
    let channel = world.slack.read(|slack| slack.dm(ADA).unwrap().id.clone());
    let pick = Pick {
        block_id: Some(block),
        ..Pick::on_message(ADA, &channel, &review.ts, &action)
    };
    world.slack.pick(&pick).await.unwrap();
    leftovers::check(&world).await;
    assert_eq!(world.newest().await, Some(id));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_demoted_in_whatever_order_the_last_admin_stays() {
    let orders = [
        ["usr_2", "usr_3", "usr_4"],
        ["usr_2", "usr_4", "usr_3"],
        ["usr_3", "usr_2", "usr_4"],
        ["usr_3", "usr_4", "usr_2"],
        ["usr_4", "usr_2", "usr_3"],
        ["usr_4", "usr_3", "usr_2"],
    ];
    futures::stream::iter(orders)
        .for_each_concurrent(AT_ONCE, async |order| {
            all_demoted(order, Options::default()).await;
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_real_shape_the_last_admin_stays_too() {
    all_demoted(["usr_4", "usr_2", "usr_3"], Options::real()).await;
}

/// Every button is clicked before anybody approves, then all are approved in this order.
async fn all_demoted(order: [&str; 3], options: Options) {
    let world = World::with(options).await;
    let review = world.review(ADA).await;
    let mut asked = Vec::new();
    for user in order {
        let id = world.click_offer(ADA, &review, "user demote", user).await;
        world.until_card_shows(id, "approve").await;
        asked.push(id);
    }
    let mut ends = Vec::new();
    for id in asked {
        world.approve_by_click(GRACE, id).await;
        let end = world
            .until("an end", async |world| {
                let state = world.request(id).await.state.word();
                ["done", "refused"].contains(&state).then_some(state)
            })
            .await;
        ends.push(end);
    }
    assert_eq!(ends, ["done", "done", "refused"], "{order:?}");
    assert_eq!(world.count(ADMINS).await, 1, "{order:?}");
    world.finish().await;
}

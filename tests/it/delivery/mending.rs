//! What a person has to mend is waited for; what was given up has another chance.

use std::time::Duration;

use countersign::domain::RequestId;

use super::between::{Between, Refusal};
use crate::support::{World, story::*};

/// More tries than any refusal for good would be given.
const MANY: i32 = 7;

async fn asked(world: &World) -> RequestId {
    let line = "/ops user delete maria@example.com asked for erasure by mail";
    assert!(world.slack.slash(ADA, OPS, line).await.unwrap().ok());
    let id = world.until("a request", World::newest).await;
    world.until_state(id, "awaiting approval").await;
    id
}

async fn attempts(world: &World, slot: &str) -> i32 {
    let found: Option<i32> =
        sqlx::query_scalar("select attempts from countersign.message where slot = $1")
            .bind(slot)
            .fetch_optional(&world.db)
            .await
            .unwrap();
    found.unwrap_or(0)
}

/// Lets the message be refused many times, a pause after another.
async fn refused_many_times(world: &World, slot: &str) {
    world
        .hurry_until("many tries", async |world| {
            (attempts(world, slot).await >= MANY).then_some(())
        })
        .await;
}

async fn given_up(world: &World) -> Vec<String> {
    sqlx::query_scalar("select slot from countersign.message where undeliverable is not null")
        .fetch_all(&world.db)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_waits_while_its_channel_is_archived() {
    let world = World::start().await;
    let archive = |yes| {
        let edit = world.slack.edit_channel(APPROVALS, |it| it.archived = yes);
        edit.unwrap();
    };
    archive(true);
    let id = asked(&world).await;
    refused_many_times(&world, &format!("approval:{id}")).await;
    assert_eq!(given_up(&world).await, Vec::<String>::new());
    archive(false);
    world.hurry_until_delivered().await;
    world.until_card_shows(id, "approve").await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_forbids_every_post_loses_no_card_and_no_audit_entry() {
    let (world, between) = Between::world().await;
    between.refuse("chat.postMessage", Refusal::Status(403));
    let id = asked(&world).await;
    refused_many_times(&world, &format!("audit:{id}")).await;
    assert_eq!(given_up(&world).await, Vec::<String>::new());
    between.lift();
    world.hurry_until_delivered().await;
    world.until_card_shows(id, "approve").await;
    world
        .until("the audit thread", async |world: &World| {
            (world.audit_thread(id).await.len() == 3).then_some(())
        })
        .await;
    world.finish().await;
}

async fn given_up_for_its_content(world: &World, between: &Between) -> RequestId {
    between.refuse("chat.postMessage", Refusal::Code("invalid_blocks"));
    let id = asked(world).await;
    world
        .until(
            "what is refused for good is given up",
            async |world: &World| {
                let slots = given_up(world).await;
                let both = [format!("approval:{id}"), format!("audit:{id}")];
                both.iter().all(|slot| slots.contains(slot)).then_some(())
            },
        )
        .await;
    // What belongs into the audit line's thread waits for it.
    let entry = format!("audit:{id}:");
    let slots = given_up(world).await;
    assert!(
        !slots.iter().any(|slot| slot.starts_with(&entry)),
        "{slots:?}"
    );
    between.lift();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_tried_again_when_a_process_starts() {
    let (mut world, between) = Between::world().await;
    let id = given_up_for_its_content(&world, &between).await;
    world.restart().await;
    world.until_card_shows(id, "approve").await;
    world
        .until("the audit thread", async |world: &World| {
            (world.audit_thread(id).await.len() == 3).then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_tried_again_when_it_must_show_more() {
    let (mut world, between) = Between::world().await;
    let id = given_up_for_its_content(&world, &between).await;
    world.clock.advance(Duration::from_secs(4 * 60 * 60));
    world.until_state(id, "expired").await;
    let thread = world
        .until("the audit thread", async |world: &World| {
            let thread = world.audit_thread(id).await;
            (thread.len() == 4).then_some(thread)
        })
        .await;
    assert!(thread[3].all_text().contains("xpired"), "{thread:#?}");
    // A witness has nothing more to show: it is for the next start.
    world.restart().await;
    world
        .until("another chance for everything", async |world: &World| {
            given_up(world).await.is_empty().then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_in_doubt_that_may_not_be_looked_for_is_posted_again() {
    let (mut world, between) = Between::world().await;
    between.refuse("conversations.history", Refusal::Code("missing_scope"));
    between.refuse("conversations.replies", Refusal::Code("missing_scope"));
    let faults = world.slack.faults();
    faults.lose_answers(
        "chat.postMessage",
        countersign_sandbox::slack::Lost::CutOff,
        1,
    );
    let id = asked(&world).await;
    world.until_card_shows(id, "approve").await;
    world.hurry_until_delivered().await;
    world.stop().await;
    // It stands twice, which is better than not at all.
    let mut posted = world.slack.messages(APPROVALS);
    posted.extend(world.slack.messages(AUDIT));
    let keys = crate::support::once::keyed(&posted);
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(keys.len(), distinct.len() + 1, "{keys:?}");
}

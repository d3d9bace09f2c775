//! The link: for the requester alone, for an hour; and the archive's end.

use std::time::Duration;

use countersign::domain::RequestId;
use sha2::{Digest, Sha256};

use super::opened::{LINE, links};
use crate::support::{Options, World, environment::DOCUMENTS, once::results, story::*};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The link that Ada has.
async fn link(world: &World, id: RequestId) -> String {
    let message = world.told_of(ADA, id).await;
    let mut found = links(&serde_json::to_string(&message.blocks).unwrap());
    found.dedup();
    assert_eq!(found.len(), 1, "{}", message.all_text());
    found.remove(0)
}

async fn archive_is_gone(world: &World) {
    world
        .hurry_until("the archive is deleted", async |world| {
            world.s3.objects(DOCUMENTS).is_empty().then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_gives_the_archive_until_its_time_is_over() {
    let world = World::with(Options::default().with("COUNTERSIGN_LINK_EXPIRY", "10m")).await;
    let id = world.export(LINE).await;
    let link = link(&world, id).await;
    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(answer.status(), 200);
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    let bytes = answer.bytes().await.unwrap();
    let results = results(&world, id).await;
    assert_eq!(results[0].1["sha256"], hex::encode(Sha256::digest(&bytes)));
    world.clock.advance(HOUR / 6 + Duration::from_secs(1));
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 403);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_is_with_the_requester_and_nowhere_else() {
    let world = World::start().await;
    let id = world
        .export("/ops user export usr_1 asked for a copy")
        .await;
    let link = link(&world, id).await;
    assert!(link.contains("X-Amz-Expires=3600"), "it works for an hour");
    world.until_audit(id, "every step succeeded").await;
    world.until_card_says(id, "*Done*").await;
    let everybody: Vec<_> = world.slack.read(|slack| {
        let channels = slack.channels.values();
        channels
            .flat_map(|channel| channel.messages.clone())
            .collect()
    });
    let with_link = everybody
        .iter()
        .filter(|message| message.all_text().contains("X-Amz-"))
        .count();
    assert_eq!(with_link, 1, "only in Ada's direct messages");
    let in_journal = "select count(*) from countersign.event where body like '%X-Amz-%'";
    assert_eq!(world.count(in_journal).await, 0);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_deletes_the_archive_after_a_day_also_when_it_was_restarted() {
    let mut world = World::start().await;
    let id = world.export(LINE).await;
    world.archive(id).await;
    world.restart().await;
    world.clock.advance(23 * HOUR);
    world.archive(id).await;
    world.clock.advance(HOUR);
    archive_is_gone(&world).await;
    let open = "select count(*) from countersign.export_archive where deleted_at is null";
    world
        .until("it is on record", async |world| {
            (world.count(open).await == 0).then_some(())
        })
        .await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_the_person_deletes_the_archive_too() {
    let world = World::start().await;
    let id = world.export(LINE).await;
    world.archive(id).await;
    let deletion = world.ask_for_maria().await;
    world.approve(GRACE, deletion).await;
    world.cool_off().await;
    world.until_state(deletion, "done").await;
    let left = world.s3.objects(DOCUMENTS);
    assert!(
        left.iter().all(|one| one.key.starts_with("certificates/")),
        "{left:?}"
    );
    let results = results(&world, deletion).await;
    let objects = results.iter().find(|(step, _)| step == "objects").unwrap();
    assert_eq!(objects.1["export_archives_deleted"], 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_a_restored_store_knows_nothing_of_is_deleted_when_its_time_is_over() {
    let world = World::start().await;
    let id = world.export(LINE).await;
    world.run("delete from countersign.export_archive").await;
    let certificate = "certificates/OPS-1.json";
    world
        .s3
        .put(DOCUMENTS, certificate, "{}", "application/json")
        .unwrap();
    world.clock.advance(23 * HOUR);
    let other = world
        .export("/ops user export usr_9 asked for a copy")
        .await;
    let of = |request: RequestId| {
        let number = format!("-{}", if request == id { 1001 } else { 1002 });
        move |key: &str| key.starts_with("exports/") && key.contains(&number)
    };
    let there = |request| {
        world
            .s3
            .objects(DOCUMENTS)
            .iter()
            .any(|one| of(request)(&one.key))
    };
    assert!(there(id) && there(other));
    world.clock.advance(HOUR);
    world
        .hurry_until("the unknown archive is deleted", async |_| {
            (!there(id)).then_some(())
        })
        .await;
    assert!(there(other), "its time is not over");
    let left = world.s3.objects(DOCUMENTS);
    assert!(left.iter().any(|one| one.key == certificate), "{left:?}");
    world.finish().await;
}

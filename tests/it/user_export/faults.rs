//! S3 fails, or the program does, while an archive is written: in the end there is one archive, or nothing.

use std::time::Duration;

use countersign_sandbox::s3::{Failure, Times};

use super::opened::{LINE, Opened, WITH_FILES, links};
use crate::support::{World, boundary::Boundary, environment::DOCUMENTS, story::*};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_fails_for_a_while_is_begun_anew_and_leaves_nothing_half() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    let faults = world.s3.faults();
    faults.fail_calls("UploadPart", Failure::SlowDown, Times::UntilCleared);
    world.countersign(GRACE, id).await;
    world
        .hurry_until("a pause", async |world| {
            let names = world.event_names(id).await;
            names.contains(&"step_deferred".to_owned()).then_some(())
        })
        .await;
    faults.clear();
    world.hurry_until_state(id, "done").await;
    world.opened(id).await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_refused_stops_the_run_and_leaves_nothing() {
    let world = World::start().await;
    let id = world
        .ask(ADA, "/ops user export usr_1 asked for a copy")
        .await;
    let faults = world.s3.faults();
    faults.fail_calls(
        "CompleteMultipartUpload",
        Failure::AccessDenied,
        Times::UntilCleared,
    );
    world.countersign(GRACE, id).await;
    world.until_state(id, "failed").await;
    world.until_card_says(id, "AccessDenied").await;
    assert!(world.s3.objects(DOCUMENTS).is_empty());
    assert!(world.s3.uploads(DOCUMENTS).is_empty());
    faults.clear();
    let delivery = world.click(GRACE, id, "resume").await;
    assert!(delivery.ok(), "{:?}", delivery.error);
    world.hurry_until_state(id, "done").await;
    world.opened(id).await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_the_last_call_of_the_upload_is_settled_by_looking() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    let faults = world.s3.faults();
    faults.lose_answers("CompleteMultipartUpload", Times::First(1));
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    world.opened(id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_that_was_settled_could_not_clear_away_is_cleared_later() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    let faults = world.s3.faults();
    for call in ["CompleteMultipartUpload", "AbortMultipartUpload"] {
        faults.fail_calls(call, Failure::AccessDenied, Times::UntilCleared);
    }
    world.countersign(GRACE, id).await;
    world.until_state(id, "failed").await;
    assert_eq!(world.s3.uploads(DOCUMENTS).len(), 1);
    faults.clear();
    let view = world.open_modal(GRACE, id, "settle").await;
    world.submit(GRACE, &view, "she got it by letter").await;
    world.until_state(id, "settled").await;
    world
        .hurry_until("no half upload", async |world| {
            world.s3.uploads(DOCUMENTS).is_empty().then_some(())
        })
        .await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_during_the_upload_leaves_nothing_half_and_the_next_start_makes_the_archive() {
    let mut world = World::start().await;
    let id = world.ask(ADA, WITH_FILES).await;
    let gate = world.s3.faults().hold("UploadPart");
    world.countersign(GRACE, id).await;
    gate.arrived().await;
    assert_eq!(world.s3.uploads(DOCUMENTS).len(), 1);
    world.crash().await;
    gate.drop_connections();
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    world.opened(id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_archive_and_its_entry_makes_no_second_archive() {
    let mut world = World::start().await;
    let id = world
        .ask(ADA, "/ops user export usr_1 asked for a copy")
        .await;
    let boundary = Boundary::at(
        &world,
        "new.name = 'step_succeeded' and new.body like '%archive%'",
    )
    .await;
    world.countersign(GRACE, id).await;
    boundary.reached(&world).await;
    let before = world.s3.objects(DOCUMENTS);
    world.crash().await;
    boundary.roll_back(&world).await;
    world.holds_run_out().await;
    world.start_replica().await;
    world.hurry_until_state(id, "done").await;
    assert_eq!(world.s3.objects(DOCUMENTS), before);
    world.opened(id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_deleted_before_it_is_read_is_named_as_gone() {
    let world = World::start().await;
    let id = world.ask(ADA, WITH_FILES).await;
    let gate = world.s3.faults().hold("GetObject");
    world.countersign(GRACE, id).await;
    gate.arrived().await;
    // The files are read in the order of their keys: the last one is not asked for yet.
    let key = "user-usr_1/tests/9/answer-3.webm";
    let bucket = countersign_sandbox::data::BUCKET;
    world
        .s3
        .set_versioning(bucket, countersign_sandbox::s3::Versioning::Suspended)
        .unwrap();
    erase(&world, bucket, key).await;
    gate.release();
    world.hurry_until_state(id, "done").await;
    let opened: Opened = world.opened(id).await;
    let listed = opened.lines("files.jsonl");
    let gone = listed.iter().find(|line| line["key"] == key).unwrap();
    assert!(gone["in_archive"].is_null(), "{gone}");
    assert!(gone["note"].as_str().unwrap().contains("deleted"), "{gone}");
    world.finish().await;
}

/// Erases every version of a key, past the service under test.
async fn erase(world: &World, bucket: &str, key: &str) {
    use crate::support::environment::{ACCESS_KEY, SECRET_KEY};
    use countersign::systems::object_store::{Credentials, ObjectKey, ObjectStore, Settings};
    let mut settings = Settings::new(bucket, countersign_sandbox::data::REGION);
    settings.endpoint = Some(world.s3.endpoint().parse().unwrap());
    settings.credentials = Credentials::Keys {
        access_key_id: ACCESS_KEY.to_owned(),
        secret_access_key: SECRET_KEY.to_owned(),
        session_token: None,
    };
    let store = ObjectStore::connect(settings, world.clock.clone())
        .await
        .unwrap();
    let key = ObjectKey::new(key).unwrap();
    let found = store.find(&[], &[key]).await.unwrap();
    assert!(!found.is_empty());
    assert!(store.erase_list(found.objects).await.unwrap().is_complete());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_link_and_its_entry_hands_one_link_over() {
    let mut world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    let linked = "new.name = 'step_succeeded' and new.body like '%link_works_until%'";
    let boundary = Boundary::at(&world, linked).await;
    world.countersign(GRACE, id).await;
    world.crash_after_effect(boundary).await;
    world.hurry_until_state(id, "done").await;
    let answers = "select count(*) from countersign.private_text where kind = 'answer'";
    assert_eq!(world.count(answers).await, 1);
    let told = world.told_of(ADA, id).await;
    let mut handed = links(&serde_json::to_string(&told.blocks).unwrap());
    handed.dedup();
    assert_eq!(handed.len(), 1, "{}", told.all_text());
    assert_eq!(reqwest::get(&handed[0]).await.unwrap().status(), 200);
    world.opened(id).await;
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_whose_time_is_over_before_the_link_is_made_is_not_handed_over() {
    let world = World::start().await;
    let id = world.ask(ADA, LINE).await;
    let linking = "new.name = 'step_started' and new.body like '%\"link\"%'";
    let boundary = Boundary::at(&world, linking).await;
    world.countersign(GRACE, id).await;
    boundary.reached(&world).await;
    world.clock.advance(Duration::from_secs(25 * 60 * 60));
    boundary.open().await;
    world.hurry_until_state(id, "failed").await;
    world
        .until_card_says(
            id,
            "the archive is not there any more: ask for a new export",
        )
        .await;
    world
        .hurry_until("the archive is deleted", async |world| {
            world.s3.objects(DOCUMENTS).is_empty().then_some(())
        })
        .await;
    let view = world.open_modal(GRACE, id, "settle").await;
    world.submit(GRACE, &view, "asked for a new one").await;
    world.until_state(id, "settled").await;
    world.hurry_until_delivered().await;
    world.finish().await;
}

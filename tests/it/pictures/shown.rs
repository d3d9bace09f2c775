use super::{LINE, drawn, file_of, files};
use crate::support::{World, people::VICTOR, story::*};
use countersign_sandbox::slack::Lost;

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_of_an_answer_stands_in_the_direct_message_alone() {
    let world = World::start().await;
    let (id, told) = world.answered(VICTOR, LINE).await;
    let file = file_of(&told).unwrap();
    let stored = files(&world);
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].id, file);
    assert!(stored[0].shares.is_empty(), "no channel was given the file");
    assert_eq!(stored[0].content, drawn(&world, id).await);
    let page = format!("{}/sandbox/files/{file}", world.slack.base_url());
    let shown = reqwest::get(page).await.unwrap();
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(shown.bytes().await.unwrap(), stored[0].content);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_drawn_again_uploads_nothing_again() {
    let world = World::start().await;
    let (id, told) = world.answered(VICTOR, LINE).await;
    sqlx::query("update countersign.message set generation = generation + 1 where request_id = $1")
        .bind(id.0)
        .execute(&world.db)
        .await
        .unwrap();
    world.hurry_until_delivered().await;
    let again = world.told_of(VICTOR, id).await;
    assert!(again.edited.is_some());
    assert_eq!(file_of(&again), file_of(&told));
    assert_eq!(files(&world).len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_slack_still_works_on_is_shown_once_it_is_ready() {
    let world = World::start().await;
    world.slack.set_file_work(chrono::TimeDelta::seconds(4));
    let (_, told) = world.answered(VICTOR, LINE).await;
    assert!(file_of(&told).is_some());
    assert_eq!(
        files(&world).len(),
        1,
        "it waited, and uploaded nothing again"
    );
    let refused = world.slack.calls().into_iter().filter(|call| {
        call.method == "chat.postMessage" && call.error.as_deref() == Some("invalid_blocks")
    });
    assert!(refused.count() > 0, "it was refused at first");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_answer_is_lost_is_made_again_and_the_message_stands_once() {
    let world = World::start().await;
    let faults = world.slack.faults();
    faults.lose_answers("files.completeUploadExternal", Lost::CutOff, 1);
    let (_, told) = world.answered(VICTOR, LINE).await;
    assert!(file_of(&told).is_some());
    assert_eq!(files(&world).len(), 2, "the first one is an orphan");
    assert_eq!(world.slack.dm(VICTOR).len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_upload_leaves_an_orphan_and_one_message() {
    let mut world = World::start().await;
    let mut gate = world
        .slack
        .faults()
        .hold_answer("files.completeUploadExternal");
    world.slack.slash(VICTOR, OPS, LINE).await.unwrap();
    let held = gate.arrived().await.unwrap();
    world.crash().await;
    held.hang_up();
    drop(gate);
    world.start_replica().await;
    let id = world.newest().await.unwrap();
    let told = world.told_of(VICTOR, id).await;
    assert!(file_of(&told).is_some());
    assert_eq!(world.slack.dm(VICTOR).len(), 1);
    world.finish().await;
}

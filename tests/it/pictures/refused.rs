use super::{LINE, file_of, files};
use crate::support::{World, people::VICTOR, story::*};
use countersign_sandbox::slack::{Call, Outage};

/// The words that stand where the picture would.
const WORDS: &str = "New accounts on each of the last 30 days";

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_upload_the_picture_is_told_in_words() {
    let world = World::start().await;
    world.slack.revoke_scope("files:write");
    let (_, told) = world.answered(VICTOR, LINE).await;
    assert!(told.all_text().contains(WORDS), "{told:?}");
    assert_eq!(file_of(&told), None);
    assert!(files(&world).is_empty());
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_slack_never_takes_is_told_in_words_and_not_uploaded_again() {
    let world = World::start().await;
    world.slack.set_file_work(chrono::TimeDelta::days(300));
    world.slack.slash(VICTOR, OPS, LINE).await.unwrap();
    let told = world
        .hurry_until("the answer in words", async |world| {
            let told = world.slack.dm(VICTOR).into_iter();
            told.rev()
                .find(|message| message.all_text().contains(WORDS))
        })
        .await;
    assert_eq!(file_of(&told), None);
    assert_eq!(files(&world).len(), 1);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_minutes_costs_no_picture() {
    let world = World::start().await;
    let mut gate = world.slack.faults().hold("files.getUploadURLExternal");
    world.slack.slash(VICTOR, OPS, LINE).await.unwrap();
    let held = gate.arrived().await.unwrap();
    let id = world.newest().await.unwrap();
    world.slack.faults().set_outage(Outage::Unavailable);
    held.hang_up();
    drop(gate);
    let calls = world.slack.calls().len();
    world
        .hurry_until(
            "many failed calls, of which the last is of a whole try",
            async |world| {
                let all = world.slack.calls();
                let of_answer = |call: &&Call| {
                    call.method.starts_with("files.")
                        || call.method == "conversations.open"
                        || call.args["channel"]
                            .as_str()
                            .is_some_and(|it| it.starts_with('D'))
                };
                let last = all.iter().rev().find(of_answer)?;
                let is_over = last.error.is_some() && !last.method.starts_with("files.");
                (all.len() > calls + 40 && is_over).then_some(())
            },
        )
        .await;
    world.slack.faults().set_outage(Outage::Off);
    world.hurry_until_delivered().await;
    let told = world.told_of(VICTOR, id).await;
    assert!(file_of(&told).is_some(), "{told:?}");
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_the_scopes_that_the_app_lacks() {
    let world = World::start().await;
    world.slack.revoke_scope("files:write");
    let settings = countersign::config::Settings::from_parts(None, &world.environment).unwrap();
    let clock: countersign::runtime::SharedClock = world.clock.clone();
    let parts = countersign::service::Parts::assemble(&settings, clock)
        .await
        .unwrap();
    let report = countersign::service::checks::doctor(&settings, &parts).await;
    let found = report.0.iter().find(|one| one.name == "the app's scopes");
    let says = &found.unwrap().says;
    assert!(says.starts_with("files:write missing"), "{says}");
    world.finish().await;
}

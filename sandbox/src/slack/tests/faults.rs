//! Faults and gates.

use serde_json::json;

use super::{app::App, call, read, start};
use crate::slack::{Duplicates, Lost, Outage, Settings, Workspace};

async fn post(slack: &Workspace) -> Result<u16, reqwest::Error> {
    let url = format!("{}/chat.postMessage", slack.api_url());
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth(slack.bot_token());
    Ok(request
        .json(&json!({"channel": "C0OPS", "text": "x"}))
        .send()
        .await?
        .status()
        .as_u16())
}

#[tokio::test]
async fn in_an_outage_every_call_fails_and_has_no_effect() {
    let slack = start(Settings::default()).await;
    slack.faults().set_outage(Outage::Unavailable);
    assert_eq!(post(&slack).await.unwrap(), 503);
    slack.faults().set_outage(Outage::CutOff);
    assert!(post(&slack).await.is_err());
    assert!(slack.messages("C0OPS").is_empty());
    slack.faults().clear();
    assert_eq!(post(&slack).await.unwrap(), 200);
    slack.stop().await;
}

#[tokio::test]
async fn a_lost_answer_leaves_the_message_behind() {
    let slack = start(Settings::default()).await;
    slack
        .faults()
        .lose_answers("chat.postMessage", Lost::CutOff, 1);
    assert!(post(&slack).await.is_err());
    assert_eq!(slack.messages("C0OPS").len(), 1);
    assert_eq!(post(&slack).await.unwrap(), 200);
    slack.stop().await;
}

#[tokio::test]
async fn one_method_can_be_limited_while_others_work() {
    let slack = start(Settings::default()).await;
    slack.faults().limit(Some("chat.postMessage"), 7);
    assert_eq!(post(&slack).await.unwrap(), 429);
    assert_eq!(read(&slack, "auth.test", &[]).await["ok"], true);
    slack.stop().await;
}

#[tokio::test]
async fn a_gate_holds_a_call_until_it_is_released_or_cut_off() {
    let slack = start(Settings::default()).await;
    let mut gate = slack.faults().hold("chat.postMessage");
    let (first, other) = (slack.clone(), slack.clone());
    let first = tokio::spawn(async move { post(&first).await });
    let held = gate.arrived().await.unwrap();
    assert_eq!(held.call.args["text"], "x");
    assert!(
        slack.messages("C0OPS").is_empty(),
        "nothing happens before the release"
    );
    held.release();
    assert_eq!(first.await.unwrap().unwrap(), 200);
    let second = tokio::spawn(async move { post(&other).await });
    gate.arrived().await.unwrap().hang_up();
    assert!(second.await.unwrap().is_err());
    assert_eq!(slack.messages("C0OPS").len(), 1);
    drop(gate);
    assert_eq!(post(&slack).await.unwrap(), 200);
    slack.stop().await;
}

#[tokio::test]
async fn a_duplicated_click_is_the_same_body_twice() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    for duplicates in [Duplicates::InTurn, Duplicates::AtOnce] {
        slack.faults().set_duplicates(duplicates);
        let delivery = slack.slash("U0ADA", "C0OPS", "/ops help").await.unwrap();
        assert_eq!(delivery.again.as_ref(), Some(&delivery.outcome));
    }
    let got = app.received();
    assert_eq!(got.len(), 4);
    assert_eq!(got[0].body, got[1].body);
    assert_ne!(got[0].body, got[2].body);
    slack.stop().await;
}

#[tokio::test]
async fn a_wait_is_woken_by_the_change_and_its_error_shows_what_there_was() {
    let slack = start(Settings {
        wait_limit: std::time::Duration::from_millis(50),
        ..Settings::default()
    })
    .await;
    let error = slack
        .wait_until("a reply", |world| world.messages("C0OPS").pop().cloned())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("a reply"));
    call(
        &slack,
        "chat.postMessage",
        json!({"channel": "C0OPS", "text": "there"}),
    )
    .await;
    let found = slack
        .wait_until("a message", |world| world.messages("C0OPS").pop().cloned())
        .await
        .unwrap();
    assert_eq!(found.text, "there");
    let error = slack.wait_until::<()>("never", |_| None).await.unwrap_err();
    assert!(error.to_string().contains("there"), "{error}");
    slack.stop().await;
}

#[tokio::test]
async fn every_message_and_view_is_on_record_for_a_checker() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sent.jsonl");
    let slack = start(Settings {
        record: Some(path.clone()),
        ..Settings::default()
    })
    .await;
    call(
        &slack,
        "chat.postMessage",
        json!({"channel": "C0OPS", "text": "a", "blocks": [{"type": "divider"}]}),
    )
    .await;
    let home = json!({"type": "home", "blocks": [{"type": "divider"}]});
    call(
        &slack,
        "views.publish",
        json!({"user_id": "U0ADA", "view": home}),
    )
    .await;
    let lines = std::fs::read_to_string(path).unwrap();
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!([&lines[0]["kind"], &lines[1]["kind"]], ["message", "home"]);
    assert_eq!(lines[0]["body"]["blocks"][0]["type"], "divider");
    slack.stop().await;
}

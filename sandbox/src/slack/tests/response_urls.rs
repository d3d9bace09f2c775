//! The limits of response URLs.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Clock, app::App, call, start};
use crate::slack::Workspace;

async fn answer(url: &str, body: &Value) -> (u16, String) {
    let response = reqwest::Client::new()
        .post(url)
        .json(body)
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn by_command(slack: &Workspace, app: &App) -> String {
    slack.slash("U0ADA", "C0OPS", "/ops help").await.unwrap();
    app.received().pop().unwrap().field("response_url")
}

async fn by_click(slack: &Workspace, app: &App) -> (String, String) {
    let body = json!({"channel": "C0OPS", "text": "card", "blocks": [{"type": "actions", "elements": [
        {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}},
    ]}]});
    let ts = call(slack, "chat.postMessage", body).await["ts"]
        .as_str()
        .unwrap()
        .to_owned();
    slack.click("U0ADA", "C0OPS", &ts, "go").await.unwrap();
    (
        app.received().pop().unwrap().payload()["response_url"]
            .as_str()
            .unwrap()
            .to_owned(),
        ts,
    )
}

#[tokio::test]
async fn it_takes_five_messages_and_not_a_sixth() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let url = by_command(&slack, &app).await;
    for _ in 0..5 {
        assert_eq!(
            answer(&url, &json!({"text": "x"})).await,
            (200, "ok".into())
        );
    }
    assert_eq!(
        answer(&url, &json!({"text": "x"})).await,
        (404, "used_url".into())
    );
    assert_eq!(
        slack.ephemerals("U0ADA").len(),
        5,
        "ephemeral unless it says otherwise"
    );
    slack.stop().await;
}

#[tokio::test]
async fn it_ends_after_thirty_minutes() {
    let clock = Clock::new();
    let slack = start(clock.settings()).await;
    let app = App::start(&slack).await;
    let url = by_command(&slack, &app).await;
    clock.forward(TimeDelta::minutes(30));
    assert_eq!(
        answer(&url, &json!({"text": "x", "response_type": "in_channel"}))
            .await
            .0,
        200
    );
    clock.forward(TimeDelta::seconds(1));
    assert_eq!(
        answer(&url, &json!({"text": "x"})).await,
        (404, "expired_url".into())
    );
    assert_eq!(slack.messages("C0OPS").len(), 1);
    slack.stop().await;
}

#[tokio::test]
async fn replacing_works_for_a_click_and_posts_anew_for_a_command() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let url = by_command(&slack, &app).await;
    answer(&url, &json!({"text": "one"})).await;
    answer(&url, &json!({"text": "two", "replace_original": true})).await;
    assert_eq!(slack.ephemerals("U0ADA").len(), 2);
    let (url, ts) = by_click(&slack, &app).await;
    answer(&url, &json!({"text": "done", "replace_original": true})).await;
    let card = slack
        .read(|world| world.message("C0OPS", &ts).cloned())
        .unwrap();
    assert_eq!((card.text.as_str(), card.blocks.len()), ("done", 0));
    answer(&url, &json!({"delete_original": true})).await;
    assert!(slack.messages("C0OPS").is_empty());
    slack.stop().await;
}

#[tokio::test]
async fn malformed_blocks_are_refused_and_noted() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let url = by_command(&slack, &app).await;
    let (status, error) = answer(&url, &json!({"blocks": [{"type": "nonsense"}]})).await;
    assert_eq!(status, 400);
    assert!(error.starts_with("invalid_blocks"), "{error}");
    assert_eq!(slack.unexpected().len(), 1);
    slack.stop().await;
}

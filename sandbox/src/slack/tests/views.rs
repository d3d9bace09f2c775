//! Modals and Home tabs.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Clock, app::App, call, start};
use crate::slack::{Submission, Workspace};

fn modal(title: &str) -> Value {
    json!({"type": "modal", "callback_id": "ask", "title": {"type": "plain_text", "text": title},
    "submit": {"type": "plain_text", "text": "Go"}, "blocks": [{
        "type": "input", "block_id": "reason", "label": {"type": "plain_text", "text": "Reason"},
        "element": {"type": "plain_text_input", "action_id": "text", "max_length": 5},
    }]})
}

async fn trigger(slack: &Workspace, app: &App) -> String {
    slack.slash("U0ADA", "C0OPS", "/ops").await.unwrap();
    app.received().pop().unwrap().field("trigger_id")
}

async fn open(slack: &Workspace, app: &App, view: Value) -> Value {
    let trigger = trigger(slack, app).await;
    call(
        slack,
        "views.open",
        json!({"trigger_id": trigger, "view": view}),
    )
    .await
}

#[tokio::test]
async fn a_trigger_lives_three_seconds_and_works_once() {
    let clock = Clock::new();
    let slack = start(clock.settings()).await;
    let app = App::start(&slack).await;
    let (first, second) = (trigger(&slack, &app).await, trigger(&slack, &app).await);
    let body = |trigger: &str| json!({"trigger_id": trigger, "view": modal("One")});
    clock.forward(TimeDelta::seconds(3));
    assert_eq!(call(&slack, "views.open", body(&first)).await["ok"], true);
    assert_eq!(
        call(&slack, "views.open", body(&first)).await["error"],
        "exchanged_trigger_id"
    );
    clock.forward(TimeDelta::milliseconds(1));
    assert_eq!(
        call(&slack, "views.open", body(&second)).await["error"],
        "expired_trigger_id"
    );
    assert_eq!(
        call(&slack, "views.open", body("1.2.3")).await["error"],
        "invalid_trigger_id"
    );
    slack.stop().await;
}

#[tokio::test]
async fn a_malformed_view_is_refused_with_the_place_of_the_fault() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let mut view = modal("One");
    view["title"]["text"] = "x".repeat(25).into();
    let answer = open(&slack, &app, view).await;
    assert_eq!(answer["error"], "invalid_arguments");
    let message = &answer["response_metadata"]["messages"][0];
    assert_eq!(
        message,
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    );
    slack.stop().await;
}

#[tokio::test]
async fn an_update_with_a_stale_hash_conflicts_and_what_was_typed_stays() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let view = open(&slack, &app, modal("One")).await["view"].clone();
    let id = view["id"].as_str().unwrap();
    let error = "Please enter a shorter text.".to_owned();
    let typed = slack
        .submit("U0ADA", id, &json!({"reason": {"text": "too long"}}))
        .await
        .unwrap();
    assert_eq!(
        typed,
        Submission::Errors(BTreeMap::from([("reason".into(), error)]))
    );
    let update = |hash: &Value| json!({"view_id": id, "hash": hash, "view": modal("Two")});
    let updated = call(&slack, "views.update", update(&view["hash"])).await;
    assert_eq!(
        updated["view"]["state"]["values"]["reason"]["text"]["value"],
        "too long"
    );
    assert_eq!(
        call(&slack, "views.update", update(&view["hash"])).await["error"],
        "hash_conflict"
    );
    assert_eq!(
        call(&slack, "views.update", update(&json!(""))).await["error"],
        "hash_conflict"
    );
    let gone = json!({"view_id": "V0NONE", "view": modal("Two")});
    assert_eq!(
        call(&slack, "views.update", gone).await["error"],
        "not_found"
    );
    slack.stop().await;
}

#[tokio::test]
async fn a_submission_does_what_the_answer_says() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let view = open(&slack, &app, modal("One")).await["view"].clone();
    let id = view["id"].as_str().unwrap().to_owned();
    let values = json!({"reason": {"text": "why"}});
    let submit = || async { slack.submit("U0ADA", &id, &values).await.unwrap() };

    app.next_json(&json!({"response_action": "errors", "errors": {"reason": "No."}}));
    assert_eq!(
        submit().await,
        Submission::Errors(BTreeMap::from([("reason".into(), "No.".into())]))
    );
    app.next_json(&json!({"response_action": "errors", "errors": {"nothing": "No."}}));
    assert!(
        matches!(submit().await, Submission::Trouble(_)),
        "errors name input blocks"
    );
    app.next_json(&json!({"ok": true}));
    assert!(
        matches!(submit().await, Submission::Trouble(_)),
        "Slack takes no other body"
    );
    assert_eq!(slack.unexpected().len(), 2);
    app.next_json(&json!({"response_action": "push", "view": modal("Two")}));
    assert_eq!(submit().await, Submission::Updated);
    assert_eq!(slack.open_views("U0ADA").len(), 2);
    let top = slack.open_views("U0ADA").pop().unwrap();
    assert_eq!(
        (top.previous.as_deref(), top.root.as_str()),
        (Some(id.as_str()), id.as_str())
    );
    app.next_json(&json!({"response_action": "clear"}));
    assert_eq!(
        slack.submit("U0ADA", &top.id, &values).await.unwrap(),
        Submission::Closed
    );
    assert!(slack.open_views("U0ADA").is_empty());
    let payload = app.received()[1].payload();
    assert_eq!(
        payload["view"]["state"]["values"]["reason"]["text"]["value"],
        "why"
    );
    assert_eq!(payload["view"]["callback_id"], "ask");
    slack.stop().await;
}

#[tokio::test]
async fn no_more_than_three_modals_lie_on_top_of_one_another() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    open(&slack, &app, modal("One")).await;
    for expected in [json!(true), json!(true), json!(false)] {
        let trigger = trigger(&slack, &app).await;
        let pushed = call(
            &slack,
            "views.push",
            json!({"trigger_id": trigger, "view": modal("More")}),
        )
        .await;
        assert_eq!(pushed["ok"], expected, "{pushed}");
    }
    slack.stop().await;
}

#[tokio::test]
async fn the_app_hears_of_a_closed_modal_only_where_it_asked_to() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let quiet = open(&slack, &app, modal("One")).await["view"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        slack
            .close_view("U0ADA", &quiet, false)
            .await
            .unwrap()
            .is_none()
    );
    let mut view = modal("One");
    view["notify_on_close"] = true.into();
    let id = open(&slack, &app, view).await["view"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        slack
            .close_view("U0ADA", &id, true)
            .await
            .unwrap()
            .unwrap()
            .ok()
    );
    let payload = app.received().pop().unwrap().payload();
    assert_eq!(
        (&payload["type"], &payload["is_cleared"]),
        (&json!("view_closed"), &json!(true))
    );
    slack.stop().await;
}

#[tokio::test]
async fn a_home_tab_is_published_and_shown_to_the_app_when_it_is_opened() {
    let slack = start(Clock::new().settings()).await;
    let app = App::start(&slack).await;
    let home = json!({"type": "home", "blocks": [{"type": "divider"}]});
    let published = call(
        &slack,
        "views.publish",
        json!({"user_id": "U0ADA", "view": home}),
    )
    .await;
    let stale = json!({"user_id": "U0ADA", "view": home, "hash": "1.x"});
    assert_eq!(
        call(&slack, "views.publish", stale).await["error"],
        "hash_conflict"
    );
    slack.open_home("U0ADA").await.unwrap();
    let event: Value = serde_json::from_str(&app.received()[0].body).unwrap();
    assert_eq!(event["event"]["view"]["id"], published["view"]["id"]);
    slack.stop().await;
}

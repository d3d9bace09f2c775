//! The API of the page.

use serde_json::{Value, json};

use super::{app::App, call, start};
use crate::slack::{Panel, PanelRow, Settings, Workspace};

async fn get(slack: &Workspace, path: &str) -> Value {
    reqwest::get(format!("{}{path}", slack.base_url()))
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

async fn post(slack: &Workspace, path: &str, body: Value) -> Value {
    let url = format!("{}{path}", slack.base_url());
    reqwest::Client::new()
        .post(url)
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

#[tokio::test]
async fn the_workspace_is_shown_as_one_person_sees_it() {
    let slack = start(Settings::default()).await;
    let seen = get(&slack, "/sandbox/api/workspace?as=U0GIL").await;
    let names: Vec<_> = seen["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["name"])
        .collect();
    assert_eq!(names, ["ops"], "a guest sees only their channel");
    let people: Vec<_> = seen["personas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_str().unwrap())
        .collect();
    assert!(
        people.contains(&"U0ADA") && !people.contains(&"U0DANA") && !people.contains(&"U0BOTTY"),
        "{people:?}"
    );
    call(
        &slack,
        "chat.postMessage",
        json!({"channel": "U0ADA", "text": "hello"}),
    )
    .await;
    let seen = get(&slack, "/sandbox/api/workspace?as=U0ADA").await;
    assert_eq!(
        seen["channels"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|c| c["kind"] == "dm")
            .count(),
        1
    );
    slack.stop().await;
}

#[tokio::test]
async fn messages_show_threads_and_only_ones_own_ephemerals() {
    let slack = start(Settings::default()).await;
    let parent = call(
        &slack,
        "chat.postMessage",
        json!({"channel": "C0OPS", "text": "p"}),
    )
    .await["ts"]
        .clone();
    call(
        &slack,
        "chat.postMessage",
        json!({"channel": "C0OPS", "text": "r", "thread_ts": parent}),
    )
    .await;
    call(
        &slack,
        "chat.postEphemeral",
        json!({"channel": "C0OPS", "user": "U0ADA", "text": "e"}),
    )
    .await;
    let mine = get(&slack, "/sandbox/api/messages?channel=C0OPS&as=U0ADA").await;
    let shown: Vec<_> = mine["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (&m["text"], &m["ephemeral"]))
        .collect();
    assert_eq!(
        shown,
        [(&json!("p"), &json!(false)), (&json!("e"), &json!(true))]
    );
    assert_eq!(mine["messages"][0]["reply_count"], 1);
    let others = get(&slack, "/sandbox/api/messages?channel=C0OPS&as=U0GRACE").await;
    assert_eq!(others["messages"].as_array().unwrap().len(), 1);
    let path = format!(
        "/sandbox/api/thread?channel=C0OPS&ts={}&as=U0ADA",
        parent.as_str().unwrap()
    );
    assert_eq!(get(&slack, &path).await["messages"][1]["text"], "r");
    slack.stop().await;
}

#[tokio::test]
async fn a_person_says_clicks_and_submits_through_the_page() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    let say = |text: &str| json!({"as": "U0ADA", "channel": "C0OPS", "text": text});
    assert_eq!(
        post(&slack, "/sandbox/api/say", say("hello")).await,
        json!({"ok": true})
    );
    app.next(500, "text/plain", "");
    let failed = post(&slack, "/sandbox/api/say", say("/ops help")).await;
    assert_eq!(failed, json!({"ok": false, "error": "http_service_error"}));
    let body = json!({"channel": "C0OPS", "text": "card", "blocks": [{"type": "actions", "block_id": "b", "elements": [
        {"type": "button", "action_id": "go", "value": "v", "text": {"type": "plain_text", "text": "Go"}},
        {"type": "static_select", "action_id": "pick", "options": [
            {"text": {"type": "plain_text", "text": "One"}, "value": "1"}]},
    ]}]});
    let ts = call(&slack, "chat.postMessage", body).await["ts"].clone();
    let button = json!({"as": "U0ADA", "channel": "C0OPS", "ts": ts, "block_id": "b", "action_id": "go", "value": "v"});
    assert_eq!(
        post(&slack, "/sandbox/api/click", button).await,
        json!({"ok": true})
    );
    let select = json!({"as": "U0ADA", "channel": "C0OPS", "ts": ts, "block_id": "b", "action_id": "pick",
        "selected_option": {"text": {"type": "plain_text", "text": "One"}, "value": "1"}});
    assert_eq!(
        post(&slack, "/sandbox/api/click", select).await,
        json!({"ok": true})
    );
    let payload = app.received().pop().unwrap().payload();
    assert_eq!(payload["actions"][0]["selected_option"]["value"], "1");
    assert_eq!(
        payload["state"]["values"]["b"]["pick"]["selected_option"]["value"],
        "1"
    );
    let view = json!({"type": "modal", "title": {"type": "plain_text", "text": "T"},
        "submit": {"type": "plain_text", "text": "Go"}, "blocks": [{"type": "input", "block_id": "i",
            "label": {"type": "plain_text", "text": "L"}, "element": {"type": "plain_text_input", "action_id": "a"}}]});
    call(
        &slack,
        "views.open",
        json!({"trigger_id": payload["trigger_id"], "view": view}),
    )
    .await;
    let open = get(&slack, "/sandbox/api/views?as=U0ADA").await["views"][0].clone();
    let submit = |text: &str| {
        json!({"as": "U0ADA", "view_id": open["id"],
        "values": {"i": {"a": {"type": "plain_text_input", "value": text}}}})
    };
    assert!(post(&slack, "/sandbox/api/submit", submit("")).await["errors"]["i"].is_string());
    assert_eq!(
        post(&slack, "/sandbox/api/submit", submit("x")).await,
        json!({"ok": true})
    );
    slack.stop().await;
}

#[tokio::test]
async fn a_request_for_changes_waits_until_there_is_one() {
    let slack = start(Settings::default()).await;
    let version = get(&slack, "/sandbox/api/changes?after=0").await["version"]
        .as_u64()
        .unwrap();
    let path = format!("/sandbox/api/changes?after={version}");
    let (newer, _) = tokio::join!(get(&slack, &path), async {
        slack.say("U0ADA", "C0OPS", "hello", None).await.unwrap();
    });
    assert!(newer["version"].as_u64().unwrap() > version);
    slack.stop().await;
}

#[tokio::test]
async fn switches_and_panels_of_the_demo_are_on_the_page() {
    let slack = start(Settings::default()).await;
    let on = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (get_on, set_on) = (on.clone(), on.clone());
    let order = std::sync::atomic::Ordering::SeqCst;
    slack.register_switch(
        "s3",
        "S3 fails",
        move || get_on.load(order),
        move |to| set_on.store(to, order),
    );
    post(
        &slack,
        "/sandbox/api/switches",
        json!({"id": "s3", "on": true}),
    )
    .await;
    post(
        &slack,
        "/sandbox/api/switches",
        json!({"id": "slack_outage", "on": true}),
    )
    .await;
    let switches = get(&slack, "/sandbox/api/switches").await;
    let on: Vec<_> = switches["switches"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|s| s["on"] == true)
        .map(|s| &s["id"])
        .collect();
    assert_eq!(on, ["slack_outage", "s3"]);
    slack.register_panel(
        "data",
        "The data",
        || async {
            Panel {
                rows: vec![PanelRow {
                    label: "users".into(),
                    value: "3".into(),
                    tone: None,
                }],
                ..Panel::default()
            }
        },
        |action| async move { anyhow::bail!("no {action}") },
    );
    let panels = get(&slack, "/sandbox/api/panels").await;
    assert_eq!(
        panels["panels"][0]["rows"],
        json!([{"label": "users", "value": "3"}])
    );
    assert_eq!(
        post(&slack, "/sandbox/api/panels/data/go", json!({})).await["error"],
        "no go"
    );
    slack.stop().await;
}

#[tokio::test]
async fn every_file_of_the_page_is_served() {
    let slack = start(Settings {
        story: vec!["Type `/ops help`".into()],
        ..Settings::default()
    })
    .await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/slack/page");
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let url = if name == "index.html" {
            String::new()
        } else {
            format!("page/{name}")
        };
        let answer = reqwest::get(format!("{}/{url}", slack.base_url()))
            .await
            .unwrap();
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        let expected = match name.rsplit_once('.').unwrap().1 {
            "html" => "text/html",
            "css" => "text/css",
            _ => "text/javascript",
        };
        assert!(
            answer.status().is_success() && kind.starts_with(expected),
            "{name}: {kind}"
        );
    }
    let story = get(&slack, "/sandbox/api/story").await;
    assert_eq!(story["steps"][0], "Type `/ops help`");
    slack.stop().await;
}

#[tokio::test]
async fn a_click_in_a_modal_brings_what_was_typed_beside_it() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    let trigger = slack
        .command_request("U0ADA", "C0OPS", "/ops", "")
        .unwrap()
        .trigger_id;
    let view = json!({"type": "modal", "title": {"type": "plain_text", "text": "T"},
        "submit": {"type": "plain_text", "text": "Go"}, "blocks": [
            {"type": "input", "block_id": "i", "label": {"type": "plain_text", "text": "L"},
                "element": {"type": "plain_text_input", "action_id": "a"}},
            {"type": "actions", "block_id": "b", "elements": [
                {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}}]}]});
    let opened = call(
        &slack,
        "views.open",
        json!({"trigger_id": trigger, "view": view}),
    )
    .await;
    let click = json!({"as": "U0ADA", "view_id": opened["view"]["id"], "block_id": "b", "action_id": "more",
        "type": "button", "values": {"i": {"a": {"type": "plain_text_input", "value": "typed"}}}});
    assert_eq!(
        post(&slack, "/sandbox/api/click", click).await,
        json!({"ok": true})
    );
    let payload = app.received()[0].payload();
    assert_eq!(
        payload["view"]["state"]["values"]["i"]["a"]["value"],
        "typed"
    );
    slack.stop().await;
}

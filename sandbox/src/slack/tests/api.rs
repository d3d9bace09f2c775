//! The Web API.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Clock, call, read, start};
use crate::slack::{RateLimit, Settings, Workspace};

#[tokio::test]
async fn arguments_come_as_query_form_or_json() {
    let slack = start(Settings::default()).await;
    let by_json = call(
        &slack,
        "chat.postMessage",
        json!({"channel": "C0OPS", "text": "one"}),
    )
    .await;
    let by_get = read(
        &slack,
        "chat.postMessage",
        &[("channel", "C0OPS"), ("text", "two")],
    )
    .await;
    let blocks = r#"[{"type":"divider"}]"#;
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("token", slack.bot_token()),
            ("channel", "#ops"),
            ("text", "three"),
            ("blocks", blocks),
        ])
        .finish();
    let request = reqwest::Client::new().post(format!("{}/chat.postMessage", slack.api_url()));
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let by_form: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(
        [&by_json["ok"], &by_get["ok"], &by_form["ok"]],
        [true, true, true]
    );
    assert!(
        by_form["message"]["blocks"][0]["block_id"].is_string(),
        "Slack fills ids in"
    );
    let texts: Vec<_> = slack
        .messages("C0OPS")
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert_eq!(texts, ["one", "two", "three"]);
    slack.stop().await;
}

#[tokio::test]
async fn calls_without_the_right_token_are_refused() {
    let slack = start(Settings::default()).await;
    let url = format!("{}/auth.test", slack.api_url());
    let bare: Value = reqwest::Client::new()
        .get(&url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let wrong: Value = reqwest::Client::new()
        .get(&url)
        .bearer_auth("xoxb-no")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        [&bare["error"], &wrong["error"]],
        ["not_authed", "invalid_auth"]
    );
    assert_eq!(
        read(&slack, "auth.test", &[]).await["user_id"],
        "U0COUNTERSIGN"
    );
    assert_eq!(
        read(&slack, "no.such", &[]).await["error"],
        "unknown_method"
    );
    slack.stop().await;
}

#[tokio::test]
async fn a_reading_method_refuses_a_json_body() {
    let slack = start(Settings::default()).await;
    let answer = call(&slack, "users.info", json!({"user": "U0ADA"})).await;
    assert_eq!(answer["error"], "invalid_arguments");
    assert_eq!(slack.unexpected().len(), 1);
    slack.stop().await;
}

#[tokio::test]
async fn posting_is_refused_where_slack_refuses_it() {
    let slack = start(Settings::default()).await;
    slack
        .edit_channel("C0AUDIT", |c| c.archived = true)
        .unwrap();
    slack
        .edit_channel("C0APPROVALS", |c| c.members.clear())
        .unwrap();
    let long = "x".repeat(40_001);
    let cases = [
        (
            json!({"channel": "C0NONE", "text": "x"}),
            "channel_not_found",
        ),
        (json!({"channel": "C0AUDIT", "text": "x"}), "is_archived"),
        (
            json!({"channel": "C0APPROVALS", "text": "x"}),
            "not_in_channel",
        ),
        (
            json!({"channel": "U0DANA", "text": "x"}),
            "channel_not_found",
        ),
        (json!({"channel": "C0OPS"}), "no_text"),
        (json!({"channel": "C0OPS", "text": ""}), "no_text"),
        (json!({"channel": "C0OPS", "text": long}), "msg_too_long"),
        (
            json!({"channel": "C0OPS", "text": "x", "thread_ts": "1.000001"}),
            "thread_not_found",
        ),
        (
            json!({"channel": "C0OPS", "text": "x", "blocks": "[{"}),
            "invalid_blocks_format",
        ),
        (
            json!({"channel": "C0OPS", "text": "x", "metadata": {"event_type": "e", "event_payload": "s"}}),
            "invalid_metadata_format",
        ),
        (json!({"channel": 5, "text": "x"}), "invalid_arguments"),
        (json!({"text": "x"}), "invalid_arguments"),
    ];
    for (body, error) in cases {
        let answer = call(&slack, "chat.postMessage", body.clone()).await;
        assert_eq!(answer["error"], error, "{body}");
    }
    assert!(slack.messages("C0OPS").is_empty());
    slack.stop().await;
}

#[tokio::test]
async fn a_message_to_a_person_opens_the_direct_conversation() {
    let slack = start(Settings::default()).await;
    let posted = call(
        &slack,
        "chat.postMessage",
        json!({"channel": "U0ADA", "text": "hello"}),
    )
    .await;
    let channel = posted["channel"].as_str().unwrap();
    assert!(channel.starts_with('D'), "{posted}");
    let opened = call(&slack, "conversations.open", json!({"users": "U0ADA"})).await;
    assert_eq!(
        (&opened["channel"]["id"], &opened["already_open"]),
        (&json!(channel), &json!(true))
    );
    assert_eq!(slack.dm("U0ADA")[0].text, "hello");
    slack.stop().await;
}

#[tokio::test]
async fn metadata_is_found_again_in_the_history_only_when_it_is_asked_for() {
    let clock = Clock::new();
    let slack = start(clock.settings()).await;
    let metadata = json!({"event_type": "request", "event_payload": {"id": "r1"}});
    let body = json!({"channel": "C0OPS", "text": "card", "metadata": metadata});
    let ts = call(&slack, "chat.postMessage", body).await["ts"]
        .as_str()
        .unwrap()
        .to_owned();
    clock.forward(TimeDelta::minutes(1));
    let reply = json!({"channel": "C0OPS", "text": "reply", "thread_ts": ts});
    let latest = call(&slack, "chat.postMessage", reply).await["ts"].clone();
    let plain = read(&slack, "conversations.history", &[("channel", "C0OPS")]).await;
    assert_eq!(
        plain["messages"].as_array().unwrap().len(),
        1,
        "replies are not part of it"
    );
    assert!(plain["messages"][0].get("metadata").is_none());
    let query = [
        ("channel", "C0OPS"),
        ("include_all_metadata", "true"),
        ("oldest", &ts),
        ("inclusive", "true"),
    ];
    let full = read(&slack, "conversations.history", &query).await;
    assert_eq!(full["messages"][0]["metadata"], metadata);
    assert_eq!(
        (
            &full["messages"][0]["reply_count"],
            &full["messages"][0]["latest_reply"]
        ),
        (&json!(1), &latest)
    );
    let after = read(&slack, "conversations.history", &query[..3]).await;
    assert_eq!(
        after["messages"],
        json!([]),
        "the ends are left out unless inclusive"
    );
    let replies = read(
        &slack,
        "conversations.replies",
        &[("channel", "C0OPS"), ("ts", &ts)],
    )
    .await;
    let texts: Vec<_> = replies["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["text"])
        .collect();
    assert_eq!(texts, ["card", "reply"]);
    slack.stop().await;
}

#[tokio::test]
async fn history_is_read_page_by_page_from_the_newest() {
    let slack = start(Settings::default()).await;
    for text in ["a", "b", "c"] {
        call(
            &slack,
            "chat.postMessage",
            json!({"channel": "C0OPS", "text": text}),
        )
        .await;
    }
    let first = read(
        &slack,
        "conversations.history",
        &[("channel", "C0OPS"), ("limit", "2")],
    )
    .await;
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    assert_eq!(
        (&first["messages"][0]["text"], &first["has_more"]),
        (&json!("c"), &json!(true))
    );
    let query = [("channel", "C0OPS"), ("limit", "2"), ("cursor", cursor)];
    let second = read(&slack, "conversations.history", &query).await;
    assert_eq!(
        (&second["messages"][0]["text"], &second["has_more"]),
        (&json!("a"), &json!(false))
    );
    slack.stop().await;
}

#[tokio::test]
async fn only_its_own_messages_can_the_app_change() {
    let slack = start(Settings::default()).await;
    slack.say("U0ADA", "C0OPS", "mine", None).await.unwrap();
    let theirs = slack.messages("C0OPS")[0].ts.clone();
    let update = |ts: &str| json!({"channel": "C0OPS", "ts": ts, "text": "new"});
    assert_eq!(
        call(&slack, "chat.update", update(&theirs)).await["error"],
        "cant_update_message"
    );
    assert_eq!(
        call(&slack, "chat.update", update("1.000001")).await["error"],
        "message_not_found"
    );
    let body = json!({"channel": "C0OPS", "text": "old", "blocks": [{"type": "divider", "block_id": "d"}]});
    let own = call(&slack, "chat.postMessage", body).await["ts"]
        .as_str()
        .unwrap()
        .to_owned();
    let updated = call(&slack, "chat.update", update(&own)).await;
    assert_eq!(updated["message"]["edited"]["user"], "U0COUNTERSIGN");
    assert_eq!(
        updated["message"]["blocks"][0]["block_id"], "d",
        "blocks that are left out stay"
    );
    let body = json!({"channel": "C0OPS", "user": "U0ADA", "text": "psst"});
    let psst = call(&slack, "chat.postEphemeral", body).await["message_ts"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        call(&slack, "chat.update", update(&psst)).await["error"],
        "message_not_found"
    );
    slack.stop().await;
}

#[tokio::test]
async fn posting_is_limited_per_channel_and_not_per_workspace() {
    let clock = Clock::new();
    let limit = RateLimit {
        burst: 1,
        per_second: 1.0,
    };
    let slack = start(Settings {
        rate_limit: Some(limit),
        ..clock.settings()
    })
    .await;
    let post = |channel: &'static str| {
        let slack = slack.clone();
        async move {
            let url = format!("{}/chat.postMessage", slack.api_url());
            let request = reqwest::Client::new()
                .post(url)
                .bearer_auth(slack.bot_token());
            let answer = request
                .json(&json!({"channel": channel, "text": "x"}))
                .send()
                .await
                .unwrap();
            let after = answer
                .headers()
                .get("retry-after")
                .map(|v| v.to_str().unwrap().to_owned());
            (answer.status().as_u16(), after)
        }
    };
    assert_eq!(post("C0OPS").await, (200, None));
    assert_eq!(post("C0OPS").await, (429, Some("1".into())));
    assert_eq!(post("C0AUDIT").await, (200, None));
    clock.forward(TimeDelta::seconds(1));
    assert_eq!(post("C0OPS").await, (200, None));
    assert!(
        slack.unexpected().is_empty(),
        "a limit is no mistake of the app"
    );
    slack.stop().await;
}

#[tokio::test]
async fn people_are_shown_with_their_flags_and_strangers_without_an_address() {
    let slack = start(Settings::default()).await;
    let stella = read(&slack, "users.info", &[("user", "U0STELLA")]).await;
    assert_eq!(
        (&stella["user"]["team_id"], &stella["user"]["is_stranger"]),
        (&json!("T0PARTNER"), &json!(true))
    );
    assert!(stella["user"]["profile"].get("email").is_none());
    let gil = read(&slack, "users.info", &[("user", "U0GIL")]).await;
    assert_eq!(gil["user"]["is_ultra_restricted"], true);
    let dana = read(
        &slack,
        "users.lookupByEmail",
        &[("email", "dana@ieltseq.example")],
    )
    .await;
    assert_eq!(dana["error"], "users_not_found");
    slack
        .edit_user("U0GRACE", |user| user.deleted = true)
        .unwrap();
    let admins = read(
        &slack,
        "usergroups.users.list",
        &[("usergroup", "S0ADMINS")],
    )
    .await;
    assert_eq!(admins["users"], json!(["U0ADA", "U0LINUS", "U0ADA2"]));
    slack.stop().await;
}

#[tokio::test]
async fn a_file_is_uploaded_in_three_steps() {
    let slack = start(Settings::default()).await;
    let asked = read(
        &slack,
        "files.getUploadURLExternal",
        &[("filename", "a.json"), ("length", "2")],
    )
    .await;
    let complete =
        json!({"files": [{"id": asked["file_id"], "title": "A"}], "channel_id": "C0AUDIT"});
    assert_eq!(
        call(&slack, "files.completeUploadExternal", complete.clone()).await["error"],
        "file_not_found"
    );
    let url = asked["upload_url"].as_str().unwrap();
    let sent = reqwest::Client::new()
        .post(url)
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.text().await.unwrap(), "OK - 2");
    assert_eq!(
        call(&slack, "files.completeUploadExternal", complete).await["ok"],
        true
    );
    assert_eq!(slack.messages("C0AUDIT")[0].files.len(), 1);
    slack.stop().await;
}

/// Uploads something and completes the upload without a channel; gives the file's id.
async fn uploaded(slack: &Workspace, content: &'static [u8]) -> String {
    let length = content.len().to_string();
    let query = [("filename", "plot.png"), ("length", length.as_str())];
    let asked = read(slack, "files.getUploadURLExternal", &query).await;
    let url = asked["upload_url"].as_str().unwrap();
    let sent = reqwest::Client::new().post(url).body(content).send().await;
    assert!(sent.unwrap().status().is_success());
    let id = asked["file_id"].as_str().unwrap().to_owned();
    let complete = json!({"files": [{"id": id}]});
    let done = call(slack, "files.completeUploadExternal", complete.clone()).await;
    assert_eq!(done["ok"], true);
    let again = call(slack, "files.completeUploadExternal", complete).await;
    assert_eq!(again["error"], "file_not_found", "it is completed once");
    id
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

/// Posts a message that shows a file; gives the error.
async fn show(slack: &Workspace, file: &str) -> Value {
    let image = json!({"type": "image", "alt_text": "a plot", "slack_file": {"id": file}});
    let message = json!({"channel": "C0AUDIT", "text": "x", "blocks": [image]});
    call(slack, "chat.postMessage", message).await["error"].clone()
}

#[tokio::test]
async fn a_picture_can_be_shown_once_slack_has_looked_at_it_and_until_it_is_deleted() {
    let clock = Clock::new();
    let slack = start(clock.settings()).await;
    slack.set_file_work(TimeDelta::seconds(5));
    let file = uploaded(&slack, PNG).await;
    assert_eq!(show(&slack, &file).await, "invalid_blocks");
    let info = read(&slack, "files.info", &[("file", &file)]).await;
    assert_eq!(info["file"]["mimetype"], "");
    clock.forward(TimeDelta::seconds(5));
    assert_eq!(show(&slack, &file).await, Value::Null);
    let info = read(&slack, "files.info", &[("file", &file)]).await;
    assert_eq!(info["file"]["mimetype"], "image/png");
    let gone = call(&slack, "files.delete", json!({"file": file})).await;
    assert_eq!(gone["ok"], true);
    let again = call(&slack, "files.delete", json!({"file": file})).await;
    assert_eq!(again["error"], "file_deleted");
    assert_eq!(show(&slack, &file).await, "invalid_blocks");
    assert!(
        slack.unexpected().is_empty(),
        "none of this is the app's mistake"
    );
    slack.stop().await;
}

#[tokio::test]
async fn what_is_no_picture_and_what_was_never_there_cannot_be_shown() {
    let slack = start(Settings::default()).await;
    let text = uploaded(&slack, b"{}").await;
    for file in [text.as_str(), "F0NEVER"] {
        assert_eq!(show(&slack, file).await, "invalid_blocks");
    }
    assert_eq!(slack.unexpected().len(), 2);
    slack.stop().await;
}

#[tokio::test]
async fn without_its_scope_nothing_is_uploaded_and_every_answer_tells_the_scopes() {
    let slack = start(Settings::default()).await;
    slack.revoke_scope("files:write");
    let query = [("filename", "plot.png"), ("length", "2")];
    let asked = read(&slack, "files.getUploadURLExternal", &query).await;
    assert_eq!(asked["error"], "missing_scope");
    let url = format!("{}/auth.test", slack.api_url());
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth(slack.bot_token());
    let answer = request.send().await.unwrap();
    let scopes = answer.headers()["x-oauth-scopes"].to_str().unwrap();
    assert!(scopes.contains("chat:write") && !scopes.contains("files:write"));
    slack.stop().await;
}

use countersign::slack::client::{
    Content, Metadata, Posted, Reply, ReplyMessage, SlackError, Visibility,
};
use serde_json::{Value, json};
use slack_morphism::blocks::{SlackBlock, SlackModalView, SlackView};

use super::{
    at,
    fake::{Answer, FakeSlack, TOKEN},
};

fn blocks() -> Vec<SlackBlock> {
    let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}});
    vec![serde_json::from_value(section).unwrap()]
}

fn card() -> Content {
    Content {
        text: "OPS-1".to_owned(),
        blocks: blocks(),
        metadata: Some(Metadata::keyed("countersign_request", "k1")),
    }
}

fn modal() -> SlackView {
    SlackView::Modal(SlackModalView::new("Deny".into(), blocks()))
}

fn message(ts: &str, key: &Value, bot_id: &str) -> Value {
    json!({"ts": ts, "bot_id": bot_id, "type": "message",
        "metadata": {"event_type": "countersign_request", "event_payload": {"key": key}}})
}

async fn workspace() -> FakeSlack {
    let slack = FakeSlack::start().await;
    let ourselves = json!({"ok": true, "team_id": "T1", "user_id": "U9", "bot_id": "B1"});
    slack.says("auth.test", ourselves);
    slack
}

#[tokio::test]
async fn a_message_is_posted_with_its_metadata_into_its_thread() {
    let slack = FakeSlack::start().await;
    slack.says(
        "chat.postMessage",
        json!({"ok": true, "channel": "C1", "ts": "1.2", "message": {"new": 1}}),
    );
    let posted = slack
        .api()
        .post_message("C1", Some("0.1"), &card())
        .await
        .unwrap();
    assert_eq!(
        posted,
        Posted {
            channel: "C1".to_owned(),
            ts: "1.2".to_owned()
        }
    );
    let call = &slack.calls("chat.postMessage")[0];
    assert_eq!(call.authorization, Some(format!("Bearer {TOKEN}")));
    assert_eq!(call.body["channel"], "C1");
    assert_eq!(call.body["thread_ts"], "0.1");
    assert_eq!(call.body["unfurl_links"], false);
    assert_eq!(call.body["blocks"][0]["text"]["text"], "*hi*");
    let metadata = json!({"event_type": "countersign_request", "event_payload": {"key": "k1"}});
    assert_eq!(call.body["metadata"], metadata);
}

#[tokio::test]
async fn an_update_without_blocks_takes_the_old_blocks_away() {
    let slack = FakeSlack::start().await;
    slack.says(
        "chat.update",
        json!({"ok": true, "channel": "C1", "ts": "1.2", "text": "x"}),
    );
    slack.says("chat.delete", json!({"ok": true}));
    let at = Posted {
        channel: "C1".to_owned(),
        ts: "1.2".to_owned(),
    };
    let plain = Content {
        text: "done".to_owned(),
        ..Content::default()
    };
    slack.api().update_message(&at, &plain).await.unwrap();
    slack.api().delete_message(&at).await.unwrap();
    let update = &slack.calls("chat.update")[0].body;
    assert_eq!(
        *update,
        json!({"channel": "C1", "ts": "1.2", "text": "done", "blocks": []})
    );
    assert_eq!(
        slack.calls("chat.delete")[0].body,
        json!({"channel": "C1", "ts": "1.2"})
    );
}

#[tokio::test]
async fn an_ephemeral_message_goes_to_one_person() {
    let slack = FakeSlack::start().await;
    slack.says(
        "chat.postEphemeral",
        json!({"ok": true, "message_ts": "1.2"}),
    );
    slack
        .api()
        .post_ephemeral("C1", "U1", None, &card())
        .await
        .unwrap();
    assert_eq!(slack.calls("chat.postEphemeral")[0].body["user"], "U1");
}

#[tokio::test]
async fn views_are_opened_and_updated_with_the_hash_that_was_seen() {
    let slack = FakeSlack::start().await;
    let view = json!({"ok": true, "view": {"id": "V1", "hash": "h1", "type": "modal", "new": []}});
    slack
        .says("views.open", view.clone())
        .says("views.update", view);
    let opened = slack.api().open_view("1.2.3", modal()).await.unwrap();
    assert_eq!(
        (opened.id.as_str(), opened.hash.as_deref()),
        ("V1", Some("h1"))
    );
    slack
        .api()
        .update_view("V1", Some("h1"), modal())
        .await
        .unwrap();
    slack
        .api()
        .update_view("V1", Some(""), modal())
        .await
        .unwrap();
    assert_eq!(slack.calls("views.open")[0].body["trigger_id"], "1.2.3");
    assert_eq!(slack.calls("views.open")[0].body["view"]["type"], "modal");
    let updates = slack.calls("views.update");
    assert_eq!(updates[0].body["hash"], "h1");
    assert!(
        updates[1].body.get("hash").is_none(),
        "an empty hash never matches"
    );
}

#[tokio::test]
async fn a_direct_message_is_opened_with_the_person_as_text() {
    let slack = FakeSlack::start().await;
    slack.says(
        "conversations.open",
        json!({"ok": true, "channel": {"id": "D1"}}),
    );
    assert_eq!(slack.api().open_dm("U1").await.unwrap(), "D1");
    assert_eq!(
        slack.calls("conversations.open")[0].body,
        json!({"users": "U1"})
    );
}

#[tokio::test]
async fn people_groups_and_channels_are_read() {
    let slack = workspace().await;
    let user = json!({"id": "W1", "team_id": "T1", "deleted": false, "is_bot": false, "updated": "odd",
        "profile": {"email": "ann@x.com", "phone": null, "image_24": 7}});
    slack
        .says("users.info", json!({"ok": true, "user": user}))
        .says("usergroups.users.list", json!({"ok": true, "users": ["U1", "W1"]}))
        .says("conversations.info", json!({"ok": true, "channel": {"id": "C1", "name": "ops", "is_member": true, "is_ext_shared": true}}));
    let api = slack.api();
    let user = api.users_info("W1").await.unwrap();
    assert_eq!(user.profile.email.as_deref(), Some("ann@x.com"));
    assert!(!format!("{user:?}").contains("ann@x.com"));
    assert_eq!(
        api.usergroup_members("T1", "S1").await.unwrap(),
        ["U1", "W1"]
    );
    let channel = api.conversations_info("C1").await.unwrap();
    assert!(channel.is_member && channel.is_ext_shared && !channel.is_archived);
    assert_eq!(api.auth_test().await.unwrap().bot_id.as_deref(), Some("B1"));
    assert_eq!(slack.calls("users.info")[0].query["user"], "W1");
    assert_eq!(
        slack.calls("usergroups.users.list")[0].query["usergroup"],
        "S1"
    );
    assert_eq!(slack.calls("conversations.info")[0].query["channel"], "C1");
}

#[tokio::test]
async fn a_post_in_doubt_is_found_on_a_later_page() {
    let slack = workspace().await;
    let first = json!({"ok": true, "messages": [{"ts": "9.9"}, message("8.8", &json!("other"), "B1"), message("7.7", &json!(1), "B1")],
        "response_metadata": {"next_cursor": "more"}});
    let second = json!({"ok": true, "messages": [message("1.2", &json!("k1"), "B1")]});
    slack
        .says("conversations.history", first)
        .says("conversations.history", second);
    let found = slack
        .api()
        .find_posted("C1", None, at(1_700_000_000), "countersign_request", "k1")
        .await;
    assert_eq!(found.unwrap().as_deref(), Some("1.2"));
    let calls = slack.calls("conversations.history");
    assert_eq!(calls[0].query["oldest"], "1700000000.000000");
    assert_eq!(calls[0].query["include_all_metadata"], "true");
    assert!(!calls[0].query.contains_key("cursor"));
    assert_eq!(calls[1].query["cursor"], "more");
}

#[tokio::test]
async fn a_post_in_a_thread_is_looked_for_in_the_thread() {
    let slack = workspace().await;
    let page = json!({"ok": true, "messages": [message("1.3", &json!("k1"), "B1")], "response_metadata": {"next_cursor": ""}});
    slack.says("conversations.replies", page);
    let api = slack.api();
    let found = api
        .find_posted("C1", Some("1.2"), at(1), "countersign_request", "k1")
        .await;
    assert_eq!(found.unwrap().as_deref(), Some("1.3"));
    let other = api
        .find_posted("C1", Some("1.2"), at(1), "another_event", "k1")
        .await;
    assert_eq!(other.unwrap(), None);
    assert_eq!(slack.calls("conversations.replies")[0].query["ts"], "1.2");
}

#[tokio::test]
async fn a_message_with_our_key_by_another_app_is_not_ours() {
    let slack = workspace().await;
    let page = json!({"ok": true, "messages": [message("1.2", &json!("k1"), "B666")]});
    slack.says("conversations.history", page);
    let found = slack
        .api()
        .find_posted("C1", None, at(1), "countersign_request", "k1")
        .await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn a_search_that_never_ends_is_given_up_without_a_certainty() {
    let slack = workspace().await;
    let page = json!({"ok": true, "messages": [], "response_metadata": {"next_cursor": "again"}});
    slack.says("conversations.history", page);
    let error = slack
        .api()
        .find_posted("C1", None, at(1), "e", "k")
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            SlackError::Unavailable {
                in_doubt: false,
                ..
            }
        ),
        "{error:?}"
    );
    let pages = slack.calls("conversations.history").len();
    assert_eq!(pages, countersign::slack::client::MAX_LOOKUP_PAGES);
}

#[tokio::test]
async fn a_command_is_answered_at_its_response_url_without_our_token() {
    let slack = FakeSlack::start().await;
    slack.will("/commands/T1/secret", Answer::Text(200, "ok"));
    let url = format!("{}/commands/T1/secret", slack.origin);
    let reply = Reply::Message(ReplyMessage {
        visibility: Visibility::InChannel,
        replace_original: true,
        text: "hi".to_owned(),
        ..ReplyMessage::default()
    });
    slack.api().respond(&url, &reply).await.unwrap();
    slack
        .api()
        .respond(&url, &Reply::DeleteOriginal)
        .await
        .unwrap();
    let calls = slack.calls("/commands/T1/secret");
    let sent = json!({"response_type": "in_channel", "replace_original": true, "text": "hi"});
    assert_eq!(calls[0].body, sent);
    assert_eq!(calls[0].authorization, None);
    assert_eq!(calls[1].body, json!({"delete_original": true}));
}

#[tokio::test]
async fn a_file_is_uploaded_in_three_calls_and_its_content_travels_without_the_token() {
    let slack = FakeSlack::start().await;
    let place =
        json!({"ok": true, "upload_url": format!("{}/up/F1", slack.origin), "file_id": "F1"});
    slack
        .says("files.getUploadURLExternal", place)
        .will("/up/F1", Answer::Text(200, "OK - 3"))
        .says(
            "files.completeUploadExternal",
            json!({"ok": true, "files": [{"id": "F1"}]}),
        )
        .says("files.delete", json!({"ok": true}));
    let api = slack.api();
    let file = api.upload_file("plot.png", "a plot", vec![1, 2, 3]).await;
    assert_eq!(file.as_deref(), Ok("F1"));
    let asked = &slack.calls("files.getUploadURLExternal")[0].query;
    assert_eq!((&*asked["filename"], &*asked["length"]), ("plot.png", "3"));
    assert_eq!(slack.calls("/up/F1")[0].authorization, None);
    let completed = &slack.calls("files.completeUploadExternal")[0].body;
    assert_eq!(
        *completed,
        json!({"files": [{"id": "F1", "title": "a plot"}]})
    );
    api.delete_file("F1").await.unwrap();
    assert_eq!(slack.calls("files.delete")[0].body, json!({"file": "F1"}));
}

#[tokio::test]
async fn content_goes_to_slacks_own_hosts_only() {
    for url in [
        "http://files.example.com/up",
        "ftp://127.0.0.1/up",
        "http://evil127.0.0.1/up",
    ] {
        let slack = FakeSlack::start().await;
        let place = json!({"ok": true, "upload_url": url, "file_id": "F1"});
        slack.says("files.getUploadURLExternal", place);
        let refused = slack.api().upload_file("plot.png", "a plot", vec![1]).await;
        assert!(
            matches!(&refused, Err(SlackError::Refused { code, .. }) if code == "foreign_url"),
            "{url}: {refused:?}"
        );
    }
}

//! Commands, clicks, events: what reaches the app, and what people see of its answers.

use chrono::TimeDelta;
use serde_json::json;

use super::{Clock, app::App, call, start};
use crate::slack::{Mentions, Outcome, Pick, Settings, sign};

#[tokio::test]
async fn a_command_arrives_signed_with_every_documented_field() {
    let clock = Clock::new();
    let slack = start(clock.settings()).await;
    let app = App::start(&slack).await;
    let delivery = slack.slash("U0ADA", "C0OPS", "/ops whoami").await.unwrap();
    assert!(delivery.ok(), "{delivery:?}");
    let got = &app.received()[0];
    assert_eq!(got.path, "/slack/commands");
    let expected = sign(slack.signing_secret(), 1_800_000_000, &got.body);
    assert_eq!(got.headers["x-slack-signature"], expected.as_str());
    assert_eq!(
        got.headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let names: Vec<_> = form_urlencoded::parse(got.body.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "token",
            "team_id",
            "team_domain",
            "channel_id",
            "channel_name",
            "user_id",
            "user_name",
            "command",
            "text",
            "api_app_id",
            "is_enterprise_install",
            "response_url",
            "trigger_id",
        ]
    );
    assert_eq!(got.field("text"), "whoami");
    slack.stop().await;
}

#[tokio::test]
async fn typed_mentions_links_and_addresses_arrive_wrapped_and_escaped() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    let line = "/ops user show ada@ieltseq.example @grace #ops https://a.example/x?y=1&z=2 a<b";
    slack.slash("U0ADA", "C0OPS", line).await.unwrap();
    assert_eq!(
        app.received()[0].field("text"),
        "user show <mailto:ada@ieltseq.example|ada@ieltseq.example> <@U0GRACE|grace> <#C0OPS|ops> \
         <https://a.example/x?y=1&amp;z=2> a&lt;b"
    );
    slack.stop().await;
    let slack = start(Settings {
        mentions: Mentions::Bare,
        ..Settings::default()
    })
    .await;
    let app = App::start(&slack).await;
    slack
        .slash("U0ADA", "C0OPS", "/ops @grace #ops")
        .await
        .unwrap();
    assert_eq!(app.received()[0].field("text"), "<@U0GRACE> <#C0OPS>");
    slack.stop().await;
}

#[tokio::test]
async fn the_answer_to_a_command_is_shown_to_the_person_or_to_all() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    app.next(200, "text/plain", "only you");
    slack.slash("U0ADA", "C0OPS", "/ops help").await.unwrap();
    app.next_json(&json!({"response_type": "in_channel", "text": "for all"}));
    slack.slash("U0ADA", "C0OPS", "/ops help").await.unwrap();
    let own: Vec<_> = slack
        .ephemerals("U0ADA")
        .into_iter()
        .map(|m| m.text)
        .collect();
    assert_eq!(own, ["only you"]);
    let all: Vec<_> = slack
        .messages("C0OPS")
        .into_iter()
        .map(|m| (m.user, m.text))
        .collect();
    assert_eq!(
        all,
        [
            ("U0ADA".into(), "/ops help".into()),
            ("U0COUNTERSIGN".into(), "for all".to_owned())
        ]
    );
    slack.stop().await;
}

#[tokio::test]
async fn a_person_sees_that_a_command_failed() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    app.next(500, "text/plain", "oops");
    let delivery = slack.slash("U0ADA", "C0OPS", "/ops help").await.unwrap();
    assert_eq!(delivery.error.as_deref(), Some("http_service_error"));
    let seen = slack.ephemerals("U0ADA").pop().unwrap();
    assert_eq!((seen.user.as_str(), seen.bot), ("USLACKBOT", false));
    assert!(seen.text.contains("http_service_error"));
    slack.stop().await;
}

#[tokio::test]
async fn an_app_that_is_too_slow_times_out() {
    let slack = start(Settings {
        answer_limit: std::time::Duration::from_millis(50),
        ..Settings::default()
    })
    .await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    slack.set_app_url(&format!("http://{}", silent.local_addr().unwrap()));
    let delivery = slack.slash("U0ADA", "C0OPS", "/ops help").await.unwrap();
    assert_eq!(delivery.outcome, Outcome::TimedOut);
    assert_eq!(delivery.error.as_deref(), Some("operation_timeout"));
    slack.stop().await;
}

#[tokio::test]
async fn a_click_carries_the_whole_message_and_its_metadata() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    let posted = call(&slack, "chat.postMessage", json!({
        "channel": "C0APPROVALS", "text": "OPS-1", "metadata": {"event_type": "request", "event_payload": {"id": "r1"}},
        "blocks": [{"type": "actions", "block_id": "decide", "elements": [
            {"type": "button", "action_id": "approve", "value": "r1:n1", "text": {"type": "plain_text", "text": "Approve"}},
        ]}],
    })).await;
    let ts = posted["ts"].as_str().unwrap();
    let delivery = slack
        .click("U0GRACE", "C0APPROVALS", ts, "approve")
        .await
        .unwrap();
    assert!(delivery.ok(), "{delivery:?}");
    let payload = app.received()[0].payload();
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(payload["container"]["message_ts"], ts);
    assert_eq!(payload["message"]["metadata"]["event_payload"]["id"], "r1");
    assert_eq!(payload["message"]["bot_id"], "B0COUNTERSIGN");
    assert_eq!(payload["actions"][0]["value"], "r1:n1");
    assert_eq!(payload["actions"][0]["block_id"], "decide");
    assert_eq!(payload["user"]["team_id"], "T0COUNTER");
    assert!(
        payload["response_url"]
            .as_str()
            .unwrap()
            .contains("/actions/")
    );
    let foreign = Pick::on_message("U0STELLA", "C0APPROVALS", ts, "approve");
    assert!(
        slack.pick(&foreign).await.is_err(),
        "she does not see the channel"
    );
    let forged = slack.click_request(&foreign).unwrap();
    slack.send(&forged).await;
    assert_eq!(app.received()[1].payload()["team"]["id"], "T0PARTNER");
    slack.stop().await;
}

#[tokio::test]
async fn a_click_on_an_ephemeral_message_carries_no_message() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    call(&slack, "chat.postEphemeral", json!({
        "channel": "C0OPS", "user": "U0ADA", "text": "choose", "blocks": [{"type": "actions", "elements": [
            {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}},
        ]}],
    })).await;
    let ts = slack.ephemerals("U0ADA")[0].ts.clone();
    slack.click("U0ADA", "C0OPS", &ts, "go").await.unwrap();
    let payload = app.received()[0].payload();
    assert_eq!(payload["container"]["is_ephemeral"], true);
    assert!(payload.get("message").is_none());
    assert!(
        slack.click("U0GRACE", "C0OPS", &ts, "go").await.is_err(),
        "nobody else sees it"
    );
    slack.stop().await;
}

#[tokio::test]
async fn deactivated_people_and_commands_in_threads_are_refused_by_slack_itself() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    assert!(slack.slash("U0DANA", "C0OPS", "/ops help").await.is_err());
    assert!(
        slack
            .say("U0ADA", "C0OPS", "/ops help", Some("1.000001"))
            .await
            .is_err()
    );
    assert!(slack.slash("U0ADA", "C0OPS", "/other").await.is_err());
    assert!(app.received().is_empty());
    slack.stop().await;
}

#[tokio::test]
async fn a_failed_event_is_sent_again_when_it_is_due() {
    let clock = Clock::new();
    let slack = start(clock.settings()).await;
    let app = App::start(&slack).await;
    for _ in 0..3 {
        app.next(500, "text/plain", "");
    }
    assert!(!slack.open_home("U0ADA").await.unwrap().ok());
    let retries = |n: usize| {
        let app = app.clone();
        async move {
            let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
            let mut tick = tokio::time::interval(std::time::Duration::from_millis(10));
            while app.received().len() < n {
                assert!(
                    tokio::time::Instant::now() < deadline,
                    "{n} attempts never came"
                );
                tick.tick().await;
            }
        }
    };
    retries(2).await;
    clock.forward(TimeDelta::minutes(1));
    retries(3).await;
    clock.forward(TimeDelta::minutes(5));
    retries(4).await;
    let got = app.received();
    let numbers: Vec<_> = got
        .iter()
        .map(|r| {
            r.headers
                .get("x-slack-retry-num")
                .map(|v| v.to_str().unwrap())
        })
        .collect();
    assert_eq!(numbers, [None, Some("1"), Some("2"), Some("3")]);
    assert!(
        got.iter().all(|r| r.body == got[0].body),
        "every attempt has the same event id"
    );
    slack.stop().await;
}

#[tokio::test]
async fn the_url_for_events_has_to_answer_the_challenge() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    app.next(200, "text/plain", "something else");
    assert!(slack.verify_url().await.is_err());
    assert_eq!(
        app.received()[0].headers["content-type"],
        "application/json"
    );
    slack.stop().await;
}

#[tokio::test]
async fn an_external_select_gets_its_options_from_the_app() {
    let slack = start(Settings::default()).await;
    let app = App::start(&slack).await;
    let posted = call(&slack, "chat.postMessage", json!({
        "channel": "C0OPS", "text": "who", "blocks": [{"type": "actions", "elements": [
            {"type": "external_select", "action_id": "who", "placeholder": {"type": "plain_text", "text": "Who"}},
        ]}],
    })).await;
    let pick = Pick::on_message("U0ADA", "C0OPS", posted["ts"].as_str().unwrap(), "who");
    let option = json!({"text": {"type": "plain_text", "text": "Ada"}, "value": "1"});
    app.next_json(&json!({"options": [option]}));
    let offered = slack.suggest(&pick, "ad").await.unwrap();
    assert_eq!(offered, crate::slack::Suggestions::Options(vec![option]));
    assert_eq!(
        (
            app.received()[0].path.as_str(),
            &app.received()[0].payload()["value"]
        ),
        ("/slack/options", &json!("ad"))
    );
    app.next_json(&json!({"options": [{"text": {"type": "mrkdwn", "text": "Ada"}, "value": "1"}]}));
    assert!(matches!(
        slack.suggest(&pick, "ad").await.unwrap(),
        crate::slack::Suggestions::NoResult(_)
    ));
    assert_eq!(slack.unexpected().len(), 1);
    slack.stop().await;
}

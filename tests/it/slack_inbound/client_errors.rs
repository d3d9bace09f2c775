use std::time::Duration;

use countersign::slack::client::{
    Cause, Content, Reply, ReplyMessage, Retry, SlackApi, SlackApiSettings, SlackError,
};
use serde_json::json;
use tokio::net::TcpListener;

use super::fake::{Answer, FakeSlack, TOKEN, api};

async fn post(slack: &FakeSlack) -> SlackError {
    let content = Content {
        text: "the text of the card".to_owned(),
        ..Content::default()
    };
    let result = slack.api().post_message("C1", None, &content).await;
    result.unwrap_err()
}

async fn post_refused_with(code: &str) -> SlackError {
    let slack = FakeSlack::start().await;
    slack.says("chat.postMessage", json!({"ok": false, "error": code}));
    post(&slack).await
}

#[tokio::test]
async fn a_limit_says_how_long_to_wait() {
    let slack = FakeSlack::start().await;
    slack.will("chat.postMessage", Answer::Limited("7"));
    assert_eq!(
        post(&slack).await.retry(),
        Retry::After(Duration::from_secs(7))
    );
    assert_eq!(
        slack.calls("chat.postMessage").len(),
        1,
        "nothing is retried here"
    );
}

#[tokio::test]
async fn a_limit_without_a_usable_time_has_one() {
    for (said, waits) in [("soon", 30), ("999999999", 3600)] {
        let slack = FakeSlack::start().await;
        slack.will("chat.postMessage", Answer::Limited(said));
        assert_eq!(
            post(&slack).await.retry(),
            Retry::After(Duration::from_secs(waits))
        );
    }
    assert_eq!(
        post_refused_with("ratelimited").await.retry(),
        Retry::After(Duration::from_secs(30))
    );
}

#[tokio::test]
async fn a_post_that_meets_a_503_is_in_doubt_and_a_read_is_not() {
    let slack = FakeSlack::start().await;
    slack.will(
        "chat.postMessage",
        Answer::Text(503, "<html>secret upstream</html>"),
    );
    slack.will("users.info", Answer::Text(503, ""));
    assert_eq!(post(&slack).await.retry(), Retry::LookFirst);
    let read = slack.api().users_info("U1").await.unwrap_err();
    let cause = Cause::Status(503);
    assert_eq!(
        read,
        SlackError::Unavailable {
            method: "users.info",
            in_doubt: false,
            cause
        }
    );
    assert_eq!(read.retry(), Retry::Later);
}

#[tokio::test]
async fn a_post_without_an_answer_in_time_is_in_doubt() {
    let slack = FakeSlack::start().await;
    slack.will("chat.postMessage", Answer::Hang);
    let api = slack.impatient_api();
    let error = api
        .post_message("C1", None, &Content::default())
        .await
        .unwrap_err();
    let cause = Cause::Timeout;
    assert_eq!(
        error,
        SlackError::Unavailable {
            method: "chat.postMessage",
            in_doubt: true,
            cause
        }
    );
}

#[tokio::test]
async fn a_post_that_never_left_is_not_in_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let api = api(&format!("{closed}/api"), Duration::from_secs(5));
    let error = api
        .post_message("C1", None, &Content::default())
        .await
        .unwrap_err();
    let cause = Cause::Connection;
    assert_eq!(
        error,
        SlackError::Unavailable {
            method: "chat.postMessage",
            in_doubt: false,
            cause
        }
    );
    let reply = Reply::Message(ReplyMessage::default());
    let error = api
        .respond(&format!("{closed}/x"), &reply)
        .await
        .unwrap_err();
    assert_eq!(error.retry(), Retry::Later);
}

#[tokio::test]
async fn a_post_whose_connection_breaks_is_in_doubt() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/api", listener.local_addr().unwrap());
    tokio::spawn(async move {
        // Each connection is taken, read from and dropped, so that the request has been received and not answered.
        while let Ok((stream, _)) = listener.accept().await {
            stream.readable().await.unwrap();
            let _ = stream.try_read(&mut [0; 4096]);
        }
    });
    let api = api(&url, Duration::from_secs(5));
    let error = api
        .post_message("C1", None, &Content::default())
        .await
        .unwrap_err();
    assert!(
        matches!(error, SlackError::Unavailable { in_doubt: true, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_a_post_in_doubt() {
    for answer in [
        Answer::Text(200, "<html>"),
        Answer::Json(json!({"ok": true})),
        Answer::Json(json!([])),
        Answer::Json(json!({"ok": false})),
    ] {
        let slack = FakeSlack::start().await;
        slack.will("chat.postMessage", answer);
        let error = post(&slack).await;
        assert_eq!(error.retry(), Retry::LookFirst, "{error:?}");
    }
}

#[tokio::test]
async fn invalid_blocks_are_refused_with_slacks_explanations_and_not_shown_whole() {
    let slack = FakeSlack::start().await;
    slack.says(
        "chat.postMessage",
        json!({"ok": false, "error": "invalid_blocks",
        "errors": ["must be less than 3001 characters [json-pointer:/blocks/2/text/text]"],
        "response_metadata": {"messages": ["[ERROR] too long: the text of the card"]}}),
    );
    let error = post(&slack).await;
    let SlackError::Refused { code, messages, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(code, "invalid_blocks");
    assert_eq!(messages.len(), 2);
    assert!(messages[0].contains("/blocks/2/text/text"));
    assert_eq!(
        error.to_string(),
        "Slack refused chat.postMessage: invalid_blocks"
    );
    assert_eq!(error.retry(), Retry::Never);
}

#[tokio::test]
async fn what_is_gone_is_told_from_what_is_forbidden_and_what_is_broken() {
    for code in ["channel_not_found", "is_archived", "expired_trigger_id"] {
        let error = post_refused_with(code).await;
        assert!(matches!(error, SlackError::Gone { .. }), "{error:?}");
    }
    for code in ["invalid_auth", "token_revoked", "missing_scope"] {
        let error = post_refused_with(code).await;
        assert!(matches!(error, SlackError::Auth { .. }), "{error:?}");
    }
    for code in ["fatal_error", "internal_error"] {
        assert_eq!(post_refused_with(code).await.retry(), Retry::LookFirst);
    }
    let odd = post_refused_with("<b>the whole page</b>").await;
    assert_eq!(
        odd.to_string(),
        "Slack refused chat.postMessage: unknown_error"
    );
}

#[tokio::test]
async fn a_refusal_that_a_person_can_mend_is_told_from_one_for_good_and_from_an_unknown_one() {
    for code in [
        "invalid_auth",
        "missing_scope",
        "is_archived",
        "not_in_channel",
        "channel_not_found",
        "restricted_action_read_only_channel",
    ] {
        let retry = post_refused_with(code).await.retry();
        assert_eq!(retry, Retry::WhenMended, "{code}");
    }
    for code in [
        "invalid_blocks",
        "msg_too_long",
        "user_not_found",
        "cannot_dm_bot",
    ] {
        assert_eq!(
            post_refused_with(code).await.retry(),
            Retry::Never,
            "{code}"
        );
    }
    let new = post_refused_with("a_code_of_next_year").await;
    assert_eq!(new.retry(), Retry::Unclear);
    for status in [401, 403, 404, 407] {
        let slack = FakeSlack::start().await;
        slack.will("chat.postMessage", Answer::Text(status, "the proxy's page"));
        assert_eq!(post(&slack).await.retry(), Retry::WhenMended, "{status}");
    }
}

#[tokio::test]
async fn no_error_and_no_setting_shows_the_token_or_an_answer() {
    let slack = FakeSlack::start().await;
    slack.will(
        "chat.postMessage",
        Answer::Text(500, "stack trace with xoxb"),
    );
    let error = post(&slack).await;
    let settings = SlackApiSettings {
        api_url: slack.origin.clone(),
        token: TOKEN.to_owned(),
        timeout: Duration::from_secs(1),
    };
    let shown = format!("{error} {error:?} {settings:?} {:?}", slack.api());
    assert!(
        !shown.contains("xoxb") && !shown.contains("stack trace"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_used_up_response_url_is_gone() {
    for (status, text) in [
        (404, "used_url"),
        (404, "expired_url"),
        (404, "no such page"),
    ] {
        let slack = FakeSlack::start().await;
        slack.will("/hook", Answer::Text(status, text));
        let url = format!("{}/hook", slack.origin);
        let error = slack
            .api()
            .respond(&url, &Reply::DeleteOriginal)
            .await
            .unwrap_err();
        assert!(matches!(error, SlackError::Gone { .. }), "{error:?}");
        assert!(!error.to_string().contains("/hook"));
    }
}

#[tokio::test]
async fn a_response_url_may_be_limited_refused_broken_or_silent() {
    let cases = [
        (Answer::Limited("3"), Retry::After(Duration::from_secs(3))),
        (Answer::Text(400, "invalid_blocks"), Retry::Never),
        (Answer::Text(500, ""), Retry::LookFirst),
        (Answer::Hang, Retry::LookFirst),
    ];
    for (answer, retry) in cases {
        let slack = FakeSlack::start().await;
        // On a busy machine an answer may take longer than an impatient client waits.
        let api = match answer {
            Answer::Hang => slack.impatient_api(),
            _ => slack.api(),
        };
        slack.will("/hook", answer);
        let url = format!("{}/hook", slack.origin);
        let error = api.respond(&url, &Reply::DeleteOriginal).await.unwrap_err();
        assert_eq!(error.retry(), retry, "{error:?}");
    }
}

#[tokio::test]
async fn a_response_url_elsewhere_is_not_called() {
    let slack = FakeSlack::start().await;
    for url in [
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "nonsense",
        "https://evil.com/x",
    ] {
        let error = slack
            .api()
            .respond(url, &Reply::DeleteOriginal)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "Slack refused response_url: foreign_url");
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    for api_url in [
        "",
        "slack.com/api",
        "ftp://slack.com/api",
        "https://a:b@slack.com/api",
        "https://slack.com/api?x=1",
    ] {
        let settings = SlackApiSettings {
            api_url: api_url.to_owned(),
            token: TOKEN.to_owned(),
            timeout: Duration::from_secs(1),
        };
        assert!(SlackApi::new(settings).is_err(), "{api_url}");
    }
}

use countersign::slack::inbound::payload::{
    EventKind, Interaction, InteractionKind, PayloadError, parse_command, parse_event,
    parse_interaction,
};
use serde_json::{Value, json};

fn interaction(payload: &Value) -> Interaction {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish();
    parse_interaction(body.as_bytes()).unwrap()
}

fn key(payload: &Value) -> Option<String> {
    let key = interaction(payload).idempotency_key()?;
    Some(key.as_str().to_owned())
}

fn click() -> Value {
    json!({
        "type": "block_actions", "token": "retired", "api_app_id": "A1",
        "team": {"id": "T1", "domain": "d"}, "user": {"id": "U1", "username": "ann", "team_id": "T1"},
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1", "is_ephemeral": false},
        "channel": {"id": "C1", "name": "ops"}, "message": {"ts": "1.2", "text": "x", "metadata": {"event_payload": {"n": 1}}},
        "state": {"values": {}}, "response_url": "https://hooks.slack.com/actions/secret", "trigger_id": "1.2.3",
        "actions": [{"type": "button", "action_id": "approve", "block_id": "b", "value": "v1", "action_ts": "9.9",
                     "text": {"type": "plain_text", "text": "Approve"}, "style": "primary"}],
        "some_new_field": [1, 2],
    })
}

fn submission() -> Value {
    json!({
        "type": "view_submission", "team": {"id": "T_OF_USER"}, "user": {"id": "U1", "team_id": "T_OF_USER"},
        "trigger_id": "1.2.3", "response_urls": [{"channel_id": "C1", "response_url": "https://x"}],
        "view": {"id": "V1", "hash": "h1", "callback_id": "deny", "private_metadata": "{\"r\":1}",
            "app_installed_team_id": "T1", "team_id": "T1", "type": "modal",
            "state": {"values": {
                "b1": {"reason": {"type": "plain_text_input", "value": "because"}},
                "b2": {"how": {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "A"}, "value": "a"}}},
                "b3": {"who": {"type": "multi_users_select", "selected_users": ["U1", "W2"]}},
                "b4": {"where": {"type": "multi_channels_select", "selected_channels": ["C1"]}},
                "b5": {"ticks": {"type": "checkboxes", "selected_options": [{"value": "x"}, {"value": "y"}]}},
                "b6": {"empty": {"type": "plain_text_input", "value": null}},
            }}},
    })
}

#[test]
fn a_command_is_read_from_its_form() {
    let command = parse_command(
        b"token=t&team_id=T1&enterprise_id=E1&channel_id=D1&user_id=W012&command=%2Fops&text=user+delete+%26amp%3B\
          &api_app_id=A1&is_enterprise_install=false&response_url=https%3A%2F%2Fhooks.slack.com%2Fx&trigger_id=1.2.3&new=1",
    )
    .unwrap();
    assert_eq!(command.command(), "/ops");
    assert_eq!(command.text(), "user delete &amp;");
    assert_eq!(command.user_id(), Some("W012"));
    assert_eq!(command.team_id(), Some("T1"));
    assert_eq!(command.enterprise_id(), Some("E1"));
    assert_eq!(command.response_url(), Some("https://hooks.slack.com/x"));
    assert_eq!(command.field("new"), Some("1"));
    assert_eq!(command.field("token"), None);
    assert!(!command.is_enterprise_install());
    assert_eq!(command.idempotency_key().unwrap().as_str(), "command:1.2.3");
}

#[test]
fn a_command_with_hardly_any_fields_is_read_with_gaps() {
    let command = parse_command(b"command=%2Fops&user_id=&text=a&text=b").unwrap();
    assert_eq!(command.user_id(), None);
    assert_eq!(command.text(), "a");
    assert_eq!(command.idempotency_key(), None);
    assert_eq!(
        parse_command(b"text=a"),
        Err(PayloadError::MissingField("command"))
    );
    assert_eq!(
        parse_command(b"\xff\xfe"),
        Err(PayloadError::MissingField("command"))
    );
}

#[test]
fn a_click_is_read_with_its_message_and_value() {
    let click = interaction(&click());
    assert_eq!(click.kind(), InteractionKind::BlockActions);
    assert_eq!(click.user_id(), Some("U1"));
    assert_eq!(click.team_id(), Some("T1"));
    assert_eq!(click.channel_id(), Some("C1"));
    assert_eq!(click.message_ts(), Some("1.2"));
    let action = click.action().unwrap();
    assert_eq!(action.action_id.as_deref(), Some("approve"));
    assert_eq!(action.block_id.as_deref(), Some("b"));
    assert_eq!(action.value(), Some("v1"));
    assert_eq!(click.raw["some_new_field"], json!([1, 2]));
    assert!(click.raw.get("token").is_none());
    assert_eq!(
        click.idempotency_key().unwrap().as_str(),
        "click:U1:9.9:approve:1.2"
    );
}

#[test]
fn two_clicks_have_two_keys_and_one_click_has_one() {
    let mut other = click();
    other["actions"][0]["action_ts"] = json!("9.91");
    assert_eq!(key(&click()), key(&click()));
    assert_ne!(key(&click()), key(&other));
    let mut somebody = click();
    somebody["user"]["id"] = json!("U2");
    assert_ne!(key(&click()), key(&somebody));
}

#[test]
fn an_organisation_wide_install_sends_no_team() {
    let mut payload = click();
    payload["team"] = Value::Null;
    payload["is_enterprise_install"] = json!(true);
    payload["enterprise"] = json!({"id": "E1", "name": "Org"});
    payload["user"] = json!({"id": "W012", "name": "ann", "team_id": "T9"});
    let click = interaction(&payload);
    assert_eq!(click.team_id(), None);
    assert_eq!(click.enterprise_id(), Some("E1"));
    assert_eq!(click.user_id(), Some("W012"));
    assert_eq!(click.user_team_id(), Some("T9"));
    assert!(click.is_enterprise_install);
}

#[test]
fn a_field_of_an_unexpected_shape_reads_as_absent() {
    let mut payload = click();
    payload["user"] = json!("U1");
    payload["channel"] = json!("C1");
    payload["view"] = json!(7);
    payload["state"] = json!({"values": []});
    payload["trigger_id"] = json!({});
    let click = interaction(&payload);
    assert_eq!(click.user_id(), None);
    assert_eq!(
        click.channel_id(),
        Some("C1"),
        "the container still says it"
    );
    assert!(click.view.is_none());
    assert_eq!(click.trigger_id, None);
    assert_eq!(click.idempotency_key(), None);
    assert_eq!(click.action().unwrap().value(), Some("v1"));
}

#[test]
fn a_submission_is_read_with_everything_typed_and_chosen() {
    let submission = interaction(&submission());
    assert_eq!(submission.kind(), InteractionKind::ViewSubmission);
    let view = submission.view.as_ref().unwrap();
    assert_eq!(view.callback_id.as_deref(), Some("deny"));
    assert_eq!(view.private_metadata.as_deref(), Some("{\"r\":1}"));
    assert_eq!(view.state.text("reason"), Some("because"));
    assert_eq!(view.state.text("empty"), None);
    assert_eq!(view.state.choice("how"), Some("a"));
    assert_eq!(view.state.get("b3", "who").unwrap().chosen(), ["U1", "W2"]);
    assert_eq!(view.state.by_action("where").unwrap().chosen(), ["C1"]);
    assert_eq!(view.state.by_action("ticks").unwrap().chosen(), ["x", "y"]);
    assert_eq!(
        submission.response_urls[0].response_url.as_deref(),
        Some("https://x")
    );
    assert_eq!(
        submission.idempotency_key().unwrap().as_str(),
        "submission:V1:h1"
    );
}

#[test]
fn the_team_of_a_submission_is_where_the_app_is_installed_not_where_the_person_is_from() {
    let submission = interaction(&submission());
    assert_eq!(submission.team_id(), Some("T1"));
    assert_eq!(submission.user_team_id(), Some("T_OF_USER"));
}

#[test]
fn every_kind_is_known_and_an_unknown_one_is_kept() {
    let kinds = [
        ("view_closed", InteractionKind::ViewClosed),
        ("block_suggestion", InteractionKind::BlockSuggestion),
        ("shortcut", InteractionKind::Shortcut),
        ("message_action", InteractionKind::MessageAction),
        (
            "interactive_message",
            InteractionKind::Unknown("interactive_message"),
        ),
    ];
    for (kind, expected) in kinds {
        let read = interaction(&json!({"type": kind}));
        assert_eq!(read.kind(), expected);
    }
    assert_eq!(interaction(&json!({})).kind(), InteractionKind::Unknown(""));
}

#[test]
fn a_suggestion_a_shortcut_and_a_closing_are_read() {
    let asked = interaction(
        &json!({"type": "block_suggestion", "action_id": "user", "block_id": "b", "value": "an",
        "container": {"type": "view", "view_id": "V1"}}),
    );
    assert_eq!(asked.value.as_deref(), Some("an"));
    assert_eq!(asked.action_id.as_deref(), Some("user"));
    assert_eq!(asked.idempotency_key(), None);
    let shortcut = json!({"type": "message_action", "callback_id": "note", "action_ts": "5.5", "message_ts": "1.2",
        "user": {"id": "U1"}, "channel": {"id": "C1"}});
    assert_eq!(interaction(&shortcut).message_ts(), Some("1.2"));
    assert_eq!(key(&shortcut).as_deref(), Some("shortcut:U1:5.5:note"));
    let closed = json!({"type": "view_closed", "view": {"id": "V1"}, "is_cleared": true});
    assert!(interaction(&closed).is_cleared);
    assert_eq!(key(&closed).as_deref(), Some("closed:V1"));
}

#[test]
fn what_is_not_an_interaction_is_refused() {
    let refused = |body: &[u8]| parse_interaction(body).unwrap_err();
    assert_eq!(refused(b"a=1"), PayloadError::MissingField("payload"));
    for body in [
        "payload=",
        "payload=[]",
        "payload=null",
        "payload=%7B%22a",
        "payload=7",
    ] {
        assert_eq!(
            refused(body.as_bytes()),
            PayloadError::NotAnObject,
            "{body}"
        );
    }
}

#[test]
fn nothing_secret_is_shown_when_logged() {
    let shown = format!(
        "{:?} {:?}",
        interaction(&click()),
        interaction(&submission())
    );
    for hidden in ["hooks.slack.com", "because", "1.2.3", "retired"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn an_event_is_known_by_its_id_on_every_delivery() {
    let body = json!({"type": "event_callback", "token": "t", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev1",
        "event_time": 1_700_000_000, "authorizations": [{"team_id": "T1"}], "is_ext_shared_channel": false,
        "event": {"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1", "view": {"id": "V1"}}});
    let event = parse_event(body.to_string().as_bytes()).unwrap();
    assert_eq!(event.kind(), EventKind::Callback);
    assert_eq!(event.event.kind, "app_home_opened");
    assert_eq!(event.event.user_id(), Some("U1"));
    assert_eq!(event.event.tab.as_deref(), Some("home"));
    assert_eq!(event.idempotency_key().unwrap().as_str(), "event:Ev1");
    assert_eq!(event.raw["event"]["view"]["id"], "V1");
}

#[test]
fn an_event_may_hold_the_whole_person_and_a_channel_of_another_shape() {
    let body = json!({"type": "event_callback", "team_id": null, "event_id": "Ev2",
        "event": {"type": "user_change", "user": {"id": "W1", "deleted": true}, "channel": {"id": "C1"}}});
    let event = parse_event(body.to_string().as_bytes()).unwrap();
    assert_eq!(event.event.user_id(), Some("W1"));
    assert_eq!(event.event.channel, None);
    assert_eq!(event.team_id, None);
}

#[test]
fn other_posts_of_the_events_api_are_told_apart() {
    let kind = |body: Value| {
        format!(
            "{:?}",
            parse_event(body.to_string().as_bytes()).unwrap().kind()
        )
    };
    assert_eq!(
        kind(json!({"type": "app_rate_limited", "minute_rate_limited": 60})),
        "RateLimited { since: Some(60) }"
    );
    assert_eq!(
        kind(json!({"type": "url_verification"})),
        "Unknown(\"url_verification\")"
    );
    assert_eq!(kind(json!({"type": "new"})), "Unknown(\"new\")");
    assert_eq!(
        parse_event(b"nonsense").unwrap_err(),
        PayloadError::NotAnObject
    );
}

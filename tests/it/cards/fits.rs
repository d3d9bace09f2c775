//! Slack's limits on a whole body, and which markup may stand in it.

use serde_json::Value;

/// Accounts that the stories name: every other mention came from a text.
const ACCOUNTS: [&str; 3] = ["U0ASKER", "U0SECOND", "U0THIRD"];

/// Fails when a body breaks a limit or holds markup that no card writes.
pub(super) fn assert_fits(kind: &str, body: &Value) {
    let most = if kind == "modal" { 100 } else { 50 };
    let blocks = body["blocks"].as_array().unwrap();
    assert!(
        (1..=most).contains(&blocks.len()),
        "{} blocks",
        blocks.len()
    );
    if kind == "message" {
        let text = body["text"].as_str().unwrap();
        assert!(
            (1..=4000).contains(&units(text)),
            "a fallback of {}",
            units(text)
        );
        assert_markup(text);
    }
    let metadata = body["private_metadata"].as_str().unwrap_or_default();
    assert!(units(metadata) <= 3000, "metadata");
    for name in ["title", "submit", "close"] {
        let text = body[name]["text"].as_str().unwrap_or_default();
        assert!(units(text) <= 24, "{name}");
    }
    blocks.iter().for_each(assert_block);
}

fn assert_block(block: &Value) {
    let list = |name: &str| block[name].as_array().cloned().unwrap_or_default();
    match block["type"].as_str().unwrap() {
        "divider" => {}
        "header" => assert_text(&block["text"], 150),
        "section" if block["fields"].is_array() => {
            assert!((1..=10).contains(&list("fields").len()), "fields");
            list("fields")
                .iter()
                .for_each(|field| assert_text(field, 2000));
        }
        "section" => assert_text(&block["text"], 3000),
        "context" => {
            assert!((1..=10).contains(&list("elements").len()), "elements");
            list("elements")
                .iter()
                .for_each(|element| assert_text(element, 3000));
        }
        "actions" => list("elements").iter().for_each(assert_button),
        "input" => {
            assert_text(&block["label"], 2000);
            if block["hint"].is_object() {
                assert_text(&block["hint"], 2000);
            }
            let typed = block["element"]["initial_value"].as_str().unwrap_or("x");
            assert!((1..=3000).contains(&units(typed)), "an initial value");
        }
        other => panic!("no limits for a block of type {other}"),
    }
}

fn assert_button(button: &Value) {
    assert_text(&button["text"], 75);
    assert!(units(button["value"].as_str().unwrap()) <= 2000, "a value");
    let confirm = &button["confirm"];
    if confirm.is_object() {
        let parts = [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)];
        parts
            .into_iter()
            .for_each(|(part, most)| assert_text(&confirm[part], most));
    }
}

fn assert_text(object: &Value, most: usize) {
    let text = object["text"].as_str().unwrap();
    assert!(
        (1..=most).contains(&units(text)),
        "{} of {most}: {text}",
        units(text)
    );
    if object["type"] == "mrkdwn" {
        assert_eq!(object["verbatim"], true, "Slack would make links of {text}");
        assert_markup(text);
    }
}

/// Only mentions of the story's persons, dates and our own links stand between angle brackets.
fn assert_markup(text: &str) {
    for piece in text.split('<').skip(1) {
        let token = piece.split_once('>').map(|(token, _)| token);
        let token = token.unwrap_or_else(|| panic!("an open < in {text}"));
        let is_person = token
            .strip_prefix('@')
            .is_some_and(|id| ACCOUNTS.contains(&id));
        let is_ours = token.starts_with("!date^") || token.starts_with("https://team.slack.com/");
        assert!(is_person || is_ours, "<{token}> in {text}");
    }
    for piece in text.split('&').skip(1) {
        let is_entity = ["amp;", "lt;", "gt;"].iter().any(|e| piece.starts_with(e));
        assert!(is_entity, "a bare & in {text}");
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

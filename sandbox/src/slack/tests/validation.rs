//! What is refused, and where.

use serde_json::{Value, json};

use crate::slack::check::{self, Surface};

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn button() -> Value {
    json!({"type": "button", "action_id": "a", "text": plain("Go")})
}

fn option(value: &str) -> Value {
    json!({"text": plain("One"), "value": value})
}

fn actions(element: impl Into<Value>) -> Value {
    json!({"type": "actions", "elements": [element.into()]})
}

fn with(mut value: Value, name: &str, to: Value) -> Value {
    value[name] = to;
    value
}

/// A block that is refused, and what a complaint about it says.
type Refused = (Value, &'static str);

fn many(n: usize, item: impl Into<Value>) -> Value {
    Value::Array(vec![item.into(); n])
}

fn layouts() -> Vec<Refused> {
    let section =
        |n: usize| json!({"type": "section", "text": {"type": "mrkdwn", "text": "x".repeat(n)}});
    vec![
        (
            json!({"type": "nonsense"}),
            "unsupported type: nonsense [json-pointer:/blocks/0/type]",
        ),
        (json!({"text": "x"}), "missing required field: type"),
        (
            json!({"type": "divider", "extra": 1}),
            "invalid additional property: extra",
        ),
        (
            json!({"type": "divider", "block_id": "x".repeat(256)}),
            "less than 256",
        ),
        (
            section(3001),
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (section(0), "must be more than 0 characters"),
        (json!({"type": "section"}), "text or fields"),
        (
            json!({"type": "section", "fields": many(11, plain("x"))}),
            "no more than 10 items",
        ),
        (
            json!({"type": "section", "fields": [plain(&"x".repeat(2001))]}),
            "less than 2001",
        ),
        (
            json!({"type": "section", "text": {"type": "plain_text", "text": "x", "verbatim": true}}),
            "verbatim",
        ),
        (
            json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
            "must be plain_text",
        ),
        (
            json!({"type": "header", "text": plain(&"x".repeat(151))}),
            "less than 151",
        ),
        (
            json!({"type": "context", "elements": many(11, plain("x"))}),
            "no more than 10 items",
        ),
        (
            json!({"type": "context", "elements": [button()]}),
            "unsupported type: button",
        ),
        (
            json!({"type": "image", "alt_text": "x"}),
            "either image_url or slack_file",
        ),
        (
            json!({"type": "markdown", "text": "x".repeat(12_001)}),
            "less than 12001",
        ),
        (
            json!({"type": "table", "rows": many(101, json!([{"type": "raw_text", "text": "x"}]))}),
            "no more than 100",
        ),
        (
            json!({"type": "rich_text", "elements": [{"type": "rich_text_odd", "elements": []}]}),
            "rich_text_odd",
        ),
    ]
}

fn buttons() -> Vec<Refused> {
    vec![
        (
            json!({"type": "actions", "elements": []}),
            "no fewer than 1",
        ),
        (
            json!({"type": "actions", "elements": many(26, with(button(), "action_id", json!("a")))}),
            "no more than 25",
        ),
        (
            json!({"type": "actions", "elements": [button(), button()]}),
            "action_id a used twice",
        ),
        (
            actions(with(button(), "style", json!("blue"))),
            "must be one of primary, danger",
        ),
        (
            actions(with(button(), "style", json!("default"))),
            "must be one of primary, danger",
        ),
        (
            actions(with(button(), "text", plain(&"x".repeat(76)))),
            "less than 76",
        ),
        (
            actions(with(button(), "value", json!("x".repeat(2001)))),
            "less than 2001",
        ),
        (actions(with(button(), "value", json!(""))), "more than 0"),
        (
            actions(with(button(), "value", json!(1))),
            "must provide a string",
        ),
        (
            actions(with(button(), "url", json!("javascript:x"))),
            "valid URL",
        ),
        (
            actions(with(button(), "action_id", json!("x".repeat(256)))),
            "less than 256",
        ),
    ]
}

fn confirmations() -> Vec<Refused> {
    let confirm =
        json!({"title": plain("T"), "text": plain("X"), "confirm": plain("Y"), "deny": plain("N")});
    vec![
        (
            actions(with(
                button(),
                "confirm",
                with(confirm.clone(), "title", plain(&"x".repeat(101))),
            )),
            "less than 101",
        ),
        (
            actions(with(
                button(),
                "confirm",
                with(confirm.clone(), "text", plain(&"x".repeat(301))),
            )),
            "less than 301",
        ),
        (
            actions(with(
                button(),
                "confirm",
                with(confirm, "deny", plain(&"x".repeat(31))),
            )),
            "less than 31",
        ),
        (
            actions(with(button(), "confirm", json!({"title": plain("T")}))),
            "missing required field: text",
        ),
    ]
}

fn selects() -> Vec<Refused> {
    let select = json!({"type": "static_select", "action_id": "s", "options": [option("1")]});
    vec![
        (
            actions(with(select.clone(), "options", json!([]))),
            "no fewer than 1",
        ),
        (
            actions(with(select.clone(), "options", many(101, option("1")))),
            "no more than 100",
        ),
        (
            actions(with(
                select.clone(),
                "options",
                json!([option(&"x".repeat(151))]),
            )),
            "less than 151",
        ),
        (
            actions(with(select.clone(), "initial_option", option("2"))),
            "not among the options",
        ),
        (
            actions(with(
                select.clone(),
                "option_groups",
                json!([{"label": plain("G"), "options": [option("1")]}]),
            )),
            "either options or option_groups",
        ),
        (
            actions(with(select, "placeholder", plain(&"x".repeat(151)))),
            "less than 151",
        ),
        (
            actions(json!({"type": "overflow", "action_id": "o", "options": many(6, option("1"))})),
            "no more than 5",
        ),
        (
            actions(
                json!({"type": "checkboxes", "action_id": "c", "options": many(11, option("1"))}),
            ),
            "no more than 10",
        ),
        (
            actions(json!({"type": "datepicker", "action_id": "d", "initial_date": "2026-02-30"})),
            "must be a date",
        ),
        (
            actions(json!({"type": "plain_text_input", "action_id": "p"})),
            "unsupported type: plain_text_input",
        ),
    ]
}

#[test]
fn every_documented_limit_of_a_block_is_enforced() {
    for (block, expected) in [layouts(), buttons(), confirmations(), selects()].concat() {
        let faults: Vec<_> = check::message(std::slice::from_ref(&block))
            .iter()
            .map(ToString::to_string)
            .collect();
        let shown: String = block.to_string().chars().take(200).collect();
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{shown}: {faults:?}, not {expected}"
        );
    }
}

#[test]
fn blocks_at_their_limits_are_accepted() {
    let blocks = [
        json!({"type": "section", "text": {"type": "mrkdwn", "text": "é".repeat(3000), "verbatim": true},
            "fields": vec![plain(&"x".repeat(2000)); 10], "accessory": button()}),
        json!({"type": "header", "text": plain(&"x".repeat(150))}),
        actions(with(button(), "value", json!("x".repeat(2000)))),
        actions(
            json!({"type": "static_select", "action_id": "s", "initial_option": option("1"),
            "options": vec![option("1"); 100]}),
        ),
        json!({"type": "context", "elements": vec![plain("x"); 10]}),
        json!({"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": true}}]}]}]}),
        json!({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}),
        json!({"type": "divider", "block_id": "x".repeat(255)}),
    ];
    assert_eq!(check::message(&blocks), []);
}

#[test]
fn a_message_has_at_most_fifty_blocks_with_ids_of_their_own() {
    assert_eq!(check::message(&vec![json!({"type": "divider"}); 50]), []);
    assert_eq!(
        check::message(&vec![json!({"type": "divider"}); 51]).len(),
        1
    );
    assert_eq!(
        check::message(&vec![json!({"type": "divider", "block_id": "b"}); 2]).len(),
        1
    );
    let table = json!({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]});
    assert_eq!(check::message(&[table.clone(), table]).len(), 1);
}

#[test]
fn views_are_checked_as_a_whole() {
    let input = json!({"type": "input", "label": plain("L"), "element": {"type": "plain_text_input", "action_id": "a"}});
    let modal =
        json!({"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": [input]});
    assert_eq!(check::view(&modal, Surface::Modal), []);
    let mut no_submit = modal.clone();
    no_submit.as_object_mut().unwrap().remove("submit");
    let input_element = |element: Value| {
        with(
            modal.clone(),
            "blocks",
            json!([with(input.clone(), "element", element)]),
        )
    };
    let typed = |more: Value| {
        let mut element = json!({"type": "plain_text_input", "action_id": "a"});
        element
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        input_element(element)
    };
    let cases = [
        no_submit,
        with(modal.clone(), "title", plain(&"x".repeat(25))),
        with(modal.clone(), "private_metadata", json!("x".repeat(3001))),
        with(modal.clone(), "blocks", json!([])),
        with(
            modal.clone(),
            "blocks",
            Value::Array(vec![json!({"type": "divider"}); 101]),
        ),
        with(modal.clone(), "surprise", json!(1)),
        with(modal.clone(), "type", json!("home")),
        with(
            modal.clone(),
            "blocks",
            json!([{"type": "markdown", "text": "x"}]),
        ),
        typed(json!({"min_length": 5, "max_length": 4})),
        typed(json!({"max_length": 3001})),
        typed(json!({"max_length": 2, "initial_value": "abc"})),
        input_element(button()),
        input_element(
            json!({"type": "number_input", "action_id": "a", "is_decimal_allowed": false, "min_value": "1.5"}),
        ),
    ];
    for view in cases {
        let shown: String = view.to_string().chars().take(200).collect();
        assert_ne!(check::view(&view, Surface::Modal), [], "{shown}");
    }
    let home = json!({"type": "home", "blocks": [{"type": "divider"}]});
    assert_eq!(check::view(&home, Surface::Home), []);
    assert_ne!(
        check::view(&with(home, "title", plain("T")), Surface::Home),
        []
    );
}

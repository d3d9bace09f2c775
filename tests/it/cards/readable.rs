//! Messages and modals as text that people can review.

use countersign::slack::cards::Card;
use serde_json::Value;
use slack_morphism::blocks::SlackView;

pub(super) fn card(card: &Card) -> String {
    let body = serde_json::to_value(card).unwrap();
    format!("({})\n\n{}", card.text, blocks(&body))
}

pub(super) fn view(view: &SlackView) -> String {
    let body = serde_json::to_value(view).unwrap();
    let word = |name: &str| text(&body[name]).to_owned();
    let foot = format!(
        "<{}> <{}> callback {} metadata {}",
        word("submit"),
        word("close"),
        body["callback_id"],
        body["private_metadata"].as_str().unwrap_or_default()
    );
    format!("== {} ==\n\n{}\n\n{foot}", word("title"), blocks(&body))
}

fn blocks(body: &Value) -> String {
    let blocks = body["blocks"].as_array().unwrap();
    blocks.iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn block(block: &Value) -> String {
    let elements = || block["elements"].as_array().unwrap().iter();
    match block["type"].as_str().unwrap() {
        "header" => format!("# {}", text(&block["text"])),
        "divider" => "---".to_owned(),
        "section" if block["fields"].is_array() => {
            let fields = block["fields"].as_array().unwrap().iter();
            let fields = fields.map(|field| format!("| {}", text(field).replace('\n', ": ")));
            fields.collect::<Vec<_>>().join("\n")
        }
        "section" => text(&block["text"]).to_owned(),
        "context" => elements().map(|e| format!("~ {}", text(e))).collect(),
        "actions" => elements().map(button).collect::<Vec<_>>().join("\n"),
        "input" => {
            let element = &block["element"];
            let names = format!("{}/{}", block["block_id"], element["action_id"]);
            let value = element["initial_value"].as_str().unwrap_or_default();
            let (label, hint) = (text(&block["label"]), text(&block["hint"]));
            format!("{label}: [{value}] {names}\n  {hint}")
        }
        other => panic!("no text for a block of type {other}"),
    }
}

fn button(button: &Value) -> String {
    let style = button["style"].as_str().unwrap_or("plain");
    let confirm = &button["confirm"];
    let asks = match confirm {
        Value::Null => String::new(),
        _ => format!(
            " asks: {} {}",
            text(&confirm["title"]),
            text(&confirm["text"])
        ),
    };
    let action = button["action_id"].as_str().unwrap();
    format!("[{} ({style}) {action}{asks}]", text(&button["text"]))
}

fn text(object: &Value) -> &str {
    object["text"].as_str().unwrap_or_default()
}

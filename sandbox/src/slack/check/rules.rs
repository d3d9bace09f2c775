//! Rules that span several properties or blocks, and what Slack fills in by itself.

use serde_json::Value;

use super::shape::Fault;
use crate::{rim::random_bytes, slack::model::elements};

/// Characters of all markdown blocks of a message together.
const MARKDOWN_TOTAL: usize = 12_000;
/// Tables in a message.
const TABLES: usize = 1;

/// Checks what one block's own table cannot say.
pub(super) fn across(blocks: &[Value], at: &str, faults: &mut Vec<Fault>) {
    for (index, block) in blocks.iter().enumerate() {
        let here = format!("{at}/{index}");
        let earlier = &blocks[..index];
        if block["block_id"].is_string()
            && earlier
                .iter()
                .any(|other| other["block_id"] == block["block_id"])
        {
            faults.push(Fault::new(
                format!("{here}/block_id"),
                "must be unique: block_id used twice",
            ));
        }
        match block["type"].as_str() {
            Some("section") if block.get("text").is_none() && block.get("fields").is_none() => {
                faults.push(Fault::new(&here, "missing required field: text or fields"));
            }
            Some("image") => image(block, &here, faults),
            _ => {}
        }
        one_block(block, &here, faults);
    }
    let focused = elements(blocks)
        .iter()
        .filter(|(_, element)| element["focus_on_load"] == true)
        .count();
    if focused > 1 {
        faults.push(Fault::new(at, "only one element may have focus_on_load"));
    }
    let of = |kind: &str| {
        blocks
            .iter()
            .filter(|block| block["type"] == kind)
            .collect::<Vec<_>>()
    };
    let markdown = of("markdown")
        .iter()
        .filter_map(|block| block["text"].as_str())
        .map(|t| t.chars().count())
        .sum();
    if MARKDOWN_TOTAL < markdown {
        faults.push(Fault::new(
            at,
            format!(
                "markdown blocks must be less than {} characters",
                MARKDOWN_TOTAL + 1
            ),
        ));
    }
    if of("table").len() > TABLES {
        faults.push(Fault::new(at, "only one table allowed"));
    }
}

fn one_block(block: &Value, here: &str, faults: &mut Vec<Fault>) {
    let mut seen: Vec<String> = Vec::new();
    for (_, element) in elements(std::slice::from_ref(block)) {
        if let Some(id) = element["action_id"].as_str() {
            if seen.iter().any(|other| other == id) {
                faults.push(Fault::new(
                    here,
                    format!("must be unique: action_id {id} used twice"),
                ));
            }
            seen.push(id.to_owned());
        }
        one_element(&element, here, faults);
    }
    let nested = block["elements"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(block.get("accessory"));
    nested
        .filter(|element| element["type"] == "image")
        .for_each(|element| image(element, here, faults));
}

fn image(image: &Value, here: &str, faults: &mut Vec<Fault>) {
    if image.get("image_url").is_some() == image.get("slack_file").is_some() {
        faults.push(Fault::new(
            here,
            "must provide either image_url or slack_file",
        ));
    }
    let file = &image["slack_file"];
    if file.is_object() && file.get("id").is_some() == file.get("url").is_some() {
        faults.push(Fault::new(
            format!("{here}/slack_file"),
            "must provide either id or url",
        ));
    }
}

fn one_element(element: &Value, here: &str, faults: &mut Vec<Fault>) {
    let kind = element["type"].as_str().unwrap_or_default();
    let choices = offered(element);
    if matches!(kind, "static_select" | "multi_static_select")
        && element.get("options").is_some() == element.get("option_groups").is_some()
    {
        faults.push(Fault::new(
            here,
            format!("{kind} needs either options or option_groups"),
        ));
    }
    if matches!(
        kind,
        "static_select" | "multi_static_select" | "radio_buttons" | "checkboxes"
    ) {
        let initial = element["initial_options"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(element.get("initial_option"));
        for option in initial.filter(|option| !choices.contains(option)) {
            faults.push(Fault::new(
                here,
                format!(
                    "initial option {} is not among the options",
                    option["value"]
                ),
            ));
        }
    }
    let number = |name: &str| match &element[name] {
        Value::String(text) => text.parse::<f64>().ok(),
        other => other.as_f64(),
    };
    for (low, high) in [
        ("min_length", "max_length"),
        ("min_value", "max_value"),
        ("min_lines", "max_lines"),
    ] {
        if let (Some(least), Some(most)) = (number(low), number(high))
            && least > most
        {
            faults.push(Fault::new(
                here,
                format!("{low} must not be more than {high}"),
            ));
        }
    }
    if kind == "plain_text_input"
        && let (Some(text), Some(most)) = (
            element["initial_value"].as_str(),
            element["max_length"].as_u64(),
        )
        && text.chars().count() as u64 > most
    {
        faults.push(Fault::new(here, "initial_value is longer than max_length"));
    }
    if kind == "number_input" && element["is_decimal_allowed"] == false {
        for name in ["initial_value", "min_value", "max_value"] {
            if element[name]
                .as_str()
                .is_some_and(|text| text.contains('.'))
            {
                faults.push(Fault::new(here, format!("{name} must not be a decimal")));
            }
        }
    }
    if kind.ends_with("conversations_select")
        && element["filter"]
            .as_object()
            .is_some_and(serde_json::Map::is_empty)
    {
        faults.push(Fault::new(here, "filter must not be empty"));
    }
}

/// The options of a select, from its groups too.
pub(in crate::slack) fn offered(element: &Value) -> Vec<&Value> {
    let groups = element["option_groups"].as_array().into_iter().flatten();
    let lists = groups
        .map(|group| &group["options"])
        .chain([&element["options"]]);
    lists.filter_map(Value::as_array).flatten().collect()
}

/// Characters of all texts in the blocks.
pub(in crate::slack) fn text_total(blocks: &[Value]) -> usize {
    fn count(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.iter().map(count).sum(),
            Value::Object(map) => {
                let own = map
                    .get("text")
                    .and_then(Value::as_str)
                    .map_or(0, |text| text.chars().count());
                own + map.values().map(count).sum::<usize>()
            }
            _ => 0,
        }
    }
    blocks.iter().map(count).sum()
}

/// The blocks as Slack keeps them: with the ids and the defaults that it fills in.
pub(in crate::slack) fn normalised(mut blocks: Vec<Value>) -> Vec<Value> {
    for block in &mut blocks {
        fill(block, "block_id");
        fill_texts(block);
        for name in ["accessory", "element"] {
            if let Some(element) = block
                .get_mut(name)
                .filter(|element| element["type"] != "image")
            {
                fill(element, "action_id");
            }
        }
        if matches!(block["type"].as_str(), Some("actions" | "context_actions"))
            && let Some(elements) = block["elements"].as_array_mut()
        {
            elements
                .iter_mut()
                .for_each(|element| fill(element, "action_id"));
        }
    }
    blocks
}

fn fill(value: &mut Value, name: &str) {
    if value.get(name).is_none() {
        value[name] = hex::encode(random_bytes::<3>())[..5].into();
    }
}

fn fill_texts(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(fill_texts),
        Value::Object(map) => {
            let default = match map.get("type").and_then(Value::as_str) {
                Some("plain_text") => Some(("emoji", true)),
                Some("mrkdwn") => Some(("verbatim", false)),
                _ => None,
            };
            if let Some((name, value)) = default {
                map.entry(name).or_insert(value.into());
            }
            map.values_mut().for_each(fill_texts);
        }
        _ => {}
    }
}

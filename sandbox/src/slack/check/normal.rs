//! Blocks as Slack keeps them, and what can be read from them.

use serde_json::Value;

use crate::runtime::random_bytes;

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

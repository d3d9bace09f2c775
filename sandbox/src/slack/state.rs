//! What is entered in a view or chosen in a message: `state.values`.

use serde_json::{Value, json};

use super::{check::offered, model::elements};

/// The property that holds an element's value, the property it starts with, and whether it is a list;
/// `None` for elements that have no value, such as buttons.
fn parts(kind: &str) -> Option<(&'static str, &'static str, bool)> {
    Some(match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => {
            ("value", "initial_value", false)
        }
        "rich_text_input" => ("rich_text_value", "initial_value", false),
        "static_select" | "external_select" | "radio_buttons" => {
            ("selected_option", "initial_option", false)
        }
        "multi_static_select" | "multi_external_select" | "checkboxes" => {
            ("selected_options", "initial_options", true)
        }
        "users_select" => ("selected_user", "initial_user", false),
        "multi_users_select" => ("selected_users", "initial_users", true),
        "conversations_select" => ("selected_conversation", "initial_conversation", false),
        "multi_conversations_select" => ("selected_conversations", "initial_conversations", true),
        "channels_select" => ("selected_channel", "initial_channel", false),
        "multi_channels_select" => ("selected_channels", "initial_channels", true),
        "datepicker" => ("selected_date", "initial_date", false),
        "timepicker" => ("selected_time", "initial_time", false),
        "datetimepicker" => ("selected_date_time", "initial_date_time", false),
        "file_input" => ("files", "", true),
        _ => return None,
    })
}

/// The values at first sight. What `kept` holds for the same block and action stays.
pub(super) fn initial(blocks: &[Value], kept: &Value) -> Value {
    let mut state = json!({});
    for (block, element) in elements(blocks) {
        let kind = element["type"].as_str().unwrap_or_default();
        let Some((property, start, many)) = parts(kind) else {
            continue;
        };
        let action = element["action_id"].as_str().unwrap_or_default();
        let before = &kept[block.as_str()][action];
        state[block.as_str()][action] = if before["type"] == kind {
            before.clone()
        } else {
            let empty = if many { json!([]) } else { Value::Null };
            let value = element.get(start).cloned().unwrap_or(empty);
            json!({"type": kind, property: value})
        };
    }
    state
}

/// Adds what was entered elsewhere on the same surface; what does not fit any element is left out.
pub(super) fn merge(blocks: &[Value], values: &mut Value, around: &Value) {
    for (block, element) in elements(blocks) {
        let action = element["action_id"].as_str().unwrap_or_default();
        let given = around[block.as_str()].get(action);
        if let Some(value) = given.and_then(|given| entered(&element, given)) {
            values[block.as_str()][action] = value;
        }
    }
}

/// An element's value after `entered`: an object as in `state.values`, or in short a string (what was typed, or the
/// value of the option that was chosen) or a list of such strings. `None` for an element without a value, and for an
/// option that is not offered.
pub(super) fn entered(element: &Value, entered: &Value) -> Option<Value> {
    let kind = element["type"].as_str().unwrap_or_default();
    let (property, _, many) = parts(kind)?;
    let nothing = if many { json!([]) } else { Value::Null };
    let given = match entered {
        Value::Object(given) => given.get(property).cloned().unwrap_or(nothing),
        Value::Array(_) | Value::Null => entered.clone(),
        one if many => json!([one]),
        one => one.clone(),
    };
    let value = if property.starts_with("selected_option") {
        match &given {
            Value::Array(items) => items
                .iter()
                .map(|item| option(element, item))
                .collect::<Option<_>>()?,
            Value::Null => given,
            one => option(element, one)?,
        }
    } else {
        given
    };
    Some(json!({"type": kind, property: value}))
}

/// Whether the element has a value that people enter; buttons have none.
pub(super) fn takes_a_value(element: &Value) -> bool {
    parts(element["type"].as_str().unwrap_or_default()).is_some()
}

/// The whole option for an option or its value. The options of an external select are known to the app alone.
fn option(element: &Value, chosen: &Value) -> Option<Value> {
    let value = if chosen.is_object() {
        &chosen["value"]
    } else {
        chosen
    };
    if !element["type"]
        .as_str()
        .is_some_and(|kind| kind.ends_with("external_select"))
    {
        return offered(element)
            .into_iter()
            .find(|option| option["value"] == *value)
            .cloned();
    }
    Some(match chosen {
        Value::String(text) => {
            json!({"text": {"type": "plain_text", "text": text, "emoji": true}, "value": text})
        }
        whole => whole.clone(),
    })
}

/// Whether nothing is entered.
pub(super) fn is_empty(value: &Value) -> bool {
    let kind = value["type"].as_str().unwrap_or_default();
    let Some((property, ..)) = parts(kind) else {
        return true;
    };
    match &value[property] {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

//! Rules that span several properties of one element.

use serde_json::{Map, Value};

use super::{normal::offered, shape::Fault};

/// Pairs of properties of which the first must not be more than the second.
const RANGES: [(&str, &str); 3] = [
    ("min_length", "max_length"),
    ("min_value", "max_value"),
    ("min_lines", "max_lines"),
];

/// Checks what the element's own table cannot say.
pub(super) fn one_element(element: &Value, here: &str, faults: &mut Vec<Fault>) {
    let mut fault = |message: String| faults.push(Fault::new(here, message));
    choices(element, &mut fault);
    numbers(element, &mut fault);
    let empty_filter = element["filter"].as_object().is_some_and(Map::is_empty);
    if empty_filter {
        fault("filter must not be empty".into());
    }
}

fn choices(element: &Value, fault: &mut impl FnMut(String)) {
    let kind = element["type"].as_str().unwrap_or_default();
    let has = |name: &str| element.get(name).is_some();
    let select = matches!(kind, "static_select" | "multi_static_select");
    if select && has("options") == has("option_groups") {
        fault(format!("{kind} needs either options or option_groups"));
    }
    if !select && !matches!(kind, "radio_buttons" | "checkboxes") {
        return;
    }
    let options = offered(element);
    let many = element["initial_options"].as_array().into_iter().flatten();
    for option in many.chain(element.get("initial_option")) {
        if !options.contains(&option) {
            fault(format!(
                "initial option {} is not among the options",
                option["value"]
            ));
        }
    }
}

fn numbers(element: &Value, fault: &mut impl FnMut(String)) {
    let number = |name: &str| match &element[name] {
        Value::String(text) => text.parse::<f64>().ok(),
        other => other.as_f64(),
    };
    for (low, high) in RANGES {
        if let (Some(least), Some(most)) = (number(low), number(high))
            && least > most
        {
            fault(format!("{low} must not be more than {high}"));
        }
    }
    let text = |name: &str| element[name].as_str();
    if element["type"] == "plain_text_input"
        && let (Some(text), Some(most)) = (text("initial_value"), element["max_length"].as_u64())
        && text.chars().count() as u64 > most
    {
        fault("initial_value is longer than max_length".into());
    }
    if element["type"] == "number_input" && element["is_decimal_allowed"] == false {
        for name in ["initial_value", "min_value", "max_value"] {
            if text(name).is_some_and(|text| text.contains('.')) {
                fault(format!("{name} must not be a decimal"));
            }
        }
    }
}

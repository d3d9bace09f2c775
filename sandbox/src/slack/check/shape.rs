//! A small language for JSON shapes, and the check of a value against it.

use std::fmt::{self, Display, Formatter};

use serde_json::{Map, Value};

/// Something that Slack refuses, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pointer: String,
    message: String,
}

impl Fault {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} [json-pointer:{}]", self.message, self.pointer)
    }
}

/// What a value has to look like. Lengths count characters.
pub(super) enum Rule {
    /// Any boolean.
    Flag,
    /// A string with at least and at most this many characters.
    Text(usize, usize),
    /// A string that is one of these.
    OneOf(&'static [&'static str]),
    /// An `http` or `https` URL of at most this many characters.
    Url(usize),
    /// A string that a function accepts; the words name what it has to be.
    Form(fn(&str) -> bool, &'static str),
    /// A whole number in this range.
    Number(i64, i64),
    /// A `plain_text` object with a text of at most this many characters.
    Plain(usize),
    /// A `plain_text` or `mrkdwn` object with a text of at most this many characters.
    Words(usize),
    /// A list with at least and at most this many items.
    List(usize, usize, &'static Rule),
    /// An object without a `type`.
    Object(&'static [Field]),
    /// An object whose `type` picks one of these shapes.
    Typed(&'static [Shape]),
    /// The same, with the shapes of several tables.
    Union(&'static [&'static [Shape]]),
}

/// An object with a `type`, and the properties it may have.
pub(super) struct Shape {
    pub(super) kind: &'static str,
    pub(super) fields: &'static [Field],
}

/// One property.
pub(super) struct Field {
    name: &'static str,
    required: bool,
    rule: Rule,
}

pub(super) const fn shape(kind: &'static str, fields: &'static [Field]) -> Shape {
    Shape { kind, fields }
}

/// A property that has to be there.
pub(super) const fn req(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        required: true,
        rule,
    }
}

/// A property that may be left out.
pub(super) const fn opt(name: &'static str, rule: Rule) -> Field {
    Field {
        name,
        required: false,
        rule,
    }
}

/// Checks `value`, which is at `at`, and adds what is wrong to `faults`.
pub(super) fn check(value: &Value, rule: &Rule, at: &str, faults: &mut Vec<Fault>) {
    match rule {
        Rule::Flag if !value.is_boolean() => faults.push(Fault::new(at, "must provide a boolean")),
        Rule::Flag => {}
        Rule::Number(least, most) => match value.as_i64() {
            Some(number) if (*least..=*most).contains(&number) => {}
            Some(_) => faults.push(Fault::new(
                at,
                format!("must be between {least} and {most}"),
            )),
            None => faults.push(Fault::new(at, "must provide a number")),
        },
        Rule::Text(..) | Rule::OneOf(_) | Rule::Url(_) | Rule::Form(..) => match value.as_str() {
            None => faults.push(Fault::new(at, "must provide a string")),
            Some(text) => faults.extend(string(text, rule).map(|message| Fault::new(at, message))),
        },
        Rule::Plain(most) => text_object(value, *most, false, at, faults),
        Rule::Words(most) => text_object(value, *most, true, at, faults),
        Rule::List(least, most, item) => match value.as_array() {
            None => faults.push(Fault::new(at, "must provide an array")),
            Some(items) => {
                if items.len() < *least {
                    faults.push(Fault::new(
                        at,
                        format!("no fewer than {least} items allowed"),
                    ));
                }
                if items.len() > *most {
                    faults.push(Fault::new(at, format!("no more than {most} items allowed")));
                }
                for (index, inner) in items.iter().enumerate() {
                    check(inner, item, &format!("{at}/{index}"), faults);
                }
            }
        },
        Rule::Object(fields) => match value.as_object() {
            None => faults.push(Fault::new(at, "must provide an object")),
            Some(map) => object(map, None, fields, at, faults),
        },
        Rule::Typed(shapes) => typed(value, shapes.iter(), at, faults),
        Rule::Union(tables) => typed(value, tables.iter().copied().flatten(), at, faults),
    }
}

fn string(text: &str, rule: &Rule) -> Option<String> {
    let length = text.chars().count();
    match rule {
        Rule::Text(least, _) if length < *least => {
            Some(format!("must be more than {} characters", least - 1))
        }
        Rule::Text(_, most) | Rule::Url(most) if length > *most => {
            Some(format!("must be less than {} characters", most + 1))
        }
        Rule::OneOf(allowed) if !allowed.contains(&text) => {
            Some(format!("must be one of {}", allowed.join(", ")))
        }
        Rule::Url(_) => {
            let host = text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"));
            let good =
                host.is_some_and(|rest| !rest.is_empty()) && !text.contains(char::is_whitespace);
            (!good).then(|| "must be a valid URL".to_owned())
        }
        Rule::Form(accepts, words) if !accepts(text) => Some(format!("must be {words}")),
        _ => None,
    }
}

fn text_object(value: &Value, most: usize, mrkdwn: bool, at: &str, faults: &mut Vec<Fault>) {
    let Some(map) = value.as_object() else {
        return faults.push(Fault::new(at, "must provide an object"));
    };
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
    let extra = match kind {
        "plain_text" => "emoji",
        "mrkdwn" if mrkdwn => "verbatim",
        _ => {
            let allowed = if mrkdwn {
                "plain_text or mrkdwn"
            } else {
                "plain_text"
            };
            return faults.push(Fault::new(
                format!("{at}/type"),
                format!("must be {allowed}"),
            ));
        }
    };
    for (name, inner) in map {
        let at = format!("{at}/{name}");
        match name.as_str() {
            "type" => {}
            "text" => check(inner, &Rule::Text(1, most), &at, faults),
            name if name == extra => check(inner, &Rule::Flag, &at, faults),
            _ => faults.push(Fault::new(
                at,
                format!("invalid additional property: {name}"),
            )),
        }
    }
    if !map.contains_key("text") {
        faults.push(Fault::new(at, "missing required field: text"));
    }
}

fn typed<'a>(
    value: &Value,
    mut shapes: impl Iterator<Item = &'a Shape>,
    at: &str,
    faults: &mut Vec<Fault>,
) {
    let Some(map) = value.as_object() else {
        return faults.push(Fault::new(at, "must provide an object"));
    };
    let Some(kind) = map.get("type").and_then(Value::as_str) else {
        return faults.push(Fault::new(at, "missing required field: type"));
    };
    match shapes.find(|shape| shape.kind == kind) {
        Some(shape) => object(map, Some(kind), shape.fields, at, faults),
        None => faults.push(Fault::new(
            format!("{at}/type"),
            format!("unsupported type: {kind}"),
        )),
    }
}

fn object(
    map: &Map<String, Value>,
    kind: Option<&str>,
    fields: &[Field],
    at: &str,
    faults: &mut Vec<Fault>,
) {
    for (name, value) in map {
        match fields.iter().find(|field| field.name == name) {
            Some(field) => check(value, &field.rule, &format!("{at}/{name}"), faults),
            None if kind.is_some() && name == "type" => {}
            None => faults.push(Fault::new(
                at,
                format!("invalid additional property: {name}"),
            )),
        }
    }
    for field in fields
        .iter()
        .filter(|field| field.required && !map.contains_key(field.name))
    {
        faults.push(Fault::new(
            at,
            format!("missing required field: {}", field.name),
        ));
    }
}

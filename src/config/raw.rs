//! The settings as they were written: read from the file and the environment, names checked, values not yet.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::{
    effective::Origin,
    fault::{Fault, Faults},
    names::{self, ALIASES, Name, TABLES, did_you_mean},
};

/// What was written, before any value is looked at.
#[derive(Default)]
pub(super) struct Raw {
    /// The text of each setting that is set. Lists are joined with commas.
    pub values: BTreeMap<&'static str, (String, Origin)>,
    /// `[app.schema]`.
    pub schema: Table,
    /// `linked` under `[people]`.
    pub linked: Option<Value>,
}

/// The name of a fault of the whole file.
pub(super) const FILE: &str = "the file";

/// What switching off the two-person rule would be called. It gets an answer of its own, not a guess at a spelling.
const TWO_PERSON: &[&str] = &["two_person", "countersign_two_person", "two_person_rule"];

/// Reads the file's text and the environment over it.
pub(super) fn read(file: Option<&str>, env: &BTreeMap<String, String>, faults: &mut Faults) -> Raw {
    let mut raw = Raw::default();
    if let Some(text) = file {
        match text.parse::<Table>() {
            Ok(table) => read_file(table, &mut raw, faults),
            Err(error) => faults.0.push(syntax(text, &error)),
        }
    }
    read_env(env, &mut raw, faults);
    raw
}

/// The parser's own display quotes the line, which may hold a secret: only its message and the place are said.
fn syntax(text: &str, error: &toml::de::Error) -> Fault {
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let message = error.message().replace('\n', ", ");
    Fault::new(FILE, format!("is not valid TOML at line {line}: {message}"))
}

fn read_file(file: Table, raw: &mut Raw, faults: &mut Faults) {
    for (section, value) in file {
        match value {
            Value::Table(keys) if sections().any(|known| known == section) => {
                for (key, value) in keys {
                    read_key(&section, &key, value, raw, faults);
                }
            }
            _ => faults.0.push(unknown_section(&section)),
        }
    }
}

fn sections() -> impl Iterator<Item = &'static str> {
    let tables = TABLES.iter().map(|(section, _)| *section);
    names::ALL.iter().map(|name| name.section).chain(tables)
}

fn unknown_section(section: &str) -> Fault {
    let fault = Fault::new(section, "is not a section of the file");
    let by_key = names::ALL.iter().find(|name| name.key() == section);
    match (by_key, did_you_mean(section, sections())) {
        (Some(name), _) => fault.hint(format!("it belongs under [{}]", name.section)),
        (None, Some(near)) => fault.hint(format!("did you mean [{near}]?")),
        (None, None) => fault,
    }
}

fn read_key(section: &str, key: &str, value: Value, raw: &mut Raw, faults: &mut Faults) {
    match (section, key, value) {
        ("app", "schema", Value::Table(schema)) => raw.schema = schema,
        ("app", "schema", _) => faults.0.push(Fault::new("app.schema", "is not a table")),
        ("people", "linked", linked) => raw.linked = Some(linked),
        (_, _, value) => match names::ALL
            .iter()
            .find(|name| name.section == section && name.key() == key)
        {
            None => faults.0.push(unknown_key(section, key)),
            Some(name) => match text_of(&value) {
                Some(text) => set(raw, name, &text, Origin::File),
                None => faults.0.push(Fault::new(
                    name.env,
                    format!("cannot be a {} in the file", value.type_str()),
                )),
            },
        },
    }
}

fn unknown_key(section: &str, key: &str) -> Fault {
    let place = format!("[{section}] {key}");
    if TWO_PERSON.contains(&key) {
        return two_person(place);
    }
    let fault = Fault::new(place, "is not a setting");
    if let Some(name) = names::ALL.iter().find(|name| name.key() == key) {
        return fault.hint(format!("it belongs under [{}]", name.section));
    }
    let keys: Vec<_> = names::ALL
        .iter()
        .map(|name| (name.section, name.key()))
        .collect();
    let tables = TABLES.iter().map(|(_, key)| *key);
    let Some(near) = did_you_mean(key, keys.iter().map(|(_, key)| key.as_str()).chain(tables))
    else {
        return fault;
    };
    match keys.iter().find(|(_, known)| known == near) {
        Some((home, _)) if *home != section => {
            fault.hint(format!("did you mean `{near}` under [{home}]?"))
        }
        _ => fault.hint(format!("did you mean `{near}`?")),
    }
}

fn two_person(place: String) -> Fault {
    Fault::new(
        place,
        "the two-person rule is always on and cannot be configured",
    )
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.as_str()).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

fn read_env(env: &BTreeMap<String, String>, raw: &mut Raw, faults: &mut Faults) {
    for (alias, name) in ALIASES {
        if let Some(value) = env
            .get(*alias)
            .filter(|_| !raw.values.contains_key(name.env))
        {
            set(raw, name, value, Origin::Environment);
        }
    }
    for (variable, value) in env {
        match names::by_env(variable) {
            Some(name) => set(raw, name, value, Origin::Environment),
            None if variable.starts_with("COUNTERSIGN_") => {
                faults.0.push(unknown_variable(variable));
            }
            None => {}
        }
    }
}

fn unknown_variable(variable: &str) -> Fault {
    if TWO_PERSON.contains(&variable.to_ascii_lowercase().as_str()) {
        return two_person(variable.to_owned());
    }
    let fault = Fault::new(variable, "is not a setting");
    match did_you_mean(variable, names::ALL.iter().map(|name| name.env)) {
        Some(near) => fault.hint(format!("did you mean {near}?")),
        None => fault,
    }
}

/// An empty value counts as unset, so it does not hide one that was set before.
fn set(raw: &mut Raw, name: &'static Name, value: &str, origin: Origin) {
    let value = value.trim();
    if !value.is_empty() {
        raw.values.insert(name.env, (value.to_owned(), origin));
    }
}

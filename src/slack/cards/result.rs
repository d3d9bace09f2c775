//! What a step did, for people. Steps name their facts by convention; a name that is not known here is shown as it is.

use serde_json::{Map, Value};

use super::{audience::Audience, emoji, impact, limits, text};
use crate::domain::event::{ALARM, StepResult};

/// Characters of a signature that people compare by eye.
const SHORT_SIGNATURE: usize = 16;

/// The facts of a result, each a short piece of markup; empty when the step says nothing.
pub(super) fn pieces(result: &StepResult, to: Audience) -> Vec<String> {
    collect(&to.result(result), true)
}

/// A result in one line: as many facts as fit, the first one always; what stays is only counted.
pub(super) fn line(result: &StepResult) -> String {
    let mut out = String::new();
    for piece in collect(result, false) {
        if out.is_empty() {
            out = piece;
        } else if text::units(&out) + text::units(&piece) < limits::RESULT_LINE {
            out.push_str("; ");
            out.push_str(&piece);
        } else {
            out.push_str("; …");
            break;
        }
    }
    out
}

/// What a step found that somebody has to look at, although the step itself succeeded.
pub(super) fn alarm(result: &StepResult, to: Audience) -> Option<String> {
    let says = result.get(ALARM)?.as_str()?;
    Some(to.text(says, limits::SENTENCE))
}

/// The sign of a step that succeeded.
pub(super) fn sign(result: &StepResult) -> &'static str {
    if result.contains_key(ALARM) {
        emoji::FAILED
    } else {
        emoji::DONE
    }
}

fn collect(result: &StepResult, in_full: bool) -> Vec<String> {
    let known = [rows(result), objects(result), sessions(result)];
    let mut out: Vec<String> = known.into_iter().flatten().collect();
    for (key, value) in result {
        match (key.as_str(), value) {
            (
                "rows" | "tables" | "objects" | "versions" | "delete_markers" | "bytes"
                | "sessions_ended",
                _,
            )
            | (_, Value::Null) => {}
            ("note" | "blocked" | ALARM, says) => out.push(plain(says)),
            ("kept", Value::Array(items)) if !in_full => {
                let things = text::counted(items.len() as u64, "thing stays", "things stay");
                out.push(format!("{things}, as listed"));
            }
            // Sentences: each is a piece of its own.
            ("kept", Value::Array(items)) => {
                let shown = items.iter().take(limits::LIST).map(item);
                out.extend(shown.map(|one| format!("{}: {one}", label(key))));
                if items.len() > limits::LIST {
                    let more = items.len() - limits::LIST;
                    out.push(format!("{}: {more} more", label(key)));
                }
            }
            (key, Value::Object(counts)) if counts.values().all(Value::is_u64) => {
                out.push(format!("{}: {}", label(key), by_name(counts)));
            }
            ("certificate", value) => out.push(certificate(value)),
            (key, value) => out.push(format!("{}: {}", label(key), plain(value))),
        }
    }
    let more = out.len().saturating_sub(limits::RESULT_FACTS);
    if more > 0 {
        out.truncate(limits::RESULT_FACTS);
        out.push(format!("{more} more facts are on record"));
    }
    out
}

fn rows(result: &StepResult) -> Option<String> {
    let tables = result.get("tables").and_then(Value::as_object);
    let total = match result.get("rows") {
        Some(Value::Number(n)) if n.is_u64() => n.as_u64(),
        Some(other) => return Some(format!("rows: {}", plain(other))),
        None => {
            let counts = tables?.values().map(|n| n.as_u64().unwrap_or_default());
            Some(counts.fold(0, u64::saturating_add))
        }
    };
    let total = text::counted(total?, "row", "rows");
    match tables.filter(|tables| !tables.is_empty()) {
        Some(tables) => Some(format!("{total}: {}", by_name(tables))),
        None => Some(total),
    }
}

/// Counts by name, the largest first, and how many more there are.
fn by_name(counts: &Map<String, Value>) -> String {
    let mut each: Vec<_> = counts.iter().collect();
    each.sort_by_key(|(_, n)| std::cmp::Reverse(n.as_u64()));
    let shown = each.iter().take(limits::RESULT_TABLES);
    let shown = shown.map(|(name, n)| format!("{} {}", impact::table(name), brief(n)));
    let mut shown: Vec<_> = shown.collect();
    if each.len() > limits::RESULT_TABLES {
        shown.push(format!("{} more", each.len() - limits::RESULT_TABLES));
    }
    shown.join(", ")
}

fn objects(result: &StepResult) -> Option<String> {
    let number = |key: &str| result.get(key).and_then(Value::as_u64);
    let known = [
        number("objects").map(|n| text::counted(n, "object", "objects")),
        number("versions").map(|n| text::counted(n, "version", "versions")),
        number("delete_markers").map(|n| text::counted(n, "delete marker", "delete markers")),
        number("bytes").map(text::bytes),
    ];
    let known: Vec<_> = known.into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn sessions(result: &StepResult) -> Option<String> {
    let ended = result.get("sessions_ended")?;
    match ended {
        Value::Null => None,
        ended => Some(match ended.as_u64() {
            Some(n) => format!("{} ended", text::counted(n, "session", "sessions")),
            None => format!("sessions ended: {}", plain(ended)),
        }),
    }
}

/// The first items of a list, and how many more there are.
fn list(items: &[Value]) -> String {
    let mut shown: Vec<_> = items.iter().take(limits::LIST).map(item).collect();
    if items.len() > limits::LIST {
        shown.push(format!("{} more", items.len() - limits::LIST));
    }
    if shown.is_empty() {
        "nothing".to_owned()
    } else {
        shown.join(", ")
    }
}

fn item(item: &Value) -> String {
    match (item.get("what"), item.get("why")) {
        (Some(what), Some(why)) => format!("{} ({})", brief(what), brief(why)),
        _ => brief(item),
    }
}

fn certificate(value: &Value) -> String {
    let Some(fields) = value.as_object() else {
        return format!("certificate: {}", plain(value));
    };
    let known = ["key", "sha256", "signature"].map(|name| {
        let value = fields.get(name)?.as_str()?;
        Some(match name {
            "key" => text::code(value, limits::SENTENCE),
            "sha256" => format!("SHA-256 {}", text::code(value, limits::NAME)),
            _ => {
                let short: String = value.chars().take(SHORT_SIGNATURE).collect();
                format!(
                    "signature {}",
                    text::code(&format!("{short}…"), limits::NAME)
                )
            }
        })
    });
    let known: Vec<_> = known.into_iter().flatten().collect();
    format!("certificate {}", known.join(", "))
}

fn label(key: &str) -> String {
    text::safe(&text::words(key), limits::NAME)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Array(items) => list(items),
        Value::Object(counts) if counts.values().all(Value::is_u64) => by_name(counts),
        other => scalar(other, limits::SENTENCE),
    }
}

fn brief(value: &Value) -> String {
    scalar(value, limits::ITEM)
}

fn scalar(value: &Value, most: usize) -> String {
    match value {
        Value::String(words) => text::safe(words, most),
        Value::Number(n) => n.as_u64().map_or_else(|| n.to_string(), text::count),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "–".to_owned(),
        other => text::safe(&other.to_string(), most),
    }
}

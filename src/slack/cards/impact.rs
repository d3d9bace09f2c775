//! What a plan would change: in one line, in a short list, in full.

use super::{limits, text};
use crate::{
    amounts,
    domain::plan::{Impact, Plan},
};

/// Sums over a plan's impact.
#[derive(Default)]
struct Totals {
    rows: u64,
    tables: u64,
    objects: u64,
    versions: u64,
    markers: u64,
    bytes: u64,
    people: u64,
    values: u64,
}

/// `72 rows in 9 tables, 14 objects (16 versions, 1.4 MB)`; says so when there is nothing.
pub(super) fn summary(impact: &[Impact]) -> String {
    let totals = totals(impact);
    let mut parts = vec![];
    if totals.tables > 0 {
        let rows = text::counted(totals.rows, "row", "rows");
        let tables = text::counted(totals.tables, "table", "tables");
        parts.push(format!("{rows} in {tables}"));
    }
    if totals.objects.max(totals.versions).max(totals.markers) > 0 {
        parts.push(stored(
            totals.objects,
            totals.versions,
            totals.markers,
            totals.bytes,
        ));
    }
    if totals.people > 0 {
        parts.push(text::counted(totals.people, "person", "people"));
    }
    if totals.values > 0 {
        parts.push(text::counted(totals.values, "value", "values"));
    }
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}

/// What a plan does, before its summary: it …
pub(super) fn verb(plan: &Plan) -> &'static str {
    if plan.hands_out() {
        "hands out"
    } else {
        "changes"
    }
}

/// The heading of what a plan leaves alone.
pub(super) fn rest(plan: &Plan) -> &'static str {
    if plan.hands_out() {
        "What is held back"
    } else {
        "What stays"
    }
}

/// Every change, the largest first.
pub(super) fn list(impact: &[Impact]) -> Vec<String> {
    sorted(impact).map(line).collect()
}

/// Every change with the reason for it.
pub(super) fn full_list(impact: &[Impact]) -> Vec<String> {
    sorted(impact).map(full_line).collect()
}

/// `14 objects (16 versions, 2 delete markers, 1.4 MB)`.
pub(super) fn stored(objects: u64, versions: u64, markers: u64, bytes: u64) -> String {
    let mut parts = vec![text::counted(versions, "version", "versions")];
    if markers > 0 {
        parts.push(text::counted(markers, "delete marker", "delete markers"));
    }
    parts.push(text::bytes(bytes));
    let objects = text::counted(objects, "object", "objects");
    format!("{objects} ({})", parts.join(", "))
}

/// A table's name without the quotes of SQL.
pub(super) fn table(name: &str) -> String {
    text::code(&name.replace('"', ""), limits::NAME)
}

fn line(impact: &Impact) -> String {
    match impact {
        Impact::Rows {
            table: name,
            action,
            rows,
            ..
        } => {
            let rows = text::counted(*rows, "row", "rows");
            format!("• {}  {rows} {}", table(name), action.word())
        }
        Impact::Objects {
            place,
            objects,
            versions,
            delete_markers,
            bytes,
        } => {
            let stored = stored(*objects, *versions, *delete_markers, *bytes);
            format!("• {}  {stored}", text::code(place, limits::NAME))
        }
        Impact::Money {
            what,
            minor,
            currency,
            before,
        } => {
            let money = |minor| amounts::money(minor, currency);
            let before = before.map(money);
            changed(what, before.as_deref(), &money(*minor))
        }
        Impact::Credits {
            name,
            before,
            after,
        } => changed(name, Some(&before.to_string()), &after.to_string()),
        Impact::People { what, count } => {
            let people = text::counted(*count, "person", "people");
            format!("• {people} {}", text::safe(what, limits::NAME))
        }
        Impact::Value {
            name,
            before,
            after,
        } => changed(name, Some(before), after),
    }
}

/// A value before and after, or what it is when it stays.
fn changed(name: &str, before: Option<&str>, after: &str) -> String {
    let (name, now) = (
        text::safe(name, limits::NAME),
        text::safe(after, limits::NAME),
    );
    match before.filter(|before| *before != after) {
        Some(before) => format!("• {name}  {} → {now}", text::safe(before, limits::NAME)),
        None => format!("• {name}  {now}"),
    }
}

fn full_line(impact: &Impact) -> String {
    let line = line(impact);
    match impact {
        Impact::Rows { because, .. } if !because.trim().is_empty() => {
            format!("{line} – {}", text::safe(because, limits::SENTENCE))
        }
        _ => line,
    }
}

/// Values first, for they are few and exact; then tables by rows, then objects by bytes.
fn sorted(impact: &[Impact]) -> impl Iterator<Item = &Impact> {
    let mut all: Vec<_> = impact.iter().collect();
    all.sort_by_key(|one| {
        let (kind, size) = match one {
            Impact::Money { .. }
            | Impact::Credits { .. }
            | Impact::People { .. }
            | Impact::Value { .. } => (0, 0),
            Impact::Rows { rows, .. } => (1, *rows),
            Impact::Objects { bytes, .. } => (2, *bytes),
        };
        (kind, std::cmp::Reverse(size))
    });
    all.into_iter()
}

fn totals(impact: &[Impact]) -> Totals {
    let mut sum = Totals::default();
    for one in impact {
        match one {
            Impact::Rows { rows, .. } => {
                sum.rows = sum.rows.saturating_add(*rows);
                sum.tables += 1;
            }
            Impact::Objects {
                objects,
                versions,
                delete_markers,
                bytes,
                ..
            } => {
                sum.objects = sum.objects.saturating_add(*objects);
                sum.versions = sum.versions.saturating_add(*versions);
                sum.markers = sum.markers.saturating_add(*delete_markers);
                sum.bytes = sum.bytes.saturating_add(*bytes);
            }
            Impact::Money { minor, before, .. } => {
                sum.values += u64::from(before.is_some_and(|before| before != *minor));
            }
            Impact::Credits { before, after, .. } => sum.values += u64::from(before != after),
            Impact::People { count, .. } => sum.people = sum.people.saturating_add(*count),
            Impact::Value { before, after, .. } => sum.values += u64::from(before != after),
        }
    }
    sum
}

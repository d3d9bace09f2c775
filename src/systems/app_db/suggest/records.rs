//! The sections of the proposal that stand for one table each, but for the accounts.

use super::{
    Found,
    columns::{self, find, looked_for, maybe_owner, owner, table_named},
    text::{Line, Part, Sure, written},
    values,
};
use crate::systems::app_db::{Column, Mapping, Table, mapping::keys, sql::plain};

/// States, in lower case, under which somebody pays or is about to.
const RUNNING: &[&str] = &[
    "active",
    "trialing",
    "trial",
    "past_due",
    "pastdue",
    "unpaid",
    "paid",
    "running",
    "ongoing",
    "live",
    "renewing",
    "non_renewing",
    "grace",
    "in_grace_period",
    "on_hold",
    "paused",
];

pub(super) fn session(found: &Found<'_>) -> Part {
    let names = [
        "session",
        "usersession",
        "authsession",
        "loginsession",
        "websession",
        "accountsession",
        "authenticationsession",
    ];
    let mut part = Part {
        name: "app.schema.session",
        ..Part::default()
    };
    let tables = owned(found, &names);
    let Some(table) = tables.first() else {
        part.lines.extend(undecided(found, &names));
        part.notes.push(
            "No table of sign-in sessions names an account: sessions revoke can only say so."
                .to_owned(),
        );
        return part;
    };
    part.lines.extend(head(found, table));
    part.lines
        .push(match find(table, "[app.schema.session] expires") {
            Some(column) => Line::set("expires", &column.name, Sure::Likely, reason(column)),
            None => Line::open(
                "expires",
                "…",
                "not found: every row counts as somebody signed in",
            ),
        });
    part
}

pub(super) async fn subscription(found: &Found<'_>) -> Part {
    let names = [
        "subscription",
        "usersubscription",
        "customersubscription",
        "membership",
        "stripesubscription",
        "usermembership",
    ];
    let mut part = Part {
        name: "app.schema.subscription",
        ..Part::default()
    };
    let setting = |key: &str| format!("[app.schema.subscription] {key}");
    let tables = owned(found, &names);
    let Some((table, status)) = tables
        .iter()
        .find_map(|table| find(table, &setting("status")).map(|status| (table, status)))
    else {
        part.lines.extend(undecided(found, &names));
        part.notes.push(
            "No table of subscriptions with a state names an account: whether somebody still pays is asked of Stripe alone."
                .to_owned(),
        );
        return part;
    };
    part.lines.extend(head(found, table));
    part.lines.push(Line::set(
        "status",
        &status.name,
        Sure::Likely,
        reason(status),
    ));
    let words = values::of(found.db, table, status).await;
    part.lines.push(running(status, &words));
    part.lines.push(match find(table, &setting("ends_at")) {
        Some(column) => Line::set(
            "ends_at",
            &column.name,
            Sure::Likely,
            "what ended does not forbid an erasure",
        ),
        None => Line::open(
            "ends_at",
            "…",
            "not found: a subscription runs as long as its status says so",
        ),
    });
    for key in ["amount", "currency", "created_at"] {
        part.lines.push(optional(table, key, &setting(key)));
    }
    part
}

/// The states under which a subscription runs. An enum has no others than its labels; a column of text may hold tomorrow what
/// no row holds today, so the usual states stay in force beside those that were seen.
fn running(status: &Column, words: &[String]) -> Line {
    let mut running: Vec<String> = words
        .iter()
        .filter(|word| RUNNING.contains(&word.to_lowercase().as_str()))
        .cloned()
        .collect();
    let listed = if words.is_empty() {
        "unknown".to_owned()
    } else {
        words.join(", ")
    };
    if running.is_empty() {
        let why = format!("the values under which it runs, in a list; values: {listed}");
        return Line::open("running", "active", why);
    }
    let is_enum = !status.enum_labels.is_empty();
    if !is_enum {
        for usual in Mapping::default().subscription.running {
            if !running.iter().any(|word| word.eq_ignore_ascii_case(&usual)) {
                running.push(usual);
            }
        }
    }
    let values = running.into_iter().map(toml::Value::String).collect();
    Line::Set {
        key: "running",
        value: toml::Value::Array(values).to_string(),
        sure: Sure::Likely,
        why: match is_enum {
            true => format!("of {listed}"),
            false => format!("the usual ones and those of {listed}, which the rows hold now"),
        },
    }
}

pub(super) fn payment(found: &Found<'_>) -> Part {
    let names = [
        "payment",
        "userpayment",
        "purchase",
        "charge",
        "stripepayment",
        "creditpurchase",
    ];
    let mut part = Part {
        name: "app.schema.payment",
        ..Part::default()
    };
    let setting = |key: &str| format!("[app.schema.payment] {key}");
    let tables = owned(found, &names);
    let Some((table, payment)) = tables
        .iter()
        .find_map(|table| find(table, &setting("payment")).map(|column| (table, column)))
    else {
        part.lines.extend(undecided(found, &names));
        return part;
    };
    part.lines.extend(head(found, table));
    part.lines.push(Line::set(
        "payment",
        &payment.name,
        Sure::Likely,
        "Stripe's id, by its name",
    ));
    for key in ["credits", "amount", "currency", "status", "created_at"] {
        part.lines.push(optional(table, key, &setting(key)));
    }
    part
}

/// Tables that the runbook names and the app spells in its own way.
pub(super) fn others(found: &Found<'_>) -> Vec<Part> {
    let mapping = Mapping::default();
    let mut parts = Vec::new();
    for section in keys::sections(&mapping) {
        let name = match section.name {
            "test_session" => "app.schema.test_session",
            "analytics_event" => "app.schema.analytics_event",
            "login_attempt" => "app.schema.login_attempt",
            "support_ticket" => "app.schema.support_ticket",
            _ => continue,
        };
        let wanted = plain(section.table);
        let Some(table) = table_named(&found.others(), &[&wanted]) else {
            continue;
        };
        let mut part = Part {
            name,
            ..Part::default()
        };
        part.lines.push(Line::set(
            "table",
            &written(table, &found.main),
            Sure::Likely,
            "by its name",
        ));
        for key in &section.columns {
            let setting = format!("[{name}] {}", key.name);
            let column = if key.name == "user_id" {
                match whose(found, table) {
                    Some(line) => part.lines.push(line),
                    None => part.lines.push(Line::open(key.name, "…", "not found")),
                }
                continue;
            } else {
                let usual = plain(key.value);
                let same = table
                    .columns
                    .iter()
                    .find(|column| plain(&column.name) == usual);
                same.or_else(|| find(table, &setting))
            };
            part.lines.push(match column {
                Some(column) => Line::set(key.name, &column.name, Sure::Likely, "by its name"),
                None => Line::open(key.name, "…", "not found"),
            });
        }
        parts.push(part);
    }
    parts
}

/// The tables of these names whose rows name an account, those beside the accounts first.
fn owned<'a>(found: &Found<'a>, names: &[&str]) -> Vec<&'a Table> {
    let beside = &found.table().schema;
    let mut tables = found.others();
    tables.sort_by_key(|table| table.schema != *beside);
    let mut owned = Vec::new();
    for name in names {
        let same = tables
            .iter()
            .filter(|table| columns::singular(&plain(&table.name)) == **name);
        owned.extend(
            same.filter(|table| owner(found.schema, found.accounts, &found.id, table).is_some()),
        );
    }
    owned
}

/// The table and the key to the account.
fn head(found: &Found<'_>, table: &Table) -> Vec<Line> {
    let mut lines = vec![Line::set(
        "table",
        &written(table, &found.main),
        Sure::Likely,
        "by its name",
    )];
    lines.extend(whose(found, table));
    lines
}

/// The key to the account: in force when it says whose a row is, otherwise open with what may be meant.
fn whose(found: &Found<'_>, table: &Table) -> Option<Line> {
    if let Some((column, is_key)) = owner(found.schema, found.accounts, &found.id, table) {
        let (sure, why) = match is_key {
            true => (Sure::Certain, "a foreign key to the account"),
            false => (
                Sure::Likely,
                "by its name and type; the database has no foreign key",
            ),
        };
        return Some(Line::set("user_id", &column.name, sure, why));
    }
    let maybe = maybe_owner(found.schema, found.accounts, &found.id, table);
    let first = maybe.first()?;
    let listed: Vec<&str> = maybe.iter().map(|column| column.name.as_str()).collect();
    let why = format!(
        "look at it: no name says whose a row is; candidates: {}",
        listed.join(", ")
    );
    Some(Line::open("user_id", &first.name, why))
}

/// Where no table of these names is an account's for certain: the first that may be, as open lines.
fn undecided(found: &Found<'_>, names: &[&str]) -> Vec<Line> {
    let others = found.others();
    let mut tables = names
        .iter()
        .filter_map(|name| table_named(&others, &[*name]));
    let line = tables.find_map(|table| {
        let is_owned = owner(found.schema, found.accounts, &found.id, table).is_some();
        let line = whose(found, table).filter(|_| !is_owned)?;
        Some((written(table, &found.main), line))
    });
    line.map_or_else(Vec::new, |(table, line)| {
        vec![
            Line::open("table", &table, "by its name; see user_id"),
            line,
        ]
    })
}

/// A column that may be there or not.
pub(super) fn optional(table: &Table, key: &'static str, setting: &str) -> Line {
    match find(table, setting) {
        Some(column) => Line::set(key, &column.name, Sure::Likely, reason(column)),
        None => Line::open(
            key,
            "…",
            format!("not found; looked for {}", looked_for(setting)),
        ),
    }
}

pub(super) fn reason(column: &Column) -> String {
    format!(
        "by its name and its type, {}",
        column.type_name.trim_start_matches("pg_catalog.")
    )
}

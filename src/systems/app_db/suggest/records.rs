//! The sections of the proposal that stand for one table each, but for the accounts.

use super::{
    Found,
    columns::{self, find, looked_for, owner, table_named},
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

/// The sessions.
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

/// The subscriptions.
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
    let running: Vec<&String> = words
        .iter()
        .filter(|word| RUNNING.contains(&word.to_lowercase().as_str()))
        .collect();
    part.lines.push(if running.is_empty() {
        let listed = if words.is_empty() {
            "unknown".to_owned()
        } else {
            words.join(", ")
        };
        let why = format!("the values under which it runs, in a list; values: {listed}");
        Line::open("running", "active", why)
    } else {
        let value = toml::Value::Array(
            running
                .into_iter()
                .map(|word| toml::Value::String(word.clone()))
                .collect(),
        );
        Line::Set {
            key: "running",
            value: value.to_string(),
            sure: Sure::Likely,
            why: format!("of {}", words.join(", ")),
        }
    });
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

/// The payments.
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
                owner(found.schema, found.accounts, &found.id, table).map(|(column, _)| column)
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
    if let Some((column, is_key)) = owner(found.schema, found.accounts, &found.id, table) {
        let (sure, why) = match is_key {
            true => (Sure::Sure, "a foreign key to the account"),
            false => (
                Sure::Likely,
                "by its name and type; the database has no foreign key",
            ),
        };
        lines.push(Line::set("user_id", &column.name, sure, why));
    }
    lines
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

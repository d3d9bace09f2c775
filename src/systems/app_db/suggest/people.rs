//! The accounts' section of the proposal.

use super::{
    Found,
    accounts::{self, Ranked},
    columns::{self, find, looked_for, owner},
    records::{optional, reason},
    text::{Line, Part, Sure, written},
    values,
};
use crate::systems::app_db::Table;

/// Values of a role, in lower case, that make an admin, the likeliest first.
const ADMIN_WORDS: &[&str] = &[
    "admin",
    "administrator",
    "superadmin",
    "super_admin",
    "super-admin",
    "superuser",
    "root",
    "sysadmin",
];
/// Values that may make an admin of the app, and as often one of a tenant or a shop.
const MAYBE_ADMIN: &[&str] = &["owner", "staff"];
/// Values of a role, in lower case, of somebody without rights of their own.
const USER_WORDS: &[&str] = &[
    "user", "member", "customer", "regular", "normal", "standard", "basic", "default", "client",
    "student", "viewer", "guest",
];

/// The accounts.
pub(super) async fn user(found: &Found<'_>, ranked: &[Ranked]) -> Part {
    let table = found.table();
    let setting = |key: &str| format!("[app.schema.user] {key}");
    let mut part = Part {
        name: "app.schema.user",
        ..Part::default()
    };
    let why = ranked.first().map(Ranked::why).unwrap_or_default();
    let sure = accounts::sure(ranked);
    if sure == Sure::Guess {
        let next = ranked.iter().skip(1).filter(|one| one.is_accounts());
        let next: Vec<String> = next
            .map(|one| written(&found.schema.tables[one.table], &found.main))
            .collect();
        if !next.is_empty() {
            let next = next.join(", ");
            part.notes
                .push(format!("Look at the table first: it could also be {next}."));
        }
    }
    part.lines
        .push(Line::set("table", &written(table, &found.main), sure, why));
    let is_key = table.primary_key == [found.id.clone()];
    let why = if is_key {
        "the primary key"
    } else {
        "it is unique"
    };
    part.lines
        .push(Line::set("id", &found.id, Sure::Certain, why));
    part.lines.push(email(table));
    for key in ["email_verified", "name"] {
        part.lines.push(optional(table, key, &setting(key)));
    }
    part.lines.extend(role(found).await);
    part.lines
        .push(optional(table, "credits", &setting("credits")));
    part.lines.push(blocked(table));
    for key in ["created_at", "updated_at"] {
        part.lines.push(optional(table, key, &setting(key)));
    }
    part.notes.extend(profiles(found));
    part
}

fn email(table: &Table) -> Line {
    let Some(email) = columns::email(table) else {
        let login = columns::by_name(table, &["username", "login", "handle"], |column| {
            column.is_text
        });
        let candidate = login.map_or("email", |column| column.name.as_str());
        return Line::open(
            "email",
            candidate,
            "no column of addresses was found: accounts are found by id alone",
        );
    };
    let alone = table.uniques.iter().any(|key| *key == [email.name.clone()]);
    let together = table.uniques.iter().find(|key| key.contains(&email.name));
    let (sure, why) = match together {
        _ if alone => (Sure::Certain, "unique".to_owned()),
        Some(key) => {
            let others: Vec<&str> = key
                .iter()
                .map(String::as_str)
                .filter(|name| *name != email.name)
                .collect();
            (
                Sure::Likely,
                format!(
                    "unique only together with {}: when two accounts share an address, people ask by id",
                    others.join(", ")
                ),
            )
        }
        None => (
            Sure::Likely,
            "by its name; the database does not keep it unique".to_owned(),
        ),
    };
    Line::set("email", &email.name, sure, why)
}

#[expect(
    clippy::too_many_lines,
    reason = "each shape that a role may have, in the order of how sure it is"
)]
async fn role(found: &Found<'_>) -> Vec<Line> {
    let table = found.table();
    let setting = "[app.schema.user] role";
    if is_supabase(table) {
        let why = "role there is the role in Postgres that Supabase signs people in with, and must not be changed";
        return vec![Line::set("role", "", Sure::Likely, why)];
    }
    let word = find(table, setting);
    let words = match word {
        Some(column) => values::of(found.db, table, column).await,
        None => Vec::new(),
    };
    let admin = values::first_of(&words, ADMIN_WORDS);
    let flag = columns::admin_flag(table).filter(|_| admin.is_none());
    if let Some(flag) = flag {
        let mut lines = vec![
            Line::set(
                "role",
                &flag.name,
                Sure::Likely,
                "a boolean that makes an admin",
            ),
            Line::set(
                "admin_role",
                "true",
                Sure::Certain,
                "its value for an admin",
            ),
            Line::set(
                "user_role",
                "false",
                Sure::Certain,
                "its value for everybody else",
            ),
        ];
        if let Some(word) = word {
            lines.push(Line::open(
                "role",
                &word.name,
                "the other candidate, where no value looks like an admin's",
            ));
        }
        return lines;
    }
    let Some(column) = word else {
        let why = format!(
            "not found; looked for {}, isadmin: no command on admins works",
            looked_for(setting)
        );
        return vec![Line::open("role", "…", why)];
    };
    let mut lines = vec![Line::set(
        "role",
        &column.name,
        Sure::Likely,
        reason(column),
    )];
    let listed = if words.is_empty() {
        "not known from the rows".to_owned()
    } else {
        words.join(", ")
    };
    match admin {
        Some(admin) => {
            let ordinary = values::first_of(&words, USER_WORDS);
            let mut others = words.iter().filter(|word| **word != admin);
            let only = others.next().filter(|_| words.len() == 2).cloned();
            lines.push(Line::set(
                "admin_role",
                &admin,
                Sure::Likely,
                format!("of {listed}"),
            ));
            lines.push(match ordinary.or(only) {
                Some(word) => Line::set(
                    "user_role",
                    &word,
                    Sure::Likely,
                    "what a demoted admin gets",
                ),
                None => Line::open(
                    "user_role",
                    "…",
                    format!("what a demoted admin gets, of {listed}"),
                ),
            });
        }
        None => {
            lines.push(match values::first_of(&words, MAYBE_ADMIN) {
                Some(maybe) => Line::open(
                    "admin_role",
                    &maybe,
                    format!(
                        "look at it: {maybe} may be a role in a tenant and not in the app; values: {listed}"
                    ),
                ),
                None => Line::open(
                    "admin_role",
                    "…",
                    format!("the value that makes an admin; values: {listed}"),
                ),
            });
            lines.push(Line::open(
                "user_role",
                "…",
                "the value that a demoted admin gets",
            ));
        }
    }
    lines
}

/// Supabase's own accounts, whose role is none of the app's.
fn is_supabase(table: &Table) -> bool {
    table.schema == "auth" && table.column("aud").is_some() && table.column("instance_id").is_some()
}

fn blocked(table: &Table) -> Line {
    let setting = "[app.schema.user] is_blocked";
    match (find(table, setting), columns::unusable_block(table)) {
        (Some(column), _) => Line::set(
            "is_blocked",
            &column.name,
            Sure::Likely,
            "a boolean, by its name",
        ),
        (None, Some(why)) => Line::open("is_blocked", "…", why),
        (None, None) => {
            let why = format!("no boolean was found; looked for {}", looked_for(setting));
            Line::open("is_blocked", "…", why)
        }
    }
}

/// What tables of one row per account say about it, which Countersign does not read.
fn profiles(found: &Found<'_>) -> Vec<String> {
    let tables = found.others().into_iter().filter(|table| {
        let by_key = owner(found.schema, found.accounts, &found.id, table);
        by_key.is_some_and(|(column, is_key)| is_key && table.primary_key == [column.name.clone()])
    });
    tables
        .filter_map(|table| {
            let wanted = ["role", "is_blocked", "credits", "name"];
            let there = wanted.iter().filter_map(|key| {
                let setting = format!("[app.schema.user] {key}");
                columns::candidate(table, &setting).map(|column| format!("{column} ({key})"))
            });
            let there: Vec<String> = there.collect();
            (!there.is_empty()).then(|| {
                format!(
                    "{} holds {} for each account, but only columns of one table can be mapped.",
                    written(table, &found.main),
                    there.join(", ")
                )
            })
        })
        .collect()
}

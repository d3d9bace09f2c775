//! Which table holds the accounts.

use std::fmt::Write as _;

use super::{
    columns::{self, family, singular},
    text::{HEAD, Sure, one_line, quoted, written},
};
use crate::systems::app_db::{Kind, Schema, Table, sql::plain};

/// From this score on a table is taken for the accounts.
const ENOUGH: u32 = 50;
/// From this score on, and this far before the next one, there is hardly a doubt.
const SURE: u32 = 80;
const SURE_AHEAD: u32 = 15;

/// Columns that somebody has who signs in.
const CREDENTIALS: &[&str] = &[
    "password",
    "encryptedpassword",
    "passwordhash",
    "hashedpassword",
    "emailverified",
    "emailverifiedat",
    "lastlogin",
    "lastloginat",
    "lastsigninat",
    "confirmedat",
    "emailconfirmedat",
];

/// A table that could be the accounts.
pub(super) struct Ranked {
    pub(super) table: usize,
    pub(super) id: String,
    pub(super) score: u32,
    reasons: Vec<String>,
}

impl Ranked {
    pub(super) fn is_accounts(&self) -> bool {
        self.score >= ENOUGH
    }

    pub(super) fn why(&self) -> String {
        self.reasons.join("; ")
    }
}

/// How sure the first one is.
pub(super) fn sure(ranked: &[Ranked]) -> Sure {
    let score = |index: usize| ranked.get(index).map_or(0, |one| one.score);
    match (score(0), score(1)) {
        (best, next) if best >= SURE && best >= next + SURE_AHEAD => Sure::Certain,
        (best, next) if best >= next + SURE_AHEAD => Sure::Likely,
        _ => Sure::Guess,
    }
}

/// Every table that could be the accounts, the likeliest first.
pub(super) fn ranked(schema: &Schema) -> Vec<Ranked> {
    let tables = schema.tables.iter().enumerate();
    let mut ranked: Vec<Ranked> = tables
        .filter_map(|(index, table)| rank(schema, index, table))
        .collect();
    outrank_profiles(schema, &mut ranked);
    ranked.sort_by_key(|one| {
        let table = &schema.tables[one.table];
        (
            std::cmp::Reverse(one.score),
            table.schema != "public",
            table.name.clone(),
        )
    });
    ranked
}

fn rank(schema: &Schema, index: usize, table: &Table) -> Option<Ranked> {
    if table.kind == Kind::MaterialisedView {
        return None;
    }
    let id = columns::id(table)?;
    let name = name_score(&table.name);
    let email = columns::email(table);
    if email.is_none() && name < 35 {
        return None;
    }
    let mut score = name;
    let mut reasons = Vec::new();
    if let Some(email) = email {
        score += 30;
        let unique = table.uniques.iter().find(|key| key.contains(&email.name));
        match unique {
            Some(key) if key.len() == 1 => {
                score += 10;
                reasons.push(format!("{} is unique", email.name));
            }
            Some(key) => {
                score += 10;
                reasons.push(format!("{} is unique together", key.join(", ")));
            }
            None => reasons.push(format!("it has the address {}", email.name)),
        }
    }
    if table
        .columns
        .iter()
        .any(|column| CREDENTIALS.contains(&plain(&column.name).as_str()))
    {
        score += 10;
    }
    let keys = schema
        .foreign_keys
        .iter()
        .filter(|key| key.parent == index && key.child != index);
    let keys = u32::try_from(keys.count()).unwrap_or(u32::MAX);
    let named = named_by(schema, index, table, id);
    score += (keys.saturating_mul(3)).min(20) + (named.saturating_mul(2)).min(15);
    match (keys, named) {
        (0, 0) => {}
        (0, named) => reasons.push(format!(
            "columns of other tables are named like a key to it: {named}"
        )),
        (keys, _) => reasons.push(format!("foreign keys point to it: {keys}")),
    }
    Some(Ranked {
        table: index,
        id: id.name.clone(),
        score,
        reasons,
    })
}

/// How much a name sounds like accounts.
fn name_score(name: &str) -> u32 {
    let name = singular(&plain(name));
    let about_users = [
        "user",
        "appuser",
        "useraccount",
        "userentity",
        "authuser",
        "accountsuser",
        "siteuser",
    ];
    let people = [
        "account",
        "member",
        "person",
        "people",
        "customer",
        "client",
        "profile",
        "identity",
        "employee",
        "player",
        "student",
        "subscriber",
        "contact",
        "userprofile",
        "accountholder",
    ];
    match name.as_str() {
        name if about_users.contains(&name) => 40,
        name if name.ends_with("user") => 30,
        name if people.contains(&name) => 20,
        _ => 0,
    }
}

/// Whether a table may hold people who sign in, though another one was taken for the accounts: it has a key, it is called so,
/// and it has an address or a password.
pub(super) fn sounds_like_accounts(table: &Table) -> bool {
    let name = singular(&plain(&table.name));
    let staff = [
        "admin",
        "administrator",
        "staff",
        "operator",
        "agent",
        "manager",
        "moderator",
    ];
    let is_named_so = name_score(&table.name) > 0 || staff.iter().any(|end| name.ends_with(end));
    let is_person = columns::email(table).is_some()
        || columns::by_name(table, CREDENTIALS, |_| true).is_some()
        || columns::by_name(table, &["username", "login"], |column| column.is_text).is_some();
    table.kind != Kind::MaterialisedView && columns::id(table).is_some() && is_named_so && is_person
}

/// Columns of other tables that are named like a key to this one and have its type.
fn named_by(
    schema: &Schema,
    index: usize,
    table: &Table,
    id: &crate::systems::app_db::Column,
) -> u32 {
    let names = columns::key_names(table);
    let others = schema
        .tables
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index);
    let count = others
        .filter(|(_, other)| {
            other
                .columns
                .iter()
                .any(|column| names.contains(&plain(&column.name)) && family(column) == family(id))
        })
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A table whose own key points to another candidate is that one's profile: what goes with the account goes from there.
fn outrank_profiles(schema: &Schema, ranked: &mut [Ranked]) {
    let is_profile = |one: &Ranked, of: &Ranked| {
        schema.foreign_keys.iter().any(|key| {
            key.child == one.table
                && key.parent == of.table
                && key.columns == schema.tables[one.table].primary_key
        })
    };
    for index in 0..ranked.len() {
        let profile = ranked
            .iter()
            .enumerate()
            .filter(|(other, one)| *other != index && is_profile(one, &ranked[index]))
            .map(|(_, one)| one.score)
            .max();
        if let Some(score) = profile {
            ranked[index].score = ranked[index].score.max(score) + 5;
        }
    }
}

/// The Postgres schema that unqualified names are in: the accounts' own, unless that one holds sign-in alone.
pub(super) fn main_schema(schema: &Schema, accounts: usize) -> String {
    let own = &schema.tables[accounts].schema;
    let in_public = schema.tables.iter().any(|table| table.schema == "public");
    if own == "auth" && in_public {
        "public".to_owned()
    } else {
        own.clone()
    }
}

/// When no table looks like accounts: which ones could.
pub(super) fn nothing(schema: &Schema, ranked: &[Ranked]) -> String {
    let mut text = format!(
        "{HEAD}\n# No table looks like the accounts: none has a key, an e-mail address and a name like users.\n\
         # [app.schema.user]\n"
    );
    for one in ranked.iter().take(5) {
        let table = &schema.tables[one.table];
        let name = written(table, "public");
        let _ = writeln!(
            text,
            "# table = {}  # {}",
            quoted(&name),
            one_line(&one.why())
        );
    }
    if ranked.is_empty() {
        let tables = schema.tables.len();
        let _ = writeln!(
            text,
            "# table = \"…\"  # the role of DATABASE_URL sees {tables} tables; is it the app's database?"
        );
    }
    text
}

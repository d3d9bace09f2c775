//! Which column identifies a row, and which one says whose it is.

use crate::systems::app_db::{Column, Kind, Schema, Table, columns::is_bool, sql::plain};

pub(super) use crate::systems::app_db::columns::{
    admin_flag, by_name, candidate, find, looked_for,
};

/// The column that identifies a row: the primary key of one column, or the unique column named `id`.
pub(super) fn id(table: &Table) -> Option<&Column> {
    if let [key] = table.primary_key.as_slice() {
        return table.column(key);
    }
    let unique = |column: &Column| {
        table
            .uniques
            .iter()
            .any(|key| *key == [column.name.clone()])
    };
    let own = format!("{}id", singular(&plain(&table.name)));
    by_name(table, &["id", "uuid", &own], |column| {
        unique(column) || table.primary_key.contains(&column.name)
    })
}

pub(super) fn email(table: &Table) -> Option<&Column> {
    find(table, "[app.schema.user] email")
}

/// What would block an account and cannot be used as it is, with the reason.
pub(super) fn unusable_block(table: &Table) -> Option<String> {
    let opposite = by_name(
        table,
        &["isactive", "active", "enabled", "isenabled"],
        is_bool,
    );
    if let Some(column) = opposite {
        return Some(format!(
            "{} is the opposite: true there means that the account works; Countersign needs a column that is true when it is blocked",
            column.name
        ));
    }
    let times = [
        "bannedat",
        "banneduntil",
        "blockedat",
        "lockedat",
        "suspendedat",
        "suspendeduntil",
        "disabledat",
        "deactivatedat",
    ];
    let time = by_name(table, &times, |_| true)?;
    Some(format!(
        "{} is no boolean; Countersign needs a column that is true when the account is blocked",
        time.name
    ))
}

/// The column of a table that says which account a row belongs to, and whether a foreign key says so. A key alone does not:
/// the account that recorded a payment is not the one that paid.
pub(super) fn owner<'a>(
    schema: &Schema,
    accounts: usize,
    id: &str,
    table: &'a Table,
) -> Option<(&'a Column, bool)> {
    let by_key = keys_to(schema, accounts, id, table);
    let own = &schema.tables[accounts];
    let named: Vec<&Column> = by_key
        .iter()
        .copied()
        .filter(|column| names_owner(own, table, column))
        .collect();
    match named.as_slice() {
        [column] => return Some((column, true)),
        [] if by_key.is_empty() => {}
        _ => return None,
    }
    let of_account = own.column(id)?;
    let names = key_names(own);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    by_name(table, &names, |column| family(column) == family(of_account))
        .map(|column| (column, false))
}

/// The columns that may say whose a row is, where [`owner`] does not decide.
pub(super) fn maybe_owner<'a>(
    schema: &Schema,
    accounts: usize,
    id: &str,
    table: &'a Table,
) -> Vec<&'a Column> {
    let mut maybe = keys_to(schema, accounts, id, table);
    let own = &schema.tables[accounts];
    let Some(of_account) = own.column(id) else {
        return maybe;
    };
    for column in &table.columns {
        let is_there = maybe.iter().any(|one| one.name == column.name);
        let same = family(column) == family(of_account);
        if !is_there && same && OF_SOMEBODY.contains(&plain(&column.name).as_str()) {
            maybe.push(column);
        }
    }
    maybe
}

/// The columns of a table that a foreign key binds to the accounts' id.
pub(super) fn keys_to<'a>(
    schema: &Schema,
    accounts: usize,
    id: &str,
    table: &'a Table,
) -> Vec<&'a Column> {
    let index = schema
        .tables
        .iter()
        .position(|one| std::ptr::eq(one, table));
    let keys = schema
        .foreign_keys
        .iter()
        .filter(|key| Some(key.child) == index && key.parent == accounts);
    let mut columns: Vec<&Column> = Vec::new();
    for key in keys {
        let at = key.references.iter().position(|name| name == id);
        let column = at
            .and_then(|at| key.columns.get(at))
            .and_then(|name| table.column(name));
        // A second key over the same column says nothing more.
        columns.extend(column.filter(|one| columns.iter().all(|other| other.name != one.name)));
    }
    columns
}

/// Whether a column with a key to the accounts says whose the row is: by its name, or as the row's own identity.
fn names_owner(accounts: &Table, table: &Table, column: &Column) -> bool {
    let name = plain(&column.name);
    let own = singular(&plain(&accounts.name));
    key_names(accounts).contains(&name)
        || OF_SOMEBODY.contains(&name.as_str())
        || name == own
        || table.primary_key == [column.name.clone()]
}

/// Names of columns with a key to the accounts that say whose a row is, whatever the accounts are called.
const OF_SOMEBODY: &[&str] = &[
    "userid",
    "user",
    "owner",
    "ownerid",
    "customer",
    "customerid",
    "account",
    "accountid",
    "member",
    "memberid",
    "profileid",
    "personid",
    "subscriberid",
    "clientid",
];

/// Names of a column that holds an account's id. `user_id` is one only where the accounts are users: beside a table of
/// customers it may mean the staff.
pub(super) fn key_names(accounts: &Table) -> Vec<String> {
    let own = singular(&plain(&accounts.name));
    let mut names = vec![format!("{own}id")];
    if own.contains("user") {
        names.extend(["userid", "useruid", "userfk"].map(str::to_owned));
    }
    if own.ends_with("user") {
        names.push("user".to_owned());
    }
    names
}

/// `users` and `user` are the same.
pub(super) fn singular(plain: &str) -> String {
    if let Some(stem) = plain.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    let stem = plain
        .strip_suffix('s')
        .filter(|stem| !stem.ends_with('s') && stem.len() > 2);
    stem.unwrap_or(plain).to_owned()
}

/// Types between which ids can be compared.
pub(super) fn family(column: &Column) -> &str {
    match column.type_name.as_str() {
        _ if column.is_text => "text",
        "pg_catalog.int2" | "pg_catalog.int4" | "pg_catalog.int8" => "integer",
        other => other,
    }
}

/// The table of one of these names, letters and digits alone and in the singular.
pub(super) fn table_named<'a>(tables: &[&'a Table], names: &[&str]) -> Option<&'a Table> {
    names.iter().find_map(|name| {
        tables
            .iter()
            .find(|table| {
                table.kind != Kind::MaterialisedView && singular(&plain(&table.name)) == **name
            })
            .copied()
    })
}

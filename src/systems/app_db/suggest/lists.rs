//! The keys of `[app.schema]` itself, which name columns of many tables, and what an export holds back.

use super::{
    Found,
    accounts::sounds_like_accounts,
    addresses::is_for_an_address,
    columns::{family, id, key_names, keys_to, owner, singular},
    text::{Entry, Line, Part, Sure, reference, written},
};
use crate::systems::app_db::{
    Column, Mapping, Table, export::looks_secret, graph::is_named_like_email, sql::plain,
};

/// Names of columns that name an account with another meaning than "this row is theirs".
const OTHER_ROLES: &[&str] = &[
    "userid",
    "ownerid",
    "authorid",
    "createdby",
    "createdbyid",
    "creatorid",
    "assigneeid",
    "assignedto",
    "assignedtoid",
    "memberid",
    "senderid",
    "receiverid",
    "recipientid",
    "invitedby",
    "invitedbyid",
    "updatedby",
    "updatedbyid",
    "deletedby",
    "approvedby",
    "reviewerid",
    "followerid",
    "followingid",
    "customerid",
    "accountid",
    "profileid",
    "personid",
];
/// Words of names of columns that hold files.
const OF_FILES: &[&str] = &[
    "audio",
    "video",
    "image",
    "photo",
    "picture",
    "avatar",
    "file",
    "attachment",
    "document",
    "recording",
    "media",
    "upload",
    "thumbnail",
    "s3",
    "blob",
    "cover",
    "logo",
    "storage",
    "object",
    "asset",
    "resume",
    "cv",
    "screenshot",
];
/// How names end that hold a key or a URL.
const PLACES: &[&str] = &["url", "uri", "key", "path", "location", "src", "href"];

/// `[app.schema]`.
pub(super) fn app(found: &Found<'_>) -> Part {
    let mut lines = vec![Line::set(
        "schema",
        &found.main,
        Sure::Certain,
        "the schema of the app's tables",
    )];
    lines.push(Line::List {
        key: "email_columns",
        entries: addresses(found),
        empty: "no other table was found that holds addresses".into(),
    });
    lines.push(Line::List {
        key: "link_columns",
        entries: links(found),
        empty: "every column that is named like an account's id has a foreign key".into(),
    });
    lines.push(Line::List {
        key: "user_columns",
        entries: files(found),
        empty: "no column is named like the key or URL of a file; S3_USER_COLUMNS overrides this"
            .into(),
    });
    let defaults = Mapping::default();
    let progress = [
        ("flashcard_progress", &defaults.flashcard_progress),
        ("pronunciation_progress", &defaults.pronunciation_progress),
    ];
    for (key, usual) in progress {
        let mut tables = found.others().into_iter();
        let table =
            tables.find(|table| singular(&plain(&table.name)) == singular(&plain(&usual.table)));
        let column = table.and_then(|table| {
            owner(found.schema, found.accounts, &found.id, table)
                .map(|(column, _)| reference(table, &column.name, &found.main))
        });
        lines.extend(column.map(|column| Line::set(key, &column, Sure::Likely, "by its name")));
    }
    Part {
        name: "app.schema",
        notes: Vec::new(),
        lines,
    }
}

fn addresses(found: &Found<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for table in found.others() {
        let of_account = owner(found.schema, found.accounts, &found.id, table);
        if of_account.is_some_and(|(_, is_key)| is_key) {
            continue;
        }
        // A row that names an account in another role is about more than an address.
        let has_key = !keys_to(found.schema, found.accounts, &found.id, table).is_empty();
        let active = !has_key && is_for_an_address(&table.name);
        for column in table
            .columns
            .iter()
            .filter(|one| one.is_text && is_named_like_email(&one.name))
        {
            let why = match active {
                true => "likely: rows with the address go with the account",
                false => "look at it: rows with the person's address would be deleted",
            };
            entries.push(Entry {
                text: reference(table, &column.name, &found.main),
                active,
                why: why.into(),
            });
        }
    }
    entries
}

/// Columns that name an account without a foreign key. Where the whole database has none, they are proposed; elsewhere the
/// one without a key may have been left so on purpose.
fn links(found: &Found<'_>) -> Vec<Entry> {
    let Some(own_id) = found.table().column(&found.id) else {
        return Vec::new();
    };
    let no_keys = !found
        .schema
        .foreign_keys
        .iter()
        .any(|key| key.parent == found.accounts);
    let names = key_names(found.table());
    let second = second_accounts(found);
    let mut entries = Vec::new();
    for table in found.others() {
        for column in table
            .columns
            .iter()
            .filter(|one| family(one) == family(own_id))
        {
            let name = plain(&column.name);
            let is_named_so = names.contains(&name);
            let maybe = OTHER_ROLES.contains(&name.as_str());
            if !is_named_so && !maybe || has_key(found, table, column) {
                continue;
            }
            // Numbers are the same in every table: only the name tells whose they are.
            let is_told = family(own_id) != "integer" || is_own_name(found.table(), &name);
            let (active, why) = match (is_named_so, no_keys, &second) {
                (true, true, Some(second)) => (
                    false,
                    format!(
                        "look at it: {} looks like accounts too, and its ids may be meant",
                        written(second, &found.main)
                    ),
                ),
                (true, true, None) if !is_told => (
                    false,
                    "look at it: the number may be the id of something else".to_owned(),
                ),
                (true, true, None) => (
                    true,
                    "likely: the database has no foreign keys to the accounts; its rows go with the account"
                        .to_owned(),
                ),
                (true, false, _) => (
                    false,
                    "look at it: other tables have a foreign key and this one has none".to_owned(),
                ),
                (false, _, _) => (
                    false,
                    "look at it: its rows would be deleted with the account that they name"
                        .to_owned(),
                ),
            };
            entries.push(Entry {
                text: reference(table, &column.name, &found.main),
                active,
                why,
            });
        }
    }
    if no_keys && found.schema.foreign_keys.is_empty() {
        entries.extend(second_hand(found));
    }
    entries
}

/// A table beside the accounts that looks like accounts too, such as those of the staff. What belongs to an account, as a
/// profile does, is none.
fn second_accounts<'a>(found: &Found<'a>) -> Option<&'a Table> {
    found.others().into_iter().find(|table| {
        let is_of_account = owner(found.schema, found.accounts, &found.id, table).is_some();
        !is_of_account && sounds_like_accounts(table)
    })
}

/// `user_id` of `users`, or the table's own name with `id`.
fn is_own_name(accounts: &Table, name: &str) -> bool {
    let own = singular(&plain(&accounts.name));
    name == format!("{own}id")
}

/// Columns that are named like the key to a table other than the accounts, in a database that has no keys: what belongs to
/// an account at second hand.
fn second_hand(found: &Found<'_>) -> Vec<Entry> {
    let tables = found.others();
    let mut entries = Vec::new();
    for table in &tables {
        for column in &table.columns {
            let name = plain(&column.name);
            let parent = tables.iter().find(|parent| {
                !std::ptr::eq(**parent, *table)
                    && name == format!("{}id", singular(&plain(&parent.name)))
                    && id(parent).is_some_and(|id| family(id) == family(column))
            });
            let Some((parent, id)) = parent.and_then(|parent| Some((parent, id(parent)?))) else {
                continue;
            };
            entries.push(Entry {
                text: format!(
                    "{} -> {}",
                    reference(table, &column.name, &found.main),
                    reference(parent, &id.name, &found.main)
                ),
                active: false,
                why:
                    "look at it: named like a key; with it these rows go with those they belong to"
                        .into(),
            });
        }
    }
    entries
}

fn has_key(found: &Found<'_>, table: &Table, column: &Column) -> bool {
    let schema = found.schema;
    schema.foreign_keys.iter().any(|key| {
        std::ptr::eq(&schema.tables[key.child], table) && key.columns.contains(&column.name)
    })
}

fn files(found: &Found<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let accounts = std::iter::once(found.table());
    for table in accounts.chain(found.others()) {
        for column in table.columns.iter().filter(|column| column.is_text) {
            let name = plain(&column.name);
            let place = PLACES.iter().find(|end| name.ends_with(**end));
            let about = OF_FILES.iter().any(|word| name.contains(word));
            let alone = OF_FILES.contains(&singular(&name).as_str());
            if looks_secret(table, column) || !about || (place.is_none() && !alone) {
                continue;
            }
            let is_picture = name.contains("avatar") || name == "image" || name.contains("logo");
            let active = place.is_some() && !is_picture;
            let why = match active {
                true => "guess: by its name it holds the key or URL of a file",
                false => "look at it: such columns often hold addresses of other sites",
            };
            entries.push(Entry {
                text: reference(table, &column.name, &found.main),
                active,
                why: why.into(),
            });
        }
    }
    entries
}

/// `[app.schema.export]`: what looks like a secret is held back without being named here.
pub(super) fn export(found: &Found<'_>) -> Part {
    let bare = [
        "value",
        "data",
        "payload",
        "content",
        "sessiondata",
        "raw",
        "seed",
        "nonce",
        "fingerprint",
    ];
    let about = [
        "verification",
        "session",
        "credential",
        "auth",
        "identity",
        "identities",
        "challenge",
    ];
    let mut entries = Vec::new();
    let mut held = Vec::new();
    let accounts = std::iter::once(found.table());
    for table in accounts.chain(found.others()) {
        let name = plain(&table.name);
        for column in &table.columns {
            let reference = reference(table, &column.name, &found.main);
            if looks_secret(table, column) {
                held.push(reference);
            } else if bare.contains(&plain(&column.name).as_str())
                && about.iter().any(|part| name.contains(part))
            {
                entries.push(Entry {
                    text: reference,
                    active: false,
                    why: "look at it: it may hold a secret".into(),
                });
            }
        }
    }
    let mut notes = Vec::new();
    if !held.is_empty() {
        notes.push(format!(
            "No export holds these, as their names look like secrets: {}.",
            held.join(", ")
        ));
    }
    let lines = match entries.is_empty() {
        true => Vec::new(),
        false => vec![Line::List {
            key: "withhold",
            entries,
            empty: String::new(),
        }],
    };
    Part {
        name: "app.schema.export",
        notes,
        lines,
    }
}

//! Which files rows name, and whether they go with the person.

use std::collections::BTreeSet;

use super::PlanError;
use crate::systems::{
    Systems,
    app_db::{AppDbError, FileRows, FileValue, Snapshot, StayingFiles},
    object_store::{
        Meant, NotOurs, ObjectKey, ObjectStore, Prefix, PrefixRefused, Readings, StoreError,
    },
};

/// Why files stay of which it is not certain whose they are.
pub(super) const IN_DOUBT: &str = "an address in a row can be read in more than one way (a \"+\" can be a space), \
     so they may belong to another person";

/// Where the person's files lie.
pub(super) fn prefix(systems: &Systems, user: &str) -> Result<Prefix, PlanError> {
    let refused = |error: PrefixRefused| PlanError::Refused(vec![error.to_string()]);
    systems.user_prefix.for_user(user).map_err(refused)
}

/// The keys that rows name around one account.
#[derive(Default)]
pub(super) struct Named {
    /// Rows that go name them, and no row that stays does.
    pub own: Vec<ObjectKey>,
    /// Rows that stay name them: other people's rows, or rows that a policy keeps. The files stay, also those under the
    /// person's prefix.
    pub shared: BTreeSet<ObjectKey>,
    /// Whose they are depends on how an address is read. They stay too.
    pub doubtful: BTreeSet<ObjectKey>,
    /// Why other values do not name files in our bucket.
    pub not_ours: Vec<String>,
}

impl Named {
    /// Whether the file stays.
    pub(super) fn keeps(&self, key: &ObjectKey) -> bool {
        self.shared.contains(key) || self.doubtful.contains(key)
    }
}

/// What the rows around one account say of files, not yet compared with the bucket.
pub(super) struct Looked {
    prefix: Prefix,
    /// The values in rows that go, as they are.
    values: BTreeSet<String>,
    going: Vec<Going>,
    staying: Vec<Meant>,
    not_ours: Vec<String>,
}

/// One value in rows that go.
struct Going {
    readings: Readings,
    is_shared: bool,
    /// What is said of it when it has no plain reading and nothing is at the others.
    unclear: Option<String>,
}

/// Reads the keys that rows name, before the person's rows are gone.
pub(super) async fn look(
    app: &Snapshot,
    files: &ObjectStore,
    user: &str,
    prefix: &Prefix,
) -> Result<Looked, AppDbError> {
    let mut around = app.files_around(user).await?;
    let looked = look_at(files, prefix, around.rows()).await?;
    around.close().await?;
    Ok(looked)
}

/// Reads the keys that rows name: all in rows that go, and of the same files those in rows that stay.
pub(super) async fn look_at(
    files: &ObjectStore,
    prefix: &Prefix,
    mut rows: FileRows<'_>,
) -> Result<Looked, AppDbError> {
    let mut looked = Looked {
        prefix: prefix.clone(),
        values: BTreeSet::new(),
        going: vec![],
        staying: vec![],
        not_ours: vec![],
    };
    for value in rows.going().await? {
        looked.add(files, &value);
    }
    let readings = looked.going.iter().flat_map(|going| going.readings.all());
    let keys: BTreeSet<String> = readings.map(ToString::to_string).collect();
    let goes = |key: &str| key.starts_with(prefix.as_str()) || keys.contains(key);
    let elsewhere = keys.iter().filter(|key| !key.starts_with(prefix.as_str()));
    let search = StayingFiles {
        prefix: prefix.as_str(),
        keys: &elsewhere.cloned().collect::<Vec<_>>(),
        is_wanted: &|value| !files.place().meant(value, &goes).is_empty(),
    };
    let staying = rows.staying(search).await?;
    let staying = staying
        .iter()
        .map(|value| files.place().meant(value, &goes));
    looked.staying = staying.collect();
    Ok(looked)
}

impl Looked {
    fn add(&mut self, files: &ObjectStore, value: &FileValue) {
        self.values.insert(value.value.clone());
        match files.place().readings(&value.value) {
            Ok(readings) => {
                let strict = files.place().key_of_value(&value.value);
                self.going.push(Going {
                    readings,
                    is_shared: value.shared_with_others,
                    unclear: strict.err().map(|reason| reason.to_string()),
                });
            }
            Err(reason) => self.not_ours.push(reason.to_string()),
        }
    }

    /// The values in rows that go. Their files are written down with this look, as far as they are in the bucket.
    pub(super) fn values(&self) -> &BTreeSet<String> {
        &self.values
    }

    /// Settles what can be read in several ways by what is in the bucket. What somebody else may name stays.
    pub(super) async fn settle(self, files: &ObjectStore) -> Result<Named, StoreError> {
        let there = files.existing(&self.unsettled()).await?;
        let mut named = Named {
            not_ours: self.not_ours,
            ..Named::default()
        };
        for meant in self.staying {
            let is_one = meant.perhaps.is_empty() && meant.surely.len() == 1;
            let stays = |key: &ObjectKey| is_one || there.contains(key);
            named.shared.extend(meant.surely.into_iter().filter(stays));
            named
                .doubtful
                .extend(meant.perhaps.into_iter().filter(stays));
        }
        let mut undecided = Vec::new();
        for going in self.going {
            undecided.extend(named.add(going, &there, &self.prefix));
        }
        let own: BTreeSet<ObjectKey> = named.own.drain(..).collect();
        let undecided = undecided.into_iter().filter(|key| !own.contains(key));
        named.doubtful.extend(undecided);
        let Named {
            shared, doubtful, ..
        } = &mut named;
        doubtful.retain(|key| !shared.contains(key));
        let own = own.into_iter().filter(|key| !named.keeps(key));
        named.own = own.collect();
        Ok(named)
    }

    /// The keys of which it has to be known whether they are there.
    fn unsettled(&self) -> BTreeSet<ObjectKey> {
        let going = self.going.iter().map(|going| &going.readings);
        let several =
            going.filter(|readings| readings.all().count() > 1 || readings.plain.is_empty());
        let several = several.flat_map(Readings::all);
        let staying = self.staying.iter().flat_map(Meant::all);
        several.chain(staying).cloned().collect()
    }
}

impl Named {
    /// Adds the file of a value that goes. Gives the keys among which it cannot be decided.
    fn add(
        &mut self,
        going: Going,
        there: &BTreeSet<ObjectKey>,
        prefix: &Prefix,
    ) -> Vec<ObjectKey> {
        let Readings { plain, other } = going.readings;
        let is_there = |keys: &[ObjectKey]| -> Vec<ObjectKey> {
            let found = keys.iter().filter(|key| there.contains(key));
            found.cloned().collect()
        };
        let mut found = match plain.as_slice() {
            [only] if other.is_empty() => vec![only.clone()],
            _ => is_there(&plain),
        };
        if found.is_empty() {
            found = is_there(&other);
        }
        if found.is_empty() {
            // It is missing from the bucket, under its first name.
            found.extend(plain.into_iter().next());
            self.not_ours
                .extend(going.unclear.filter(|_| found.is_empty()));
        }
        if going.is_shared {
            self.shared.extend(found);
            return vec![];
        }
        found.retain(|key| !self.keeps(key));
        if let [only] = found.as_slice() {
            self.own.push(only.clone());
            return vec![];
        }
        // What lies under the prefix is the person's, however it is named.
        found.retain(|key| !key.as_str().starts_with(prefix.as_str()));
        found
    }
}

/// Of the files under the prefix and with these keys those that rows name now that the person's rows are gone.
pub(super) async fn still_named(
    app: &Snapshot,
    files: &ObjectStore,
    prefix: &Prefix,
    keys: &[ObjectKey],
) -> Result<BTreeSet<ObjectKey>, AppDbError> {
    let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let known: BTreeSet<&str> = texts.iter().map(String::as_str).collect();
    let goes = |key: &str| key.starts_with(prefix.as_str()) || known.contains(key);
    let place = files.place();
    let search = StayingFiles {
        prefix: prefix.as_str(),
        keys: &texts,
        is_wanted: &|value| !place.meant(value, &goes).is_empty(),
    };
    let values = app.staying_file_values(search).await?;
    let meant = values.iter().map(|value| place.meant(value, &goes));
    Ok(meant
        .flat_map(|meant| meant.all().cloned().collect::<Vec<_>>())
        .collect())
}

/// Whether the file of a value that goes was written down, or needs no writing down: it is not in our bucket, or it
/// lies under the prefix, which is searched.
pub(super) fn is_known(
    files: &ObjectStore,
    prefix: &Prefix,
    keys: &BTreeSet<ObjectKey>,
    value: &str,
) -> bool {
    let place = files.place();
    match place.key_of_value(value) {
        Ok(key) if key.as_str().starts_with(prefix.as_str()) || keys.contains(&key) => true,
        // What is unclear may name one of several files: which one is found out when they are written down.
        Ok(_) | Err(NotOurs::Unclear(_)) => match place.readings(value) {
            Ok(readings) => readings.all().any(|key| keys.contains(key)),
            Err(_) => true,
        },
        Err(_) => true,
    }
}

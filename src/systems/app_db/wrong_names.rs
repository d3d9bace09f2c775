//! Compares the names in the configuration with the schema. A name that somebody wrote and that is not there is wrong; a
//! default that is not there only means that the app has no such thing.

use toml::Table as Written;

use super::{
    Column, ColumnRef, ExportPolicy, Mapping, Schema, Snapshot, Table, TableRef,
    mapping::keys::{Holds, Key, Section, sections},
};

/// How alike two names must be (Jaro-Winkler, 0 to 1) before one is offered for the other.
const LIKENESS: f64 = 0.8;
/// What proposes a mapping.
const SUGGEST: &str =
    "`countersign doctor --suggest-mapping` proposes the mapping; docs/mapping.md explains it";

/// A name in the configuration that the database does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongName {
    /// The setting, such as `[app.schema.user] role`.
    pub setting: String,
    /// What is wrong with it.
    pub says: String,
    /// What to do about it.
    pub hint: String,
}

impl Snapshot {
    /// Every name that is written in `[app.schema]` and not in the database, and an accounts' table that cannot be found.
    /// `written` is the section as the file has it; `files_by` is the setting that the columns of files come from when it is
    /// another one.
    #[must_use]
    pub fn wrong_names(&self, written: &Written, files_by: Option<&str>) -> Vec<WrongName> {
        // As it is written: a table that inherits would only repeat what is said of the one that is configured.
        let mapping = self.db.mapping.settled(&self.schema);
        let check = Check {
            schema: &self.schema,
            mapping: &mapping,
            written,
        };
        let mut wrong: Vec<WrongName> = check.accounts().into_iter().collect();
        for section in sections(&mapping) {
            wrong.extend(check.section(&section));
        }
        wrong.extend(check.lists(files_by));
        wrong.extend(check.policies());
        wrong
    }

    /// Values that are not among those of the column: nobody is an admin then, or no subscription runs.
    #[must_use]
    pub fn odd_values(&self) -> Vec<WrongName> {
        let labels = |table: &str, column: &str| -> Option<Vec<String>> {
            let labels = &self.table(table)?.column(column)?.enum_labels;
            (!labels.is_empty()).then(|| labels.clone())
        };
        let mut odd = Vec::new();
        let user = &self.mapping.user;
        if let Some(labels) = labels(&user.table, &user.role) {
            for (key, value) in [
                ("admin_role", &user.admin_role),
                ("user_role", &user.user_role),
            ] {
                if !labels.contains(value) {
                    odd.push(WrongName {
                        setting: format!("[app.schema.user] {key}"),
                        says: format!("{}.{} has no value {value}", user.table, user.role),
                        hint: format!("it has {}", labels.join(", ")),
                    });
                }
            }
        }
        let subscription = &self.mapping.subscription;
        if let Some(labels) = labels(&subscription.table, &subscription.status) {
            let lower: Vec<String> = labels.iter().map(|label| label.to_lowercase()).collect();
            let runs = |value: &String| lower.contains(&value.to_lowercase());
            if !subscription.running.iter().any(runs) {
                odd.push(WrongName {
                    setting: "[app.schema.subscription] running".into(),
                    says: format!(
                        "none of its values is one of {}.{}, so no subscription counts as running",
                        subscription.table, subscription.status
                    ),
                    hint: format!("it has {}", labels.join(", ")),
                });
            }
        }
        odd
    }
}

struct Check<'a> {
    schema: &'a Schema,
    mapping: &'a Mapping,
    written: &'a Written,
}

impl Check<'_> {
    /// Nothing works without the accounts, wherever their names come from.
    fn accounts(&self) -> Option<WrongName> {
        let names = &self.mapping.user;
        let setting = |key: &str| format!("[app.schema.user] {key}");
        let Some(table) = self.schema.table(&self.mapping.user_table()) else {
            let TableRef { schema, name } = self.mapping.user_table();
            return Some(WrongName {
                setting: setting("table"),
                says: format!(
                    "the table of accounts was not found: there is no table {name} in the schema {schema}, so no command on \
                     accounts works"
                ),
                hint: self.near_table(&names.table, SUGGEST),
            });
        };
        let columns = [("id", &names.id), ("email", &names.email)];
        let (key, name) = columns
            .into_iter()
            .find(|(key, name)| match name.is_empty() {
                // Without an address accounts are still found by id.
                true => *key == "id",
                false => !self.writes("user", key) && table.column(name).is_none(),
            })?;
        Some(WrongName {
            setting: setting(key),
            says: format!(
                "the table of accounts, {}, has no column {name}",
                names.table
            ),
            hint: near_column(table, name, SUGGEST),
        })
    }

    fn writes(&self, section: &str, key: &str) -> bool {
        let section = self.written.get(section).and_then(toml::Value::as_table);
        section.is_some_and(|keys| keys.contains_key(key))
    }

    fn section(&self, section: &Section<'_>) -> Vec<WrongName> {
        let name = section.name;
        let setting = |key: &str| format!("[app.schema.{name}] {key}");
        let mut written = section
            .columns
            .iter()
            .filter(|key| !key.value.is_empty() && self.writes(name, key.name));
        if section.table.is_empty() {
            return Vec::new();
        }
        let Some(table) = self.schema.table(&self.mapping.table_ref(section.table)) else {
            if self.writes(name, "table") && name != "user" {
                return vec![WrongName {
                    setting: setting("table"),
                    says: format!("names {}, and there is no such table", section.table),
                    hint: self.near_table(section.table, SUGGEST),
                }];
            }
            // The accounts' table is told by itself.
            let key = written.next().filter(|_| name != "user");
            let missing = key.map(|key| WrongName {
                setting: setting(key.name),
                says: format!(
                    "names a column of {}, and there is no such table",
                    section.table
                ),
                hint: format!("name the table with `table` in [app.schema.{name}]"),
            });
            return missing.into_iter().collect();
        };
        written
            .filter_map(|key| self.column(&setting(key.name), table, key))
            .collect()
    }

    fn column(&self, setting: &str, table: &Table, key: &Key<'_>) -> Option<WrongName> {
        let label = table.label(&self.mapping.schema);
        let Some(column) = table.column(key.value) else {
            // Rows of every table are touched with this name.
            let elsewhere = key.holds == Holds::Touched
                && self
                    .schema
                    .tables
                    .iter()
                    .any(|one| one.column(key.value).is_some());
            return (!elsewhere).then(|| WrongName {
                setting: setting.to_owned(),
                says: format!("names {}, and {label} has no such column", key.value),
                hint: near_column(table, key.value, SUGGEST),
            });
        };
        let needed = key.holds.misses(table, column)?;
        Some(WrongName {
            setting: setting.to_owned(),
            says: format!(
                "names {label}.{}, which is of type {}: it must be {needed}",
                column.name,
                column.type_name.trim_start_matches("pg_catalog.")
            ),
            hint: "name another column, or set it to \"\" when the app has none".into(),
        })
    }

    fn lists(&self, files_by: Option<&str>) -> Vec<WrongName> {
        let Mapping {
            email_columns,
            link_columns,
            user_columns,
            flashcard_progress,
            pronunciation_progress,
            export,
            ..
        } = self.mapping;
        let ExportPolicy {
            withhold,
            withhold_tables,
            include_tables,
            include,
        } = export;
        let one = std::slice::from_ref;
        let links: Vec<ColumnRef> = link_columns
            .iter()
            .flat_map(|link| [Some(link.column.clone()), link.target.clone()])
            .flatten()
            .collect();
        let in_app = |key: &str| {
            (
                self.written.contains_key(key),
                format!("[app.schema] {key}"),
            )
        };
        let in_export = |key: &str| {
            (
                self.writes("export", key),
                format!("[app.schema.export] {key}"),
            )
        };
        let files = files_by.map_or_else(|| in_app("user_columns"), |name| (true, name.to_owned()));
        let columns: [((bool, String), &[ColumnRef]); 7] = [
            (in_app("email_columns"), email_columns),
            (in_app("link_columns"), &links),
            (files, user_columns),
            (in_app("flashcard_progress"), one(flashcard_progress)),
            (
                in_app("pronunciation_progress"),
                one(pronunciation_progress),
            ),
            (in_export("withhold"), withhold),
            (in_export("include"), include),
        ];
        let tables: [((bool, String), &[String]); 2] = [
            (in_export("withhold_tables"), withhold_tables),
            (in_export("include_tables"), include_tables),
        ];
        let columns = columns.into_iter().filter(|((written, _), _)| *written);
        let columns = columns.flat_map(|((_, setting), list)| {
            list.iter()
                .filter_map(move |column| self.reference(&setting, column))
        });
        let tables = tables.into_iter().filter(|((written, _), _)| *written);
        let tables = tables.flat_map(|((_, setting), list)| {
            list.iter()
                .filter_map(move |name| self.table(&setting, name))
        });
        columns.chain(tables).collect()
    }

    fn reference(&self, setting: &str, column: &ColumnRef) -> Option<WrongName> {
        let Some(table) = self.schema.table(&column.table_ref(&self.mapping.schema)) else {
            return Some(WrongName {
                setting: setting.to_owned(),
                says: format!("names {column}, and there is no table {}", column.table),
                hint: self.near_table(&column.table, "correct the name, or take it out"),
            });
        };
        table.column(&column.column).is_none().then(|| WrongName {
            setting: setting.to_owned(),
            says: format!("names {column}, and {} has no such column", column.table),
            hint: near_column(table, &column.column, "correct the name, or take it out"),
        })
    }

    fn table(&self, setting: &str, name: &str) -> Option<WrongName> {
        self.schema
            .table(&self.mapping.table_ref(name))
            .is_none()
            .then(|| WrongName {
                setting: setting.to_owned(),
                says: format!("names {name}, and there is no such table"),
                hint: self.near_table(name, "correct the name, or take it out"),
            })
    }

    /// A misspelt policy would delete what it was meant to keep.
    fn policies(&self) -> Vec<WrongName> {
        let mut wrong = Vec::new();
        for (name, policy) in &self.mapping.tables {
            let setting = format!("[app.schema.tables.{name}]");
            let Some(table) = self.schema.table(&self.mapping.table_ref(name)) else {
                wrong.extend(self.table(&setting, name));
                continue;
            };
            let assigned = policy.assignments().into_iter().map(|(column, _)| column);
            let missing = assigned.filter(|column| table.column(column).is_none());
            wrong.extend(missing.map(|column| WrongName {
                setting: setting.clone(),
                says: format!("names the column {column}, and {name} has no such column"),
                hint: near_column(table, column, "correct the name, or take it out"),
            }));
        }
        wrong
    }

    fn near_table(&self, wrong: &str, otherwise: &str) -> String {
        let labels = self
            .schema
            .tables
            .iter()
            .map(|table| table.label(&self.mapping.schema));
        near(wrong, labels).map_or_else(
            || otherwise.to_owned(),
            |near| format!("did you mean {near}? {otherwise}"),
        )
    }
}

fn near_column(table: &Table, wrong: &str, otherwise: &str) -> String {
    near(
        wrong,
        table.columns.iter().map(|column| column.name.clone()),
    )
    .map_or_else(
        || otherwise.to_owned(),
        |near| format!("did you mean {near}? {otherwise}"),
    )
}

fn near(wrong: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let wrong = wrong.to_lowercase();
    known
        .map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl Holds {
    /// What the column must be, when it is something else.
    pub(super) fn misses(self, table: &Table, column: &Column) -> Option<&'static str> {
        let kind = column
            .type_name
            .strip_prefix("pg_catalog.")
            .unwrap_or_default();
        let numbers = ["int2", "int4", "int8", "numeric", "float4", "float8"];
        match self {
            Self::Flag if kind != "bool" => Some("a boolean"),
            Self::Number if !numbers.contains(&kind) => Some("a number"),
            Self::Moment | Self::Touched if table.moment("t", &column.name).is_none() => {
                Some("a timestamp or a date")
            }
            _ => None,
        }
    }
}

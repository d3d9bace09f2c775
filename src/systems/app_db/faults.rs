//! Names in the configuration that name nothing. A misspelt name would delete what was meant to be kept, leave what was
//! meant to go, or hand out what was meant to be withheld.

use super::{Column, ColumnRef, Kind, LinkColumn, Mapping, Snapshot};

const SEVERAL: &str =
    "which holds more than one value: its rows are not one person's, so they cannot go with one";

impl Snapshot {
    /// What `[app.schema]` names for an erasure and is not there, or cannot be used: a sentence for each. The defaults,
    /// which an app need not have, are not looked at.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = self
            .mapping
            .tables
            .keys()
            .filter_map(|name| self.no_table("[app.schema.tables]", name))
            .collect();
        for (name, policy) in &self.mapping.tables {
            let Some(table) = self.table(name) else {
                continue;
            };
            let assignments = policy.assignments().into_iter();
            let missing = assignments.filter(|(column, _)| table.column(column).is_none());
            let label = self.label(table);
            faults.extend(missing.map(|(column, _)| {
                format!("[app.schema.tables.{label}] names the column {column}, which {label} does not have: correct the name")
            }));
        }
        let standard = Mapping::default();
        for (setting, columns, defaults) in [
            (
                "email_columns",
                &self.mapping.email_columns,
                &standard.email_columns,
            ),
            (
                "user_columns",
                &self.mapping.user_columns,
                &standard.user_columns,
            ),
        ] {
            let named = columns.iter().filter(|column| !defaults.contains(column));
            faults.extend(named.filter_map(|column| self.no_column(&of_schema(setting), column)));
        }
        for column in &self.mapping.email_columns {
            let table = self.schema.table(&column.table_ref(&self.mapping.schema));
            let found = table.and_then(|table| table.column(&column.column));
            if found.is_some_and(holds_several) {
                faults.push(format!(
                    "{} names {column}, {SEVERAL}",
                    of_schema("email_columns")
                ));
            }
        }
        for link in &self.mapping.link_columns {
            faults.extend(self.link_faults(link));
        }
        faults
    }

    /// What `[app.schema.export]` names and is not there: a sentence for each.
    pub(super) fn export_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (setting, columns) in [
            ("withhold", &self.db.mapping.export.withhold),
            ("include", &self.db.mapping.export.include),
        ] {
            let setting = format!("{setting} in [app.schema.export]");
            faults.extend(
                columns
                    .iter()
                    .filter_map(|column| self.no_column(&setting, column)),
            );
        }
        for (setting, tables) in [
            ("withhold_tables", &self.db.mapping.export.withhold_tables),
            ("include_tables", &self.db.mapping.export.include_tables),
        ] {
            let setting = format!("{setting} in [app.schema.export]");
            faults.extend(
                tables
                    .iter()
                    .filter_map(|name| self.no_table(&setting, name)),
            );
        }
        faults
    }

    fn no_table(&self, setting: &str, name: &str) -> Option<String> {
        let missing = self.table(name).is_none();
        missing.then(|| {
            format!("{setting} names {name}, and there is no such table: correct the name")
        })
    }

    fn no_column(&self, setting: &str, column: &ColumnRef) -> Option<String> {
        match self.schema.table(&column.table_ref(&self.mapping.schema)) {
            None => Some(format!(
                "{setting} names {column}, and there is no such table: correct the name"
            )),
            Some(table) if table.column(&column.column).is_none() => Some(format!(
                "{setting} names {column}, and the table has no such column: correct the name"
            )),
            Some(_) => None,
        }
    }

    fn link_faults(&self, link: &LinkColumn) -> Vec<String> {
        let setting = of_schema("link_columns");
        let ends = [Some(&link.column), link.target.as_ref()]
            .into_iter()
            .flatten();
        let missing: Vec<String> = ends
            .clone()
            .filter_map(|end| self.no_column(&setting, end))
            .collect();
        if !missing.is_empty() {
            return missing;
        }
        let unusable = ends.filter_map(|end| {
            let table = self.schema.table(&end.table_ref(&self.mapping.schema))?;
            let why = if table.kind == Kind::MaterialisedView {
                "which is in a materialised view: nothing can be deleted from it"
            } else if holds_several(table.column(&end.column)?) {
                SEVERAL
            } else {
                return None;
            };
            Some(format!("{setting} names {end}, {why}"))
        });
        unusable.collect()
    }
}

fn of_schema(setting: &str) -> String {
    format!("{setting} in [app.schema]")
}

/// An array, whose type's name Postgres begins with an underscore, or JSON.
fn holds_several(column: &Column) -> bool {
    let name = column.type_name.rsplit('.').next().unwrap_or_default();
    name.trim_start_matches('"').starts_with('_') || matches!(name, "json" | "jsonb")
}

//! Names in the configuration that name nothing. A misspelt name would delete what was meant to be kept, leave what was
//! meant to go, or hand out what was meant to be withheld.

use super::{ColumnRef, LinkColumn, Mapping};
use crate::systems::app_db::schema::{Column, Kind, Schema};

const SEVERAL: &str =
    "which holds more than one value: its rows are not one person's, so they cannot go with one";

impl Mapping {
    /// What `[app.schema]` names for an erasure and is not there, or cannot be used: a sentence for each. The defaults,
    /// which an app need not have, are not looked at.
    #[must_use]
    pub fn faults(&self, schema: &Schema) -> Vec<String> {
        let mut faults: Vec<String> = self
            .tables
            .keys()
            .filter_map(|name| self.no_table(schema, "[app.schema.tables]", name))
            .collect();
        for (name, policy) in &self.tables {
            let Some(table) = schema.table(&self.table_ref(name)) else {
                continue;
            };
            let assignments = policy.assignments().into_iter();
            let missing = assignments.filter(|(column, _)| table.column(column).is_none());
            let label = table.label(&self.schema);
            faults.extend(missing.map(|(column, _)| {
                format!("[app.schema.tables.{label}] names the column {column}, which {label} does not have: correct the name")
            }));
        }
        let standard = Self::default();
        for (setting, columns, defaults) in [
            (
                "email_columns",
                &self.email_columns,
                &standard.email_columns,
            ),
            ("user_columns", &self.user_columns, &standard.user_columns),
        ] {
            let named = columns.iter().filter(|column| !defaults.contains(column));
            faults.extend(
                named.filter_map(|column| self.no_column(schema, &of_schema(setting), column)),
            );
        }
        for column in &self.email_columns {
            let table = schema.table(&column.table_ref(&self.schema));
            let found = table.and_then(|table| table.column(&column.column));
            if found.is_some_and(holds_several) {
                faults.push(format!(
                    "{} names {column}, {SEVERAL}",
                    of_schema("email_columns")
                ));
            }
        }
        for link in &self.link_columns {
            faults.extend(self.link_faults(schema, link));
        }
        faults
    }

    /// What `[app.schema.export]` names and is not there: a sentence for each.
    #[must_use]
    pub fn export_faults(&self, schema: &Schema) -> Vec<String> {
        let mut faults = Vec::new();
        for (setting, columns) in [
            ("withhold", &self.export.withhold),
            ("include", &self.export.include),
        ] {
            let setting = format!("{setting} in [app.schema.export]");
            faults.extend(
                columns
                    .iter()
                    .filter_map(|column| self.no_column(schema, &setting, column)),
            );
        }
        for (setting, tables) in [
            ("withhold_tables", &self.export.withhold_tables),
            ("include_tables", &self.export.include_tables),
        ] {
            let setting = format!("{setting} in [app.schema.export]");
            faults.extend(
                tables
                    .iter()
                    .filter_map(|name| self.no_table(schema, &setting, name)),
            );
        }
        faults
    }

    fn no_table(&self, schema: &Schema, setting: &str, name: &str) -> Option<String> {
        let missing = schema.table(&self.table_ref(name)).is_none();
        missing.then(|| {
            format!("{setting} names {name}, and there is no such table: correct the name")
        })
    }

    fn no_column(&self, schema: &Schema, setting: &str, column: &ColumnRef) -> Option<String> {
        match schema.table(&column.table_ref(&self.schema)) {
            None => Some(format!(
                "{setting} names {column}, and there is no such table: correct the name"
            )),
            Some(table) if table.column(&column.column).is_none() => Some(format!(
                "{setting} names {column}, and the table has no such column: correct the name"
            )),
            Some(_) => None,
        }
    }

    fn link_faults(&self, schema: &Schema, link: &LinkColumn) -> Vec<String> {
        let setting = of_schema("link_columns");
        let ends = [Some(&link.column), link.target.as_ref()]
            .into_iter()
            .flatten();
        let missing: Vec<String> = ends
            .clone()
            .filter_map(|end| self.no_column(schema, &setting, end))
            .collect();
        if !missing.is_empty() {
            return missing;
        }
        let unusable = ends.filter_map(|end| {
            let table = schema.table(&end.table_ref(&self.schema))?;
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

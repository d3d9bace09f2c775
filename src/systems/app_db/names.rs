//! Names of tables and columns as people write them in the configuration.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};

/// A table: its schema and its name, as they are in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableRef {
    pub schema: String,
    pub name: String,
}

impl TableRef {
    /// Reads `Table` or `schema.Table`. A part that holds a dot itself is written in double quotes.
    #[must_use]
    pub fn parse(text: &str, default_schema: &str) -> Self {
        match parts(text).as_slice() {
            [name] => Self::of(default_schema, name),
            [schema, name] => Self::of(schema, name),
            _ => Self::of(default_schema, text),
        }
    }

    fn of(schema: &str, name: &str) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }

    /// `"schema"."Table"`, which [`TableRef::parse`] reads whatever dots are in it.
    #[must_use]
    pub fn quoted(&self) -> String {
        format!("\"{}\".\"{}\"", self.schema, self.name)
    }
}

/// A column, written `Table.column` or `schema.Table.column`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnRef {
    /// The schema when it was named.
    pub schema: Option<String>,
    /// The table's name.
    pub table: String,
    /// The column's name.
    pub column: String,
}

impl ColumnRef {
    /// A column of a table in the app's own schema.
    #[must_use]
    pub fn new(table: &str, column: &str) -> Self {
        Self {
            schema: None,
            table: table.into(),
            column: column.into(),
        }
    }

    /// The table that the column is in.
    #[must_use]
    pub fn table_ref(&self, default_schema: &str) -> TableRef {
        TableRef::of(
            self.schema.as_deref().unwrap_or(default_schema),
            &self.table,
        )
    }
}

impl std::str::FromStr for ColumnRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = parts(text);
        if parts.iter().any(String::is_empty) {
            return Err(format!("{text:?} is not of the form Table.column"));
        }
        match parts.as_slice() {
            [table, column] => Ok(Self::new(table, column)),
            [schema, table, column] => Ok(Self {
                schema: Some(schema.clone()),
                ..Self::new(table, column)
            }),
            _ => Err(format!(
                "{text:?} is not of the form Table.column or schema.Table.column"
            )),
        }
    }
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        write!(f, "{}.{}", self.table, self.column)
    }
}

impl<'de> Deserialize<'de> for ColumnRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// Splits at dots that are outside double quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => {
                if let Some(last) = parts.last_mut() {
                    last.push(other);
                }
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_named_with_or_without_its_schema() {
        assert_eq!(
            "Response.audioUrl".parse(),
            Ok(ColumnRef::new("Response", "audioUrl"))
        );
        let with_schema: ColumnRef = "media.Recording.key".parse().unwrap();
        assert_eq!(
            with_schema.table_ref("public"),
            TableRef::parse("media.Recording", "public")
        );
    }

    #[test]
    fn a_dot_in_double_quotes_belongs_to_the_name() {
        assert_eq!(
            TableRef::parse("\"a.b\"", "public"),
            TableRef {
                schema: "public".into(),
                name: "a.b".into()
            }
        );
    }

    #[test]
    fn a_column_without_a_table_is_refused() {
        assert!("audioUrl".parse::<ColumnRef>().is_err());
        assert!("Response.".parse::<ColumnRef>().is_err());
    }
}

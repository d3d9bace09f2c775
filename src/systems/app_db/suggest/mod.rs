//! Proposes `[app.schema]` for a database that was never seen before, from names, types, keys and a bounded look at the
//! values of roles and states. No personal data is read into it.

mod accounts;
mod addresses;
mod columns;
mod lists;
mod people;
mod records;
mod text;
mod values;

use super::{AppDb, AppDbError, Mapping, Schema, Snapshot, Table};

/// A proposed `[app.schema]`.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The section as TOML, with the reason of every choice in a comment. It loads as it is.
    pub toml: String,
    /// The table of accounts as it was found; `None` when there is none that looks like it.
    pub accounts: Option<String>,
    /// The database as the service would see it with the snippet.
    pub at: Snapshot,
}

/// What the proposals are made from.
struct Found<'a> {
    db: &'a AppDb,
    schema: &'a Schema,
    /// The Postgres schema that unqualified names are in.
    main: String,
    /// The accounts: an index into the schema's tables.
    accounts: usize,
    /// The column that identifies an account.
    id: String,
}

impl AppDb {
    /// Looks at the database and proposes the mapping. Nothing is changed.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn suggest_mapping(&self) -> Result<Suggestion, AppDbError> {
        let schema = self.open().await?.schema;
        let ranked = accounts::ranked(&schema);
        let Some(best) = ranked.first().filter(|best| best.is_accounts()) else {
            return self.suggested(accounts::nothing(&schema, &ranked), None, schema);
        };
        let found = Found {
            db: self,
            schema: &schema,
            main: accounts::main_schema(&schema, best.table),
            accounts: best.table,
            id: best.id.clone(),
        };
        let mut parts = vec![lists::app(&found)];
        parts.push(people::user(&found, &ranked).await);
        parts.push(records::session(&found));
        parts.push(records::subscription(&found).await);
        parts.push(records::payment(&found));
        parts.extend(records::others(&found));
        parts.push(lists::export(&found));
        let accounts = text::written(found.table(), &found.main);
        let toml = text::render(&parts);
        self.suggested(toml, Some(accounts), schema)
    }

    fn suggested(
        &self,
        toml: String,
        accounts: Option<String>,
        schema: Schema,
    ) -> Result<Suggestion, AppDbError> {
        let mapping = mapping_of(&toml).map_err(|error| {
            AppDbError::Other(format!("the proposal cannot be read back: {error}"))
        })?;
        let db = Self {
            mapping,
            ..self.clone()
        };
        Ok(Suggestion {
            toml,
            accounts,
            at: db.over(schema),
        })
    }
}

/// The mapping as the service reads it from a file that holds the snippet.
fn mapping_of(toml: &str) -> Result<Mapping, toml::de::Error> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct File {
        app: App,
    }
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct App {
        schema: Mapping,
    }
    toml::from_str::<File>(toml).map(|file| file.app.schema)
}

impl<'a> Found<'a> {
    fn table(&self) -> &'a Table {
        &self.schema.tables[self.accounts]
    }

    /// Tables but for the accounts, those of the main schema first.
    fn others(&self) -> Vec<&'a Table> {
        let mut tables: Vec<&Table> = self
            .schema
            .tables
            .iter()
            .enumerate()
            .filter(|(index, table)| {
                *index != self.accounts && table.kind != super::Kind::MaterialisedView
            })
            .map(|(_, table)| table)
            .collect();
        tables.sort_by_key(|table| table.schema != self.main);
        tables
    }
}

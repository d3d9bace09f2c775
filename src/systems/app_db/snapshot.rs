//! The app's database as it is at one moment: its schema, and what the configured names mean in it.

use sqlx::PgConnection;
use tokio::sync::OnceCell;

use super::{
    AppDb, AppDbError, Column, ColumnRef, Mapping, Purpose, Schema, Table, schema, sql::ident,
};

/// The database with its schema and the mapping that holds for it. It is opened once per plan and once per step. An erasure
/// opens one of its own, in its transaction, and what looks for the rest of a person after it one for each look.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) db: AppDb,
    /// The tables and the keys between them.
    pub schema: Schema,
    /// What they are called: the configuration, with what follows from the schema (see [`Mapping::resolved`]).
    pub mapping: Mapping,
}

/// The snapshot of one plan or one step, which is taken when it is first needed.
#[derive(Debug)]
pub struct LazySnapshot<'a> {
    db: &'a AppDb,
    taken: OnceCell<Snapshot>,
}

impl<'a> LazySnapshot<'a> {
    /// One that is still to be taken.
    #[must_use]
    pub fn of(db: &'a AppDb) -> Self {
        Self {
            db,
            taken: OnceCell::new(),
        }
    }

    /// The snapshot.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn get(&self) -> Result<&Snapshot, AppDbError> {
        self.taken.get_or_try_init(|| self.db.open()).await
    }
}

impl AppDb {
    /// Reads the app's schema as it is now.
    ///
    /// # Errors
    /// When the database cannot be reached or refuses.
    pub async fn open(&self) -> Result<Snapshot, AppDbError> {
        let mut tx = self.begin(Purpose::Read).await?;
        let snapshot = self.open_in(&mut tx).await?;
        tx.rollback().await?;
        Ok(snapshot)
    }

    /// [`AppDb::open`] in a transaction that is there already.
    pub(super) async fn open_in(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Snapshot, sqlx::Error> {
        Ok(self.clone().over(schema::read(connection).await?))
    }

    /// This database with a schema that was read from it.
    pub(super) fn over(self, schema: Schema) -> Snapshot {
        Snapshot {
            mapping: self.mapping.resolved(&schema),
            db: self,
            schema,
        }
    }
}

impl Snapshot {
    /// The table of a configured name.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.schema.table(&self.mapping.table_ref(name))
    }

    /// The column of a key of `[app.schema]`: `user.role`.
    pub(super) fn named(&self, key: &str) -> Option<&Column> {
        let (table, column) = self.mapping.place(key);
        self.schema.table(&table)?.column(&column)
    }

    /// The index of the table of a configured name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.schema.position(&self.mapping.table_ref(name))
    }

    /// The index of the table that a configured column is in.
    pub(super) fn position_of(&self, column: &ColumnRef) -> Option<usize> {
        let table = column.table_ref(&self.mapping.schema);
        self.schema.position(&table)
    }

    /// A table's name for people.
    pub(super) fn label(&self, table: &Table) -> String {
        table.label(&self.mapping.schema)
    }

    /// The same by the table's index.
    pub(super) fn label_at(&self, table: usize) -> String {
        self.label(&self.schema.tables[table])
    }

    /// `, "updatedAt" = now()` when the table has such a column: Prisma sets it in the app, the database does not. Left
    /// out where our role may not write it.
    pub(super) fn touch(&self, table: &Table) -> String {
        let name = &self.mapping.user.updated_at;
        let may_set = |column: &&Column| !column.generated && column.may_update;
        match table.column(name).filter(may_set) {
            Some(column) if column.type_name == "pg_catalog.timestamp" => {
                format!(", {} = now() AT TIME ZONE 'UTC'", ident(name))
            }
            Some(column) if column.type_name == "pg_catalog.timestamptz" => {
                format!(", {} = now()", ident(name))
            }
            _ => String::new(),
        }
    }

    /// Whether our role may write these columns.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] with the first one that it may not.
    pub(super) fn may_update(&self, table: &Table, columns: &[&str]) -> Result<(), AppDbError> {
        let mut columns = columns.iter();
        let forbidden = columns.find(|name| table.column(name).is_some_and(|one| !one.may_update));
        match forbidden {
            Some(name) => Err(AppDbError::Blocked(format!(
                "the database role of DATABASE_URL has no UPDATE right on {}.{name}",
                self.label(table)
            ))),
            None => Ok(()),
        }
    }
}

//! The app's schema as Postgres' catalogue has it. Nothing about it is known beforehand and nothing is guessed.

mod read;

use super::{names::TableRef, sql};

pub(super) use read::{APP_RELATIONS, read};

/// The tables of a database and the keys between them, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Every table outside Postgres' own schemas and Countersign's. Partitions are part of their table.
    pub tables: Vec<Table>,
    /// Every foreign key between them.
    pub foreign_keys: Vec<ForeignKey>,
    /// Which table inherits from which, over all generations: the heir's index, then the ancestor's. A foreign key of the
    /// ancestor does not cover the heir's rows.
    pub heirs: Vec<(usize, usize)>,
}

/// What kind of relation a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An ordinary table.
    Ordinary,
    /// A partitioned table, with all its partitions.
    Partitioned,
    /// A materialised view: it keeps copies of rows until its next refresh.
    MaterialisedView,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that Postgres states one by one"
)]
pub struct Table {
    pub schema: String,
    /// Its name, as it is: not quoted, not folded.
    pub name: String,
    /// What kind of relation it is.
    pub kind: Kind,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key, empty without one.
    pub primary_key: Vec<String>,
    /// Column lists that are unique: constraints and plain unique indexes (Prisma makes the latter).
    pub uniques: Vec<Vec<String>>,
    /// Whether triggers of the app's own run when rows change.
    pub has_triggers: bool,
    /// Whether our role may read it.
    pub may_select: bool,
    /// Whether our role may delete from it.
    pub may_delete: bool,
    /// Whether our role may change its rows: some column of them at least, which locking a row needs too.
    pub may_update: bool,
    /// Whether our role may add rows to it.
    pub may_insert: bool,
    /// Whether a rule of the app's own does something else instead of a change or a deletion.
    pub has_instead_rules: bool,
    /// Whether Postgres refuses changes and deletions, because they are published and no key identifies a row.
    pub lacks_replica_identity: bool,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that Postgres states one by one"
)]
pub struct Column {
    pub name: String,
    /// Its type as SQL, with its schema and without a length, ready for a cast: `pg_catalog.int4`, `public."Role"`.
    pub type_name: String,
    /// Whether it is text: text, varchar, char, citext, or a domain over one of them.
    pub is_text: bool,
    /// Whether it is an array of text.
    pub is_text_array: bool,
    /// The type of its elements when it is an array.
    pub element: Option<Element>,
    /// Whether the app takes two spellings that differ in letter case only for one value: citext, a collation that
    /// ignores case, or a unique index on `lower(…)`.
    pub ignores_case: bool,
    pub enum_labels: Vec<String>,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether the database fills it when an insert leaves it out.
    pub has_default: bool,
    /// Whether the database computes it.
    pub generated: bool,
    /// Whether our role may change it.
    pub may_update: bool,
    /// The operator that compares two of its values: `=`, with its schema where that is not Postgres' own, since an
    /// extension's types may live outside the search path.
    pub equals: String,
}

/// The type of an array's elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The type as SQL, as [`Column::type_name`].
    pub type_name: String,
    /// Whether it is text, as [`Column::is_text`].
    pub is_text: bool,
    pub enum_labels: Vec<String>,
}

/// What a foreign key does with the rows below when the row above is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum OnDelete {
    /// Refuses, checked at the end of the statement or of the transaction.
    #[serde(rename = "NO ACTION")]
    NoAction,
    /// Refuses at once.
    #[serde(rename = "RESTRICT")]
    Restrict,
    /// Deletes them too.
    #[serde(rename = "CASCADE")]
    Cascade,
    /// Leaves them with the link set to NULL.
    #[serde(rename = "SET NULL")]
    SetNull,
    /// Leaves them with the link set to its default.
    #[serde(rename = "SET DEFAULT")]
    SetDefault,
}

impl std::fmt::Display for OnDelete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The table that holds the key: an index into [`Schema::tables`].
    pub child: usize,
    /// The table that it points to: an index into [`Schema::tables`].
    pub parent: usize,
    /// The partition that the key is declared on, quoted, when it is not the whole table.
    pub child_partition: Option<String>,
    /// Whether it points to one partition only.
    pub parent_is_partition: bool,
    /// The columns that hold the key, in order.
    pub columns: Vec<String>,
    /// The columns that they point to, in the same order.
    pub references: Vec<String>,
    /// The operators that compare the latter with the former, in the same order.
    pub equals: Vec<String>,
    /// What happens to the rows when the one they point to is deleted.
    pub on_delete: OnDelete,
    /// The columns that SET NULL or SET DEFAULT change; all of `columns` unless the key names some.
    pub set_columns: Vec<String>,
    /// Whether its check can wait until the end of the transaction.
    pub deferrable: bool,
    /// Whether it is MATCH FULL: all of its columns NULL, or none.
    pub match_full: bool,
}

impl Schema {
    /// The index of the table of this name.
    #[must_use]
    pub fn position(&self, table: &TableRef) -> Option<usize> {
        self.tables
            .iter()
            .position(|t| t.schema == table.schema && t.name == table.name)
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, table: &TableRef) -> Option<&Table> {
        self.position(table).map(|index| &self.tables[index])
    }
}

impl Column {
    /// `alias."column" = $1`, with the parameter given as text and the column's index usable. Fails for a text that is no
    /// value of the type.
    pub(super) fn is(&self, alias: &str, parameter: u32) -> String {
        format!(
            "{alias}.{} {} CAST(${parameter}::text AS {})",
            sql::ident(&self.name),
            self.equals,
            self.type_name
        )
    }

    /// The condition that the column holds the parameter, a text that need not be a value of the column's type.
    pub(super) fn holds(&self, alias: &str, parameter: u32) -> String {
        if self.is_text && self.equals != sql::EQUALS {
            return self.is(alias, parameter);
        }
        format!(
            "{alias}.{}::text = ${parameter}::text",
            sql::ident(&self.name)
        )
    }
}

impl Table {
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// `"schema"."name"`.
    #[must_use]
    pub fn quoted(&self) -> String {
        format!("{}.{}", sql::ident(&self.schema), sql::ident(&self.name))
    }

    /// The table as a source of its own rows: without those of tables that inherit from it, with all partitions.
    pub(super) fn source(&self) -> String {
        match self.kind {
            Kind::Ordinary => format!("ONLY {}", self.quoted()),
            Kind::Partitioned | Kind::MaterialisedView => self.quoted(),
        }
    }

    /// A column as a moment, when there is one that tells times: one without a time zone is read as UTC, as Prisma writes it.
    pub(super) fn moment(&self, alias: &str, column: &str) -> Option<String> {
        let column = self.column(column)?;
        let name = format!("{alias}.{}", sql::ident(&column.name));
        match column.type_name.as_str() {
            "pg_catalog.timestamp" => Some(format!("({name} AT TIME ZONE 'UTC')")),
            "pg_catalog.timestamptz" => Some(name),
            "pg_catalog.date" => Some(format!("({name}::timestamp AT TIME ZONE 'UTC')")),
            _ => None,
        }
    }

    /// The name for people: without the schema when it is the app's main one.
    #[must_use]
    pub fn label(&self, main_schema: &str) -> String {
        if self.schema == main_schema {
            self.name.clone()
        } else {
            format!("{}.{}", self.schema, self.name)
        }
    }
}

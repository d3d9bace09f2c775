//! Which columns can hold an id or an address, read from Postgres' catalogue.

use sqlx::{PgConnection, Row};

use super::Unsearched;
use crate::systems::app_db::{
    AppDbError,
    graph::Graph,
    sql::{ident, query},
};

/// A table to search.
pub(super) struct Searched {
    /// Its index in the schema.
    pub(super) table: usize,
    pub(super) columns: Vec<SearchedColumn>,
}

pub(super) struct SearchedColumn {
    pub(super) name: String,
    pub(super) form: Form,
}

/// How a column holds values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Uuid,
    /// One whole number.
    Number,
    /// A list of texts, UUIDs or numbers.
    List,
    /// Values with a structure of their own: JSON, hstore, XML, rows.
    Document,
}

impl Form {
    fn of(category: &str, name: &str) -> Option<Self> {
        const NUMBERS: [&str; 4] = ["int2", "int4", "int8", "numeric"];
        const DOCUMENTS: [&str; 6] = ["json", "jsonb", "hstore", "xml", "tsvector", "ltree"];
        match (category, name) {
            (_, "uuid") => Some(Self::Uuid),
            (_, name) if NUMBERS.contains(&name) => Some(Self::Number),
            (_, name) if DOCUMENTS.contains(&name) => Some(Self::Document),
            ("S", _) => Some(Self::Text),
            ("C", _) => Some(Self::Document),
            _ => None,
        }
    }
}

impl SearchedColumn {
    /// The column as text, with letters compared by their bytes: quick, and the same under every collation.
    pub(super) fn text(&self, alias: &str) -> String {
        let column = format!("{alias}.{}", ident(&self.name));
        match self.form {
            Form::List => {
                format!("array_to_string({column}::text[], E'\\n') COLLATE \"C\"")
            }
            _ => format!("{column}::text COLLATE \"C\""),
        }
    }
}

/// The tables of a database, as far as a search goes.
pub(super) struct Searchable {
    /// The smallest first.
    pub(super) searched: Vec<Searched>,
    pub(super) unreadable: Vec<Unsearched>,
}

/// A domain counts as what it is made from.
const COLUMNS: &str = "WITH RECURSIVE made AS (
        SELECT t.oid AS type, t.oid AS base, t.typtype, t.typbasetype FROM pg_catalog.pg_type t
        UNION ALL SELECT m.type, t.oid, t.typtype, t.typbasetype FROM made m
            JOIN pg_catalog.pg_type t ON t.oid = m.typbasetype WHERE m.typtype = 'd'),
    base AS MATERIALIZED (
        SELECT m.type, t.typname::text AS name, t.typcategory::text AS category, t.typelem AS element
        FROM made m JOIN pg_catalog.pg_type t ON t.oid = m.base WHERE m.typtype <> 'd'),
    relation AS MATERIALIZED (
        SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
            coalesce(CASE WHEN c.relkind = 'p'
                THEN (SELECT sum(pg_table_size(p.relid)) FROM pg_partition_tree(c.oid) p)
                ELSE pg_table_size(c.oid) END, 0) AS bytes
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition
            AND n.nspname NOT IN ('information_schema', 'countersign') AND n.nspname !~ '^pg_')
    SELECT r.schema, r.name AS table, r.kind, a.attname::text AS name, b.name AS type, b.category, e.name AS element,
        e.category AS element_category
    FROM relation r
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN base b ON b.type = a.atttypid
    LEFT JOIN base e ON e.type = b.element AND b.category = 'A'
    ORDER BY r.bytes, r.oid, a.attnum";

/// Reads which tables and columns can be searched.
pub(super) async fn searchable(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
) -> Result<Searchable, AppDbError> {
    let schema = &graph.at.schema;
    let mut found = Searchable {
        searched: Vec::new(),
        unreadable: Vec::new(),
    };
    for row in query(COLUMNS.to_owned()).fetch_all(connection).await? {
        let name = (row.try_get("schema")?, row.try_get("table")?);
        let category: String = row.try_get("category")?;
        let form = match row.try_get::<Option<String>, _>("element")? {
            Some(element) => {
                let category: String = row.try_get("element_category")?;
                Form::of(&category, &element).map(|_| Form::List)
            }
            None => Form::of(&category, row.try_get("type")?),
        };
        let Some(form) = form else { continue };
        if row.try_get::<&str, _>("kind")? == "f" {
            found.foreign(graph, name);
            continue;
        }
        let (namespace, table): (&str, &str) = name;
        let mut tables = schema.tables.iter();
        let Some(table) = tables.position(|one| one.schema == namespace && one.name == table)
        else {
            continue;
        };
        if !schema.tables[table].may_select {
            found.unreadable(graph, table);
            continue;
        }
        let column = SearchedColumn {
            name: row.try_get("name")?,
            form,
        };
        match found.searched.last_mut().filter(|last| last.table == table) {
            Some(last) => last.columns.push(column),
            None => found.searched.push(Searched {
                table,
                columns: vec![column],
            }),
        }
    }
    Ok(found)
}

impl Searchable {
    fn foreign(&mut self, graph: &Graph<'_>, (schema, table): (&str, &str)) {
        let label = if schema == graph.at.mapping.schema {
            table.to_owned()
        } else {
            format!("{schema}.{table}")
        };
        self.add(label, "their rows are in another database");
    }

    fn unreadable(&mut self, graph: &Graph<'_>, table: usize) {
        let table = &graph.at.schema.tables[table];
        let why = "the database role of DATABASE_URL may not read them (GRANT SELECT)";
        self.add(graph.at.label(table), why);
    }

    fn add(&mut self, table: String, why: &str) {
        if self.unreadable.iter().all(|one| one.table != table) {
            self.unreadable.push(Unsearched {
                table,
                why: why.to_owned(),
                unexpected: false,
            });
        }
    }
}

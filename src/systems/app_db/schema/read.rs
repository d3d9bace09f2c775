//! Reads a [`Schema`]: four queries, whatever the number of tables.

use std::collections::HashMap;

use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{Column, ForeignKey, Kind, OnDelete, Schema, Table};
use crate::systems::app_db::sql::{self, query};

/// Relations of the app: Postgres' own schemas and Countersign's are left out, and partitions, which their table stands for.
pub(in crate::systems::app_db) const APP_RELATIONS: &str =
    "c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname <> 'countersign' AND n.nspname !~ '^pg_'";

/// Reads the schema in the transaction of this connection.
pub(in crate::systems::app_db) async fn read(
    connection: &mut PgConnection,
) -> Result<Schema, sqlx::Error> {
    let (mut tables, index) = tables(connection).await?;
    add_columns(connection, &mut tables, &index).await?;
    add_unique_keys(connection, &mut tables, &index).await?;
    let foreign_keys = foreign_keys(connection, &index).await?;
    Ok(Schema {
        tables,
        foreign_keys,
    })
}

type ByOid = HashMap<i64, usize>;

async fn tables(connection: &mut PgConnection) -> Result<(Vec<Table>, ByOid), sqlx::Error> {
    let text = format!(
        "SELECT c.oid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
            EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D') AS has_triggers,
            has_table_privilege(c.oid, 'SELECT') AS may_select,
            has_table_privilege(c.oid, 'DELETE') AS may_delete,
            has_table_privilege(c.oid, 'UPDATE') AS may_update
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE {APP_RELATIONS} ORDER BY n.nspname, c.relname"
    );
    let mut tables = Vec::new();
    let mut index = ByOid::new();
    for row in query(text).fetch_all(connection).await? {
        index.insert(row.try_get("oid")?, tables.len());
        tables.push(Table {
            schema: row.try_get("schema")?,
            name: row.try_get("name")?,
            kind: match row.try_get::<&str, _>("kind")? {
                "p" => Kind::Partitioned,
                "m" => Kind::MaterialisedView,
                _ => Kind::Ordinary,
            },
            columns: Vec::new(),
            primary_key: Vec::new(),
            uniques: Vec::new(),
            has_triggers: row.try_get("has_triggers")?,
            may_select: row.try_get("may_select")?,
            may_delete: row.try_get("may_delete")?,
            may_update: row.try_get("may_update")?,
        });
    }
    Ok((tables, index))
}

async fn add_columns(
    connection: &mut PgConnection,
    tables: &mut [Table],
    index: &ByOid,
) -> Result<(), sqlx::Error> {
    // The type's own name, with its schema and without a length: a cast to varchar(30) would cut a longer value silently.
    let text = format!(
        "SELECT a.attrelid::int8 AS table, a.attname::text AS name, CASE WHEN tn.nspname = 'pg_catalog' THEN 'pg_catalog.' || t.typname
                ELSE quote_ident(tn.nspname) || '.' || quote_ident(t.typname) END AS type_name,
            t.typcategory = 'S' AS is_text,
            t.typcategory = 'A' AND e.typcategory = 'S' AS is_text_array,
            ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid
                ORDER BY l.enumsortorder) AS enum_labels,
            NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS nullable,
            a.atthasdef OR a.attidentity <> '' AS has_default,
            a.attgenerated <> '' AS generated
         FROM pg_catalog.pg_attribute a
         JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
         LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
         WHERE {APP_RELATIONS} AND a.attnum > 0 AND NOT a.attisdropped
         ORDER BY a.attrelid, a.attnum"
    );
    for row in query(text).fetch_all(connection).await? {
        let Some(&table) = index.get(&row.try_get::<i64, _>("table")?) else {
            continue;
        };
        tables[table].columns.push(Column {
            name: row.try_get("name")?,
            type_name: row.try_get("type_name")?,
            is_text: row.try_get("is_text")?,
            is_text_array: row
                .try_get::<Option<bool>, _>("is_text_array")?
                .unwrap_or(false),
            enum_labels: row.try_get("enum_labels")?,
            nullable: row.try_get("nullable")?,
            has_default: row.try_get("has_default")?,
            generated: row.try_get("generated")?,
        });
    }
    Ok(())
}

async fn add_unique_keys(
    connection: &mut PgConnection,
    tables: &mut [Table],
    index: &ByOid,
) -> Result<(), sqlx::Error> {
    let text = format!(
        "SELECT i.indrelid::int8 AS table, i.indisprimary AS is_primary,
            ARRAY(SELECT a.attname::text
                FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, position)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns
         FROM pg_catalog.pg_index i
         JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE {APP_RELATIONS} AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
         ORDER BY i.indrelid, i.indexrelid"
    );
    for row in query(text).fetch_all(connection).await? {
        let Some(&table) = index.get(&row.try_get::<i64, _>("table")?) else {
            continue;
        };
        let columns: Vec<String> = row.try_get("columns")?;
        if row.try_get("is_primary")? {
            tables[table].primary_key = columns;
        } else {
            tables[table].uniques.push(columns);
        }
    }
    Ok(())
}

async fn foreign_keys(
    connection: &mut PgConnection,
    index: &ByOid,
) -> Result<Vec<ForeignKey>, sqlx::Error> {
    // A key of a partitioned table is repeated for each partition with conparentid set: the first one stands for all.
    // confdelsetcols is there since PostgreSQL 15 and is read through JSON, so that 13 and 14 are served too.
    let text = "SELECT f.conname::text AS name, f.on_delete, f.condeferrable AS deferrable, f.match_full,
            coalesce(pg_partition_root(f.conrelid)::oid, f.conrelid)::int8 AS child,
            coalesce(pg_partition_root(f.confrelid)::oid, f.confrelid)::int8 AS parent,
            CASE WHEN r.relispartition THEN r.relname::text END AS partition,
            CASE WHEN r.relispartition THEN n.nspname::text END AS partition_schema,
            p.relispartition AS parent_is_partition,
            ARRAY(SELECT a.attname::text FROM unnest(f.conkey) WITH ORDINALITY k(attnum, position)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum
                ORDER BY k.position) AS columns,
            ARRAY(SELECT a.attname::text FROM unnest(f.confkey) WITH ORDINALITY k(attnum, position)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum
                ORDER BY k.position) AS refs,
            ARRAY(SELECT a.attname::text FROM jsonb_array_elements_text(
                    CASE WHEN jsonb_typeof(f.set_columns) = 'array' THEN f.set_columns ELSE '[]' END) k(attnum)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum::int2) AS set_columns
         FROM (SELECT c.*, c.confdeltype::text AS on_delete, c.confmatchtype = 'f' AS match_full,
                to_jsonb(c) -> 'confdelsetcols' AS set_columns
               FROM pg_catalog.pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0) f
         JOIN pg_catalog.pg_class r ON r.oid = f.conrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
         JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
         ORDER BY n.nspname, r.relname, f.conname";
    let rows = query(text.to_owned()).fetch_all(connection).await?;
    rows.iter()
        .filter_map(|row| foreign_key(row, index).transpose())
        .collect()
}

/// `None` when one end is outside the tables that were read.
fn foreign_key(row: &PgRow, index: &ByOid) -> Result<Option<ForeignKey>, sqlx::Error> {
    let child = index.get(&row.try_get::<i64, _>("child")?);
    let parent = index.get(&row.try_get::<i64, _>("parent")?);
    let (Some(&child), Some(&parent)) = (child, parent) else {
        return Ok(None);
    };
    let partition: Option<String> = row.try_get("partition")?;
    let partition_schema: Option<String> = row.try_get("partition_schema")?;
    let columns: Vec<String> = row.try_get("columns")?;
    let set_columns: Vec<String> = row.try_get("set_columns")?;
    Ok(Some(ForeignKey {
        name: row.try_get("name")?,
        child,
        parent,
        child_partition: partition_schema
            .zip(partition)
            .map(|(schema, name)| format!("{}.{}", sql::ident(&schema), sql::ident(&name))),
        parent_is_partition: row.try_get("parent_is_partition")?,
        references: row.try_get("refs")?,
        on_delete: match row.try_get::<&str, _>("on_delete")? {
            "r" => OnDelete::Restrict,
            "c" => OnDelete::Cascade,
            "n" => OnDelete::SetNull,
            "d" => OnDelete::SetDefault,
            _ => OnDelete::NoAction,
        },
        set_columns: if set_columns.is_empty() {
            columns.clone()
        } else {
            set_columns
        },
        columns,
        deferrable: row.try_get("deferrable")?,
        match_full: row.try_get("match_full")?,
    }))
}

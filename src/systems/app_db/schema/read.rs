//! Reads a [`Schema`]: five queries, whatever the number of tables.

use std::collections::HashMap;

use sqlx::{PgConnection, Row, postgres::PgRow};

use super::{Column, Element, ForeignKey, Kind, OnDelete, Schema, Table};
use crate::systems::app_db::sql::{self, query};

/// Relations of the app: Postgres' own schemas and Countersign's are left out, and partitions, which their table stands for.
pub(in crate::systems::app_db) const APP_RELATIONS: &str =
    "c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname <> 'countersign' AND n.nspname !~ '^pg_'";

/// Nothing by which a subscriber of the table's changes could recognise a row.
const NO_REPLICA_IDENTITY: &str = "c.relkind = 'r' AND (c.relreplident = 'n' OR c.relreplident = 'd'
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))";

/// The operator of this name and schema as it stands between two values: bare where every search path finds it.
const OPERATOR: &str = "CASE WHEN os.nspname = 'pg_catalog' THEN o.oprname::text
    ELSE 'OPERATOR(' || quote_ident(os.nspname) || '.' || o.oprname || ')' END";

/// Whether letter case makes no difference in the column `a` of type `t`: see [`Column::ignores_case`].
const IGNORES_CASE: &str = "(EXISTS (WITH RECURSIVE base AS (
            SELECT t.typname AS name, t.typbasetype AS below
            UNION ALL SELECT b.typname, b.typbasetype FROM base JOIN pg_catalog.pg_type b ON b.oid = base.below)
        SELECT 1 FROM base WHERE base.name = 'citext')
    OR EXISTS (SELECT 1 FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation AND NOT l.collisdeterministic)
    OR EXISTS (SELECT 1 FROM pg_catalog.pg_index i,
            LATERAL pg_get_expr(i.indexprs, i.indrelid) AS indexed, LATERAL quote_ident(a.attname) AS quoted
        WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indexprs IS NOT NULL
          AND (strpos(indexed, 'lower(' || quoted || ')') > 0 OR strpos(indexed, 'lower((' || quoted || ')::') > 0)))";

/// Reads the schema in the transaction of this connection.
pub(in crate::systems::app_db) async fn read(
    connection: &mut PgConnection,
) -> Result<Schema, sqlx::Error> {
    let (mut tables, index) = tables(connection).await?;
    add_columns(connection, &mut tables, &index).await?;
    add_unique_keys(connection, &mut tables, &index).await?;
    let foreign_keys = foreign_keys(connection, &index).await?;
    let heirs = heirs(connection, &index).await?;
    Ok(Schema {
        tables,
        foreign_keys,
        heirs,
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
            has_any_column_privilege(c.oid, 'UPDATE') AS may_update,
            has_any_column_privilege(c.oid, 'INSERT') AS may_insert,
            EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite r
                WHERE r.ev_class = c.oid AND r.is_instead AND r.ev_type IN ('2', '4')) AS has_instead_rules,
            ({NO_REPLICA_IDENTITY}) AND EXISTS (SELECT 1 FROM pg_catalog.pg_publication p
                WHERE (p.pubupdate OR p.pubdelete) AND (p.puballtables OR EXISTS (
                    SELECT 1 FROM pg_catalog.pg_publication_rel m WHERE m.prpubid = p.oid AND m.prrelid = c.oid)))
                AS lacks_replica_identity
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
            may_insert: row.try_get("may_insert")?,
            has_instead_rules: row.try_get("has_instead_rules")?,
            lacks_replica_identity: row.try_get("lacks_replica_identity")?,
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
            CASE WHEN t.typcategory = 'A' THEN CASE WHEN en.nspname = 'pg_catalog' THEN 'pg_catalog.' || e.typname
                ELSE quote_ident(en.nspname) || '.' || quote_ident(e.typname) END END AS element,
            coalesce(e.typcategory = 'S', false) AS element_is_text,
            ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = e.oid
                ORDER BY l.enumsortorder) AS element_labels,
            CASE WHEN t.typcategory = 'S' THEN {IGNORES_CASE} ELSE false END AS ignores_case,
            ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid
                ORDER BY l.enumsortorder) AS enum_labels,
            NOT (a.attnotnull OR (t.typtype = 'd' AND t.typnotnull)) AS nullable,
            a.atthasdef OR a.attidentity <> '' AS has_default,
            a.attgenerated <> '' AS generated,
            has_column_privilege(c.oid, a.attnum, 'UPDATE') AS may_update,
            coalesce((SELECT {OPERATOR} FROM pg_catalog.pg_operator o
                JOIN pg_catalog.pg_namespace os ON os.oid = o.oprnamespace
                WHERE o.oprname = '=' AND o.oprleft = coalesce(nullif(t.typbasetype, 0), t.oid) AND o.oprright = o.oprleft
                LIMIT 1), '=') AS equals
         FROM pg_catalog.pg_attribute a
         JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
         JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
         LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
         LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace
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
            element: element(&row)?,
            ignores_case: row.try_get("ignores_case")?,
            enum_labels: row.try_get("enum_labels")?,
            nullable: row.try_get("nullable")?,
            has_default: row.try_get("has_default")?,
            generated: row.try_get("generated")?,
            may_update: row.try_get("may_update")?,
            equals: row.try_get("equals")?,
        });
    }
    Ok(())
}

fn element(row: &PgRow) -> Result<Option<Element>, sqlx::Error> {
    let Some(type_name) = row.try_get("element")? else {
        return Ok(None);
    };
    Ok(Some(Element {
        type_name,
        is_text: row.try_get("element_is_text")?,
        enum_labels: row.try_get("element_labels")?,
    }))
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

/// Nearest ancestors first. Partitions are not among them: their table stands for them.
async fn heirs(
    connection: &mut PgConnection,
    index: &ByOid,
) -> Result<Vec<(usize, usize)>, sqlx::Error> {
    let text = "WITH RECURSIVE line (heir, ancestor, far) AS (
            SELECT inhrelid, inhparent, 1 FROM pg_catalog.pg_inherits
            UNION SELECT l.heir, i.inhparent, l.far + 1 FROM line l JOIN pg_catalog.pg_inherits i ON i.inhrelid = l.ancestor)
         SELECT heir::int8, ancestor::int8 FROM line ORDER BY far, heir::int8, ancestor::int8";
    let rows = query(text.to_owned()).fetch_all(connection).await?;
    let mut heirs = Vec::new();
    for row in rows {
        let heir = index.get(&row.try_get::<i64, _>("heir")?);
        let ancestor = index.get(&row.try_get::<i64, _>("ancestor")?);
        heirs.extend(heir.copied().zip(ancestor.copied()));
    }
    Ok(heirs)
}

async fn foreign_keys(
    connection: &mut PgConnection,
    index: &ByOid,
) -> Result<Vec<ForeignKey>, sqlx::Error> {
    // A key of a partitioned table is repeated for each partition with conparentid set: the first one stands for all.
    // confdelsetcols is there since PostgreSQL 15 and is read through JSON, so that 13 and 14 are served too.
    let text = format!(
        "SELECT f.conname::text AS name, f.on_delete, f.condeferrable AS deferrable, f.match_full,
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
            ARRAY(SELECT {OPERATOR} FROM unnest(f.conpfeqop) WITH ORDINALITY k(oid, position)
                JOIN pg_catalog.pg_operator o ON o.oid = k.oid
                JOIN pg_catalog.pg_namespace os ON os.oid = o.oprnamespace ORDER BY k.position) AS equals,
            ARRAY(SELECT a.attname::text FROM jsonb_array_elements_text(
                    CASE WHEN jsonb_typeof(f.set_columns) = 'array' THEN f.set_columns ELSE '[]' END) k(attnum)
                JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum::int2) AS set_columns
         FROM (SELECT c.*, c.confdeltype::text AS on_delete, c.confmatchtype = 'f' AS match_full,
                to_jsonb(c) -> 'confdelsetcols' AS set_columns
               FROM pg_catalog.pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0) f
         JOIN pg_catalog.pg_class r ON r.oid = f.conrelid
         JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
         JOIN pg_catalog.pg_class p ON p.oid = f.confrelid
         ORDER BY n.nspname, r.relname, f.conname"
    );
    let rows = query(text).fetch_all(connection).await?;
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
        equals: row.try_get("equals")?,
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

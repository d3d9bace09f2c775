//! The accounts' table, with the columns that it must have and those that it may have.

use crate::systems::app_db::{
    AppDbError, Column, Mapping, Schema, Table,
    capability::{MissingColumn, account_key, prisma_field},
    role_column::RoleColumn,
    sql::{ident, moment},
};

/// A number from which on a column of fractions holds no credits: infinity is one, and what is no number at all.
const BEYOND_CREDITS: &str = "1e15";

/// The accounts' table with the columns that it must have.
pub(in crate::systems::app_db) struct Accounts<'a> {
    pub(in crate::systems::app_db) table: &'a Table,
    mapping: &'a Mapping,
    id: &'a Column,
}

impl<'a> Accounts<'a> {
    pub(in crate::systems::app_db) fn of(
        schema: &'a Schema,
        mapping: &'a Mapping,
    ) -> Result<Self, AppDbError> {
        let names = &mapping.user;
        let missing = |column: &str, prisma: &str| {
            let key = if column.is_empty() { "table" } else { "id" };
            let missing = MissingColumn::new(&names.table, column, prisma);
            AppDbError::Schema(vec![missing.set_by(&format!("[app.schema.user] {key}"))])
        };
        let table = schema
            .table(&mapping.user_table())
            .ok_or_else(|| missing("", "model User { … }"))?;
        let id = table
            .column(&names.id)
            .ok_or_else(|| missing(&names.id, "id String @id @default(cuid())"))?;
        Ok(Self { table, mapping, id })
    }

    /// `u."id" = $1`, with the parameter given as text and the column's index usable.
    pub(in crate::systems::app_db) fn id_is(&self, alias: &str, parameter: u32) -> String {
        self.id.is(alias, parameter)
    }

    /// The id that the parameter gives, in the text that the database makes of it.
    pub(in crate::systems::app_db) fn id_text(&self, parameter: u32) -> String {
        format!("CAST(${parameter}::text AS {})::text", self.id.type_name)
    }

    /// A column of this table, quoted.
    pub(in crate::systems::app_db) fn column(
        &self,
        alias: &str,
        name: &str,
    ) -> Result<String, AppDbError> {
        if self.table.column(name).is_none() {
            let hint = prisma_field(name, self.mapping);
            let missing = MissingColumn::new(&self.table.name, name, &hint);
            let key = account_key(name, self.mapping);
            let setting = key.map(|key| format!("[app.schema.user] {key}"));
            let missing = missing.set_by(&setting.unwrap_or_default());
            return Err(AppDbError::Schema(vec![missing]));
        }
        Ok(format!("{alias}.{}", ident(name)))
    }

    /// The column when there is one.
    pub(in crate::systems::app_db) fn has(&self, name: &str) -> Option<&'a Column> {
        self.table.column(name)
    }

    /// The column that blocks an account, when it is there and can be true or false.
    pub(in crate::systems::app_db) fn flag(&self) -> Option<&'a Column> {
        self.has(&self.mapping.user.is_blocked)
            .filter(|column| column.type_name == "pg_catalog.bool")
    }

    pub(super) fn select(&self) -> String {
        let names = &self.mapping.user;
        let optional = |name: &str, cast: &str| match self.has(name) {
            Some(column) => format!("u.{}::{cast}", ident(&column.name)),
            None => format!("NULL::{cast}"),
        };
        let blocked = match self.flag() {
            Some(column) => optional(&column.name, "bool"),
            None => "NULL::bool".into(),
        };
        let role = RoleColumn::of(self, self.mapping).ok().flatten();
        let (role, is_admin) = match &role {
            Some(role) => (role.text("u"), role.is_admin("u")),
            None => (optional(&names.role, "text"), "NULL::bool".to_owned()),
        };
        let created_at = moment(self.table, "u", &names.created_at);
        let created_at = created_at.unwrap_or_else(|| "NULL::timestamptz".into());
        format!(
            "SELECT u.{id}::text AS id, {email} AS email, {verified} AS email_verified, {name} AS name, {role} AS role,
                {is_admin} AS is_admin, {credits} AS credits, {blocked} AS blocked, {created_at} AS created_at FROM {table} u",
            id = ident(&self.id.name),
            email = optional(&names.email, "text"),
            verified = self.email_verified(),
            name = optional(&names.name, "text"),
            credits = self.credits(),
            table = self.table.source(),
        )
    }

    /// Whether the address was confirmed: then there is a time, or the flag is set.
    fn email_verified(&self) -> String {
        match self.has(&self.mapping.user.email_verified) {
            Some(flag) if flag.type_name == "pg_catalog.bool" => {
                format!("u.{} IS TRUE", ident(&flag.name))
            }
            Some(time) => format!("u.{} IS NOT NULL", ident(&time.name)),
            None => "NULL::bool".to_owned(),
        }
    }

    /// The credits as a whole number; nothing where the column holds no numbers.
    fn credits(&self) -> String {
        let Some(column) = self.has(&self.mapping.user.credits) else {
            return "NULL::int8".to_owned();
        };
        let name = format!("u.{}", ident(&column.name));
        match column.type_name.as_str() {
            "pg_catalog.int2" | "pg_catalog.int4" | "pg_catalog.int8" => format!("{name}::int8"),
            "pg_catalog.numeric" | "pg_catalog.float4" | "pg_catalog.float8" => {
                format!("CASE WHEN abs({name}) < {BEYOND_CREDITS} THEN {name}::int8 END")
            }
            _ => "NULL::int8".to_owned(),
        }
    }
}

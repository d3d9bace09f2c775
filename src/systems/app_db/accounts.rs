//! The accounts' table, with the columns that it must have and those that it may have.

mod role;

use super::{AppDbError, Column, Snapshot, Table, sql::ident};

pub use role::NO_ROLE;
pub(super) use role::{RoleColumn, unclear};

/// A number from which on a column of fractions holds no credits: infinity is one, and what is no number at all.
const BEYOND_CREDITS: &str = "1e15";

/// The accounts' table with the columns that it must have.
pub(super) struct Accounts<'a> {
    pub(super) table: &'a Table,
    pub(super) at: &'a Snapshot,
    id: &'a Column,
}

impl<'a> Accounts<'a> {
    pub(super) fn of(at: &'a Snapshot) -> Result<Self, AppDbError> {
        let missing = |key: &str| AppDbError::Schema(vec![at.missing(key)]);
        let names = &at.mapping.user;
        let table = at.table(&names.table).ok_or_else(|| missing("user.id"))?;
        let id = table.column(&names.id).ok_or_else(|| missing("user.id"))?;
        Ok(Self { table, at, id })
    }

    /// `u."id" = $1`, with the parameter given as text and the column's index usable.
    pub(super) fn id_is(&self, alias: &str, parameter: u32) -> String {
        self.id.is(alias, parameter)
    }

    /// The id that the parameter gives, in the text that the database makes of it.
    pub(super) fn id_text(&self, parameter: u32) -> String {
        format!("CAST(${parameter}::text AS {})::text", self.id.type_name)
    }

    /// A column that accounts must have, quoted: `email`, `role`.
    pub(super) fn column(&self, alias: &str, key: &str) -> Result<String, AppDbError> {
        let key = format!("user.{key}");
        match self.at.named(&key) {
            Some(column) => Ok(format!("{alias}.{}", ident(&column.name))),
            None => Err(AppDbError::Schema(vec![self.at.missing(&key)])),
        }
    }

    pub(super) fn has(&self, name: &str) -> Option<&'a Column> {
        self.table.column(name)
    }

    /// The column that blocks an account, when it is there and can be true or false.
    pub(super) fn flag(&self) -> Option<&'a Column> {
        self.has(&self.at.mapping.user.is_blocked)
            .filter(|column| column.type_name == "pg_catalog.bool")
    }

    pub(super) fn select(&self) -> String {
        let names = &self.at.mapping.user;
        let optional = |name: &str, cast: &str| match self.has(name) {
            Some(column) => format!("u.{}::{cast}", ident(&column.name)),
            None => format!("NULL::{cast}"),
        };
        let blocked = match self.flag() {
            Some(column) => optional(&column.name, "bool"),
            None => "NULL::bool".into(),
        };
        let role = RoleColumn::of(self).ok().flatten();
        let (role, is_admin) = match &role {
            Some(role) => (role.text("u"), role.is_admin("u")),
            None => (optional(&names.role, "text"), "NULL::bool".to_owned()),
        };
        let created_at = self.table.moment("u", &names.created_at);
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
        match self.has(&self.at.mapping.user.email_verified) {
            Some(flag) if flag.type_name == "pg_catalog.bool" => {
                format!("u.{} IS TRUE", ident(&flag.name))
            }
            Some(time) => format!("u.{} IS NOT NULL", ident(&time.name)),
            None => "NULL::bool".to_owned(),
        }
    }

    /// The credits as a whole number; nothing where the column holds no numbers.
    fn credits(&self) -> String {
        let Some(column) = self.has(&self.at.mapping.user.credits) else {
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

//! How the app keeps an account's role: one value, a list of values, or a flag. Who is an admin follows from that.

use super::Accounts;
use crate::systems::app_db::{
    AppDbError, Column, Mapping,
    sql::{ident, literal},
};

/// What stands for a role that is empty.
pub const NO_ROLE: &str = "none";

/// Between the roles of an account with several.
const SEPARATOR: &str = ", ";

/// The column that holds the role, when its values can be told apart.
pub(in crate::systems::app_db) struct RoleColumn<'a> {
    pub(in crate::systems::app_db) column: &'a Column,
    mapping: &'a Mapping,
    shape: Shape,
}

/// How the column holds roles.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// One value: text, an enum, or a number that stands for a role.
    Value {
        /// Whether letter case makes no difference (`citext`).
        any_case: bool,
    },
    /// A flag that is set for admins.
    Flag,
    /// An array of text or of an enum.
    Array {
        /// The type of one element, ready for a cast.
        element: String,
        /// Whether letter case makes no difference (`citext[]`).
        any_case: bool,
    },
    /// A JSON array of strings.
    JsonArray,
}

impl<'a> RoleColumn<'a> {
    /// The role column; `None` when accounts have none.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when it cannot be told from the column who is an admin.
    pub(in crate::systems::app_db) fn of(
        accounts: &Accounts<'a>,
    ) -> Result<Option<Self>, AppDbError> {
        let mapping = &accounts.at.mapping;
        let Some(column) = accounts.has(&mapping.user.role) else {
            return Ok(None);
        };
        let shape = shape(column, mapping).map_err(|why| unclear(mapping, &why))?;
        let role = Self {
            column,
            mapping,
            shape,
        };
        role.check(&mapping.user.admin_role)?;
        Ok(Some(role))
    }

    /// The role column of an app that must have one.
    ///
    /// # Errors
    /// As [`RoleColumn::of`], and [`AppDbError::Schema`] when there is no such column.
    pub(in crate::systems::app_db) fn needed(accounts: &Accounts<'a>) -> Result<Self, AppDbError> {
        accounts.column("u", "role")?;
        let role = Self::of(accounts)?;
        role.ok_or_else(|| unclear(&accounts.at.mapping, "there is no such column"))
    }

    /// Whether the column can hold this role at all.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] with the values that it can hold.
    pub(in crate::systems::app_db) fn check(&self, role: &str) -> Result<(), AppDbError> {
        let labels = match &self.column.element {
            Some(element) => &element.enum_labels,
            None => &self.column.enum_labels,
        };
        if labels.is_empty() || labels.iter().any(|label| label == role) {
            return Ok(());
        }
        Err(AppDbError::Blocked(format!(
            "the enum of {} has no value {role} (it has {}): correct admin_role or user_role in [app.schema.user], \
             or add the value in schema.prisma",
            name(self.mapping),
            labels.join(", ")
        )))
    }

    /// Whether the column can be written.
    ///
    /// # Errors
    /// [`AppDbError::Blocked`] when the database computes it, or our role may not write it.
    pub(in crate::systems::app_db) fn check_writable(
        &self,
        accounts: &Accounts<'_>,
    ) -> Result<(), AppDbError> {
        if self.column.generated {
            let says = format!("{} is computed by the database", name(self.mapping));
            return Err(AppDbError::Blocked(says));
        }
        accounts.at.may_update(accounts.table, &[&self.column.name])
    }

    /// The condition that the account is an admin. It is never NULL.
    pub(in crate::systems::app_db) fn is_admin(&self, alias: &str) -> String {
        self.holds(alias, &self.mapping.user.admin_role)
    }

    /// The condition that the account has no role but the ordinary one.
    pub(in crate::systems::app_db) fn is_ordinary(&self, alias: &str) -> String {
        let value = self.value(alias);
        let user = literal(&self.mapping.user.user_role);
        match &self.shape {
            Shape::Value { any_case } => {
                let (value, user) = (text(&value, *any_case), cased(&user, *any_case));
                format!("coalesce({value} = {user}, true)")
            }
            Shape::Flag => "true".to_owned(),
            Shape::Array { any_case, .. } => {
                let list = texts(&value, *any_case);
                format!(
                    "coalesce({list} <@ ARRAY[{}], true)",
                    cased(&user, *any_case)
                )
            }
            Shape::JsonArray => {
                format!(
                    "coalesce({value} <@ jsonb_build_array({user}::text) OR jsonb_typeof({value}) = 'null', true)"
                )
            }
        }
    }

    /// The condition that the row holds roles in a form that is not understood; `None` when no row of the column can.
    pub(in crate::systems::app_db) fn is_unclear(&self, alias: &str) -> Option<String> {
        let value = self.value(alias);
        (self.shape == Shape::JsonArray).then(|| {
            format!(
                "({value} IS NOT NULL AND CASE jsonb_typeof({value}) WHEN 'null' THEN false
                    WHEN 'array' THEN jsonb_path_exists({value}, '$[*] ? (@.type() != \"string\")')
                    ELSE true END)"
            )
        })
    }

    /// The role as text: the configured names for a flag, the roles one after the other for a list, NULL for none.
    pub(in crate::systems::app_db) fn text(&self, alias: &str) -> String {
        let value = self.value(alias);
        let names = &self.mapping.user;
        match &self.shape {
            Shape::Value { .. } => format!("{value}::text"),
            Shape::Flag => format!(
                "CASE WHEN {value} THEN {} ELSE {} END",
                literal(&names.admin_role),
                literal(&names.user_role)
            ),
            Shape::Array { .. } => {
                let joined = format!("array_to_string({value}::text[], {})", literal(SEPARATOR));
                format!("nullif({joined}, '')")
            }
            Shape::JsonArray => format!(
                "CASE jsonb_typeof({value}) WHEN 'array' THEN
                    (SELECT string_agg(one.role, {} ORDER BY one.place)
                     FROM jsonb_array_elements_text({value}) WITH ORDINALITY one(role, place))
                 WHEN 'null' THEN NULL ELSE {value}::text END",
                literal(SEPARATOR)
            ),
        }
    }

    /// The new value of the column: the parameter is the role as [`RoleColumn::after`] gives it.
    pub(in crate::systems::app_db) fn changed(
        &self,
        alias: &str,
        parameter: u32,
        admin: bool,
    ) -> String {
        let value = self.value(alias);
        let role = literal(&self.mapping.user.admin_role);
        let unused =
            |says: String| format!("CASE WHEN ${parameter}::text IS NOT NULL THEN {says} END");
        match (&self.shape, admin) {
            (Shape::Value { .. }, _) => {
                format!("CAST(${parameter}::text AS {})", self.column.type_name)
            }
            (Shape::Flag, admin) => unused(admin.to_string()),
            (Shape::Array { element, .. }, true) => {
                unused(format!("array_append({value}, CAST({role} AS {element}))"))
            }
            (Shape::Array { element, .. }, false) => {
                unused(format!("array_remove({value}, CAST({role} AS {element}))"))
            }
            (Shape::JsonArray, true) => unused(format!(
                "CASE jsonb_typeof({value}) WHEN 'array' THEN {value} ELSE '[]'::jsonb END || to_jsonb({role}::text)"
            )),
            (Shape::JsonArray, false) => unused(format!("{value} - {role}::text")),
        }
    }

    /// The role of an account after it became an admin or stopped being one.
    pub(in crate::systems::app_db) fn after(&self, now: Option<&str>, admin: bool) -> String {
        let names = &self.mapping.user;
        if !self.is_list() {
            return match admin {
                true => names.admin_role.clone(),
                false => names.user_role.clone(),
            };
        }
        let roles = now.unwrap_or_default().split(SEPARATOR);
        let mut roles: Vec<&str> = roles
            .filter(|role| !role.is_empty() && !self.is_admins(role))
            .collect();
        if admin {
            roles.push(&names.admin_role);
        }
        match roles.is_empty() {
            true => NO_ROLE.to_owned(),
            false => roles.join(SEPARATOR),
        }
    }

    /// Whether a role as text is an admin's.
    pub(in crate::systems::app_db) fn names_admin(&self, role: &str) -> bool {
        match self.is_list() {
            true => role.split(SEPARATOR).any(|role| self.is_admins(role)),
            false => self.is_admins(role),
        }
    }

    /// Whether an account can have several roles.
    pub(in crate::systems::app_db) fn is_list(&self) -> bool {
        matches!(self.shape, Shape::Array { .. } | Shape::JsonArray)
    }

    fn is_admins(&self, role: &str) -> bool {
        let admin = &self.mapping.user.admin_role;
        match self.shape {
            Shape::Value { any_case: true } | Shape::Array { any_case: true, .. } => {
                role.to_lowercase() == admin.to_lowercase()
            }
            _ => role == admin,
        }
    }

    fn holds(&self, alias: &str, role: &str) -> String {
        let (value, role) = (self.value(alias), literal(role));
        match &self.shape {
            Shape::Value { any_case } => {
                let (value, role) = (text(&value, *any_case), cased(&role, *any_case));
                format!("coalesce({value} = {role}, false)")
            }
            Shape::Flag => format!("({value} IS TRUE)"),
            Shape::Array { any_case, .. } => {
                let list = texts(&value, *any_case);
                format!("coalesce({} = ANY({list}), false)", cased(&role, *any_case))
            }
            Shape::JsonArray => format!(
                "coalesce(jsonb_typeof({value}) = 'array' AND {value} @> to_jsonb({role}::text), false)"
            ),
        }
    }

    fn value(&self, alias: &str) -> String {
        format!("{alias}.{}", ident(&self.column.name))
    }
}

/// Why it cannot be told who is an admin, and what to do about it.
pub(in crate::systems::app_db) fn unclear(mapping: &Mapping, why: &str) -> AppDbError {
    AppDbError::Blocked(format!(
        "who is an admin cannot be told from {}: {why}. Set role, admin_role and user_role in [app.schema.user] to a column \
         of text, an enum, a list of these, or a flag, or role to \"\" when the app has no admins",
        name(mapping)
    ))
}

fn name(mapping: &Mapping) -> String {
    format!("{}.{}", mapping.user.table, mapping.user.role)
}

fn shape(column: &Column, mapping: &Mapping) -> Result<Shape, String> {
    let any_case = |type_name: &str| type_name.ends_with(".citext");
    if let Some(element) = &column.element {
        return match element.is_text || !element.enum_labels.is_empty() {
            true => Ok(Shape::Array {
                any_case: any_case(&element.type_name),
                element: element.type_name.clone(),
            }),
            false => Err(format!("it is a list of {}", element.type_name)),
        };
    }
    if column.is_text || !column.enum_labels.is_empty() {
        return Ok(Shape::Value {
            any_case: any_case(&column.type_name),
        });
    }
    match column.type_name.as_str() {
        "pg_catalog.bool" => Ok(Shape::Flag),
        "pg_catalog.jsonb" => Ok(Shape::JsonArray),
        number @ ("pg_catalog.int2" | "pg_catalog.int4" | "pg_catalog.int8") => {
            let names = [&mapping.user.admin_role, &mapping.user.user_role];
            match names.iter().all(|name| name.parse::<i64>().is_ok()) {
                true => Ok(Shape::Value { any_case: false }),
                false => Err(format!(
                    "it is of type {number}, and admin_role and user_role are not both numbers"
                )),
            }
        }
        other => Err(format!("it is of type {other}")),
    }
}

fn text(value: &str, any_case: bool) -> String {
    cased(&format!("{value}::text"), any_case)
}

fn texts(value: &str, any_case: bool) -> String {
    match any_case {
        true => format!("lower({value}::text)::text[]"),
        false => format!("{value}::text[]"),
    }
}

fn cased(text: &str, any_case: bool) -> String {
    match any_case {
        true => format!("lower({text})"),
        false => text.to_owned(),
    }
}

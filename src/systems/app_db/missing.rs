//! What the app's schema lacks, with the key that maps it and the Prisma line that adds it.

use std::fmt;

/// Something that the schema lacks, the key that maps it, and the Prisma line that adds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn {
    pub table: String,
    /// The column; empty when the whole table is missing.
    pub column: String,
    /// What to add to `schema.prisma`.
    pub prisma: String,
    /// The key of the configuration that names it, such as `[app.schema.user] role`.
    pub setting: String,
    /// How its type is wrong, when the column is there: `it is of type text and must be a boolean`.
    pub misfit: Option<String>,
    /// A column of the table that may be what is looked for.
    pub perhaps: Option<String>,
}

impl fmt::Display for MissingColumn {
    /// A mapping costs a line of configuration and a column a migration of the app, so the mapping comes first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            column,
            prisma,
            setting,
            misfit,
            perhaps,
        } = self;
        let (section, key) = setting.split_once("] ").unwrap_or(("[app.schema", ""));
        let is_column = !column.is_empty() || prisma.split(' ').next() != Some("model");
        if !is_column {
            write!(f, "table {table} (name yours with {key} in {section}]")?;
            if setting.starts_with("[app.schema.user]") {
                return f.write_str("; `countersign doctor --suggest-mapping` finds it)");
            }
            return write!(f, ", or add `{prisma}` to schema.prisma)");
        }
        match column.as_str() {
            "" => write!(f, "a column in {table}")?,
            column => write!(f, "column {table}.{column}")?,
        }
        if let Some(misfit) = misfit {
            write!(f, " of the right type: {misfit}")?;
        }
        if let Some(perhaps) = perhaps {
            return write!(
                f,
                " (perhaps {perhaps}: then set {key} = \"{perhaps}\" in {section}])"
            );
        }
        if misfit.is_some() {
            return write!(f, " (name another with {key} in {section}])");
        }
        write!(
            f,
            " (name yours with {key} in {section}], or add `{prisma}` to model {table} in schema.prisma)"
        )
    }
}

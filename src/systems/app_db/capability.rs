//! What the app's schema allows: which operations work, work in part or cannot work, and what would have to be added.

mod needs;

use std::fmt;

use super::{Mapping, Schema, Table};

/// Something that the schema lacks, the key that maps it, and the Prisma line that adds it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MissingColumn {
    /// The table.
    pub table: String,
    /// The column; empty when the whole table is missing.
    pub column: String,
    /// What to add to `schema.prisma`.
    pub prisma: String,
    /// The key of the configuration that names it, such as `[app.schema.user] role`; empty when it is not known here.
    #[serde(default)]
    pub setting: String,
    /// A column of the table that may be what is looked for.
    #[serde(default)]
    pub perhaps: Option<String>,
}

impl MissingColumn {
    pub(super) fn new(table: &str, column: &str, prisma: &str) -> Self {
        Self {
            table: table.into(),
            column: column.into(),
            prisma: prisma.into(),
            setting: String::new(),
            perhaps: None,
        }
    }

    /// The same with the key that maps it.
    pub(super) fn set_by(self, setting: &str) -> Self {
        Self {
            setting: setting.into(),
            ..self
        }
    }

    /// The same with a column that may be meant.
    pub(super) fn perhaps(self, perhaps: Option<String>) -> Self {
        Self { perhaps, ..self }
    }
}

impl fmt::Display for MissingColumn {
    /// A mapping costs a line of configuration and a column a migration of the app, so the mapping comes first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            column,
            prisma,
            setting,
            perhaps,
        } = self;
        let (section, key) = setting.split_once("] ").unwrap_or(("[app.schema", ""));
        let is_column = !column.is_empty() || prisma.split(' ').next() != Some("model");
        if !is_column {
            let key = if key.is_empty() { "" } else { " with " }.to_owned() + key;
            write!(f, "table {table} (name yours{key} in {section}]")?;
            if setting.starts_with("[app.schema.user]") {
                return f.write_str("; `countersign doctor --suggest-mapping` finds it)");
            }
            return write!(f, ", or add `{prisma}` to schema.prisma)");
        }
        match column.as_str() {
            "" => write!(f, "a column in {table}")?,
            column => write!(f, "column {table}.{column}")?,
        }
        if let Some(perhaps) = perhaps {
            return write!(
                f,
                " (perhaps {perhaps}: then set {key} = \"{perhaps}\" in {section}])"
            );
        }
        match key {
            "" => f.write_str(" (name yours in [app.schema]")?,
            key => write!(f, " (name yours with {key} in {section}]")?,
        }
        write!(f, ", or add `{prisma}` to model {table} in schema.prisma)")
    }
}

/// How much of an operation the schema allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// All of it.
    Available,
    /// A part of it; the rest is said.
    Degraded,
    /// Nothing of it.
    Unavailable,
}

/// One operation and what the schema allows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// The operation as people type it.
    pub operation: &'static str,
    /// How much of it works.
    pub state: State,
    /// What is missing.
    pub missing: Vec<MissingColumn>,
    /// One sentence for people.
    pub says: String,
}

/// What each operation that uses the app's database can do with this schema.
#[must_use]
pub fn capabilities(schema: &Schema, mapping: &Mapping) -> Vec<Capability> {
    let (mapping, _) = mapping.settled(schema);
    needs::operations(&mapping)
        .into_iter()
        .map(|operation| judge(&operation, schema, &mapping))
        .collect()
}

fn judge(operation: &needs::Operation, schema: &Schema, mapping: &Mapping) -> Capability {
    let mut missing = Vec::new();
    let mut lost = Vec::new();
    let mut state = State::Available;
    for need in &operation.needs {
        let Some(gap) = need.gap(schema, mapping) else {
            continue;
        };
        if need.without.is_none() {
            state = State::Unavailable;
        } else if state == State::Available {
            state = State::Degraded;
        }
        lost.extend(need.without.clone());
        missing.push(gap);
    }
    missing.dedup();
    lost.dedup();
    let gaps: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let says = match state {
        State::Available => format!("{} works", operation.name),
        State::Degraded => format!(
            "{} works, but {}: the app lacks {}",
            operation.name,
            lost.join("; "),
            gaps.join("; ")
        ),
        State::Unavailable => format!(
            "{} cannot work: the app lacks {}",
            operation.name,
            gaps.join("; ")
        ),
    };
    Capability {
        operation: operation.name,
        state,
        missing,
        says,
    }
}

/// What an analytics event of this type cannot do without.
pub(super) fn missing_for_event(
    schema: &Schema,
    mapping: &Mapping,
    event_type: &str,
) -> Vec<MissingColumn> {
    let mut missing: Vec<_> = needs::event(mapping, event_type)
        .iter()
        .filter_map(|need| need.gap(schema, mapping))
        .collect();
    // A table that is missing is missing once, however many of its columns are needed.
    missing.dedup();
    missing
}

/// A column of the accounts that is not there or does not fit, with the key that maps it: `role`, `is_blocked`.
pub(super) fn missing_in_accounts(table: &Table, mapping: &Mapping, key: &str) -> MissingColumn {
    needs::of_account(table, mapping, key)
}

/// The key that names a column of the accounts; `None` when no key or several name it.
pub(super) fn account_key(column: &str, mapping: &Mapping) -> Option<&'static str> {
    let names = &mapping.user;
    let keys = [
        ("id", &names.id),
        ("email", &names.email),
        ("role", &names.role),
        ("credits", &names.credits),
        ("is_blocked", &names.is_blocked),
        ("created_at", &names.created_at),
        ("updated_at", &names.updated_at),
    ];
    let mut same = keys.into_iter().filter(|(_, name)| name.as_str() == column);
    let (key, _) = same.next()?;
    same.next().is_none().then_some(key)
}

/// The Prisma field that would add a column of the accounts' table.
pub(super) fn prisma_field(column: &str, mapping: &Mapping) -> String {
    let names = &mapping.user;
    if column == names.is_blocked {
        format!("{column} Boolean @default(false)")
    } else if column == names.credits {
        format!("{column} Int @default(0)")
    } else if column == names.role {
        format!("{column} String @default(\"{}\")", names.user_role)
    } else if column == names.email {
        format!("{column} String @unique")
    } else if column == names.created_at {
        format!("{column} DateTime @default(now())")
    } else if column == names.updated_at {
        format!("{column} DateTime @updatedAt")
    } else if column == names.id {
        format!("{column} String @id @default(cuid())")
    } else {
        format!("{column} String?")
    }
}

//! What of the configured tables and columns the app's schema lacks.

use super::{ColumnRef, Mapping, MissingColumn, Snapshot, TableRef, columns::candidate};

impl Snapshot {
    /// What is missing for a key of `[app.schema]` (`user.role`, `flashcard_progress`); `None` when its column is there and
    /// can hold what it must.
    #[must_use]
    pub fn gap(&self, key: &str) -> Option<MissingColumn> {
        let is_there = self.named(key).is_some() && self.misfit(key).is_none();
        (!is_there).then(|| self.missing(key))
    }

    /// How the type of the column of a key is wrong, when it is.
    fn misfit(&self, key: &str) -> Option<String> {
        let (table, _) = self.mapping.place(key);
        let column = self.named(key)?;
        let needed = self
            .mapping
            .holds(key)
            .misses(self.schema.table(&table)?, column)?;
        let kind = column.type_name.trim_start_matches("pg_catalog.");
        Some(format!("it is of type {kind} and must be {needed}"))
    }

    /// The column of a key as something that is not there, or does not fit.
    pub(super) fn missing(&self, key: &str) -> MissingColumn {
        let setting = match key.split_once('.') {
            Some((section, name)) => format!("[app.schema.{section}] {name}"),
            None => format!("[app.schema] {key}"),
        };
        let (table, column) = self.mapping.place(key);
        let name = match column.as_str() {
            "" => Mapping::default().place(key).1,
            _ => column.clone(),
        };
        let prisma = format!("{name} {}", self.prisma(key));
        MissingColumn {
            misfit: self.misfit(key),
            ..self.lacking(&table, column, prisma, setting)
        }
    }

    /// What an analytics event of this type cannot do without.
    #[must_use]
    pub fn event_gaps(&self, event_type: &str) -> Vec<MissingColumn> {
        let types = self.named("analytics_event.event_type");
        let has_type = types.is_some_and(|column| {
            let labels = &column.enum_labels;
            labels.is_empty() || labels.iter().any(|label| label == event_type)
        });
        let unknown = (!has_type).then(|| MissingColumn {
            prisma: format!("enum EventType {{ … {event_type} }}"),
            ..self.missing("analytics_event.event_type")
        });
        let owner = self.gap("analytics_event.user_id");
        let metadata = self.gap("analytics_event.metadata");
        let mut gaps: Vec<_> = [owner, unknown, metadata].into_iter().flatten().collect();
        // A table that is missing is missing once, however many of its columns are needed.
        if self.table(&self.mapping.analytics_event.table).is_none() {
            gaps.truncate(1);
        }
        gaps
    }

    /// The configured columns that name files and are not there.
    #[must_use]
    pub fn file_gaps(&self) -> Vec<(&ColumnRef, MissingColumn)> {
        let columns = self.db.mapping.user_columns.iter();
        let gaps = columns.filter_map(|column| {
            let table = column.table_ref(&self.mapping.schema);
            let found = self.schema.table(&table);
            let is_there = found.is_some_and(|table| table.column(&column.column).is_some());
            let setting = "[app.schema] user_columns".to_owned();
            let (name, prisma) = (column.column.clone(), format!("{} String?", column.column));
            (!is_there).then(|| (column, self.lacking(&table, name, prisma, setting)))
        });
        gaps.collect()
    }

    fn lacking(
        &self,
        table: &TableRef,
        column: String,
        prisma: String,
        setting: String,
    ) -> MissingColumn {
        let Some(found) = self.schema.table(table) else {
            let section = setting.split_once("] ").map(|(section, _)| section);
            return MissingColumn {
                table: match table.schema == self.mapping.schema {
                    true => table.name.clone(),
                    false => format!("{}.{}", table.schema, table.name),
                },
                column: String::new(),
                prisma: format!("model {} {{ … }}", table.name),
                setting: match section {
                    // A key of [app.schema] itself names table and column in one.
                    None | Some("[app.schema") => setting,
                    Some(section) => format!("{section}] table"),
                },
                misfit: None,
                perhaps: None,
            };
        };
        MissingColumn {
            table: self.label(found),
            column,
            prisma,
            misfit: None,
            perhaps: candidate(found, &setting),
            setting,
        }
    }

    /// The type and attributes of the field that Prisma would need.
    fn prisma(&self, key: &str) -> String {
        let (section, name) = key.split_once('.').unwrap_or(("", key));
        let field = match (section, name) {
            ("user", "id") => "String @id @default(cuid())",
            ("user", "email") => "String @unique",
            ("user", "role") => {
                return format!("String @default(\"{}\")", self.mapping.user.user_role);
            }
            ("user", "credits") => "Int @default(0)",
            ("user", "is_blocked") => "Boolean @default(false)",
            (_, "created_at") => "DateTime @default(now())",
            (_, "amount") => "Decimal",
            (_, "metadata") => "Json?",
            ("test_session", "band_score") => "Float?",
            ("test_session", "status") => "String?",
            _ => "String",
        };
        field.to_owned()
    }
}

//! Columns that the app is known to keep under another name than the runbook's.

use super::Mapping;
use crate::systems::app_db::schema::Schema;

/// A column that was found under its other name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The table.
    pub table: String,
    /// The name in the configuration.
    pub from: String,
    /// The name in the database.
    pub to: String,
}

impl Mapping {
    /// This mapping with the columns that are known to have moved put where they are: the app as it is keeps `date` and
    /// `score` where the runbook says `createdAt` and `bandScore`. Only a column that is missing is replaced.
    #[must_use]
    pub fn settled(&self, schema: &Schema) -> (Self, Vec<Moved>) {
        let mut settled = self.clone();
        let mut moved = Vec::new();
        let Some(table) = schema.table(&self.table_ref(&self.test_session.table)) else {
            return (settled, moved);
        };
        let candidates = [
            (&mut settled.test_session.created_at, "createdAt", "date"),
            (&mut settled.test_session.band_score, "bandScore", "score"),
        ];
        for (name, runbook, app) in candidates {
            if name == runbook && table.column(runbook).is_none() && table.column(app).is_some() {
                moved.push(Moved {
                    table: table.name.clone(),
                    from: runbook.into(),
                    to: app.into(),
                });
                app.clone_into(name);
            }
        }
        (settled, moved)
    }
}

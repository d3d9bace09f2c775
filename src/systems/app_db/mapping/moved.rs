//! Columns that the app is known to keep under another name than the runbook's.

use super::Mapping;
use crate::systems::app_db::schema::Schema;

impl Mapping {
    /// This mapping with what follows from the schema: known columns where they are, and tables that inherit from
    /// configured ones.
    #[must_use]
    pub fn resolved(&self, schema: &Schema) -> Self {
        self.settled(schema).with_heirs(schema)
    }

    /// This mapping with the columns that are known to have moved put where they are: the app as it is keeps `date` and
    /// `score` where the runbook says `createdAt` and `bandScore`. Only a column that is missing is replaced.
    pub(in crate::systems::app_db) fn settled(&self, schema: &Schema) -> Self {
        let mut settled = self.clone();
        let Some(table) = schema.table(&self.table_ref(&self.test_session.table)) else {
            return settled;
        };
        let candidates = [
            (&mut settled.test_session.created_at, "createdAt", "date"),
            (&mut settled.test_session.band_score, "bandScore", "score"),
        ];
        for (name, runbook, app) in candidates {
            if name == runbook && table.column(runbook).is_none() && table.column(app).is_some() {
                app.clone_into(name);
            }
        }
        settled
    }
}

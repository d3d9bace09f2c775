//! Tables that inherit from another one: what the configuration says of a table holds for them too.

use super::{ColumnRef, LinkColumn, Mapping, TableRef};
use crate::systems::app_db::schema::Schema;

impl Mapping {
    /// This mapping with an entry for every table that inherits from a configured one and has none of its own: `Event`
    /// kept means `Event_2026` kept.
    pub(super) fn with_heirs(self, schema: &Schema) -> Self {
        let mut extended = self.clone();
        for &(heir, ancestor) in &schema.heirs {
            let heir = &schema.tables[heir];
            let heir = TableRef {
                schema: heir.schema.clone(),
                name: heir.name.clone(),
            };
            let ancestor = &schema.tables[ancestor];
            let is_ancestor =
                |table: &TableRef| table.schema == ancestor.schema && table.name == ancestor.name;
            self.extend_for(&mut extended, &heir, &is_ancestor);
        }
        extended
    }

    fn extend_for(
        &self,
        extended: &mut Self,
        heir: &TableRef,
        is_ancestor: &dyn Fn(&TableRef) -> bool,
    ) {
        let found = self
            .tables
            .iter()
            .find(|(name, _)| is_ancestor(&self.table_ref(name)));
        if let Some((_, policy)) = found
            && extended.policy(heir).is_none()
        {
            let policy = policy.clone();
            extended.tables.insert(heir.quoted(), policy);
        }
        let of_heir = |column: &ColumnRef| {
            let inherits = is_ancestor(&column.table_ref(&self.schema));
            inherits.then(|| ColumnRef {
                schema: Some(heir.schema.clone()),
                table: heir.name.clone(),
                column: column.column.clone(),
            })
        };
        let columns =
            |all: &[ColumnRef]| -> Vec<ColumnRef> { all.iter().filter_map(of_heir).collect() };
        extended.email_columns.extend(columns(&self.email_columns));
        extended.user_columns.extend(columns(&self.user_columns));
        extended
            .export
            .withhold
            .extend(columns(&self.export.withhold));
        extended
            .export
            .include
            .extend(columns(&self.export.include));
        for link in &self.link_columns {
            if let Some(column) = of_heir(&link.column) {
                let target = link.target.clone();
                extended.link_columns.push(LinkColumn { column, target });
            }
            if let Some(target) = link.target.as_ref().and_then(of_heir) {
                extended.link_columns.push(LinkColumn {
                    column: link.column.clone(),
                    target: Some(target),
                });
            }
        }
        for (all, own) in [
            (
                &mut extended.export.withhold_tables,
                &self.export.withhold_tables,
            ),
            (
                &mut extended.export.include_tables,
                &self.export.include_tables,
            ),
        ] {
            if own.iter().any(|name| is_ancestor(&self.table_ref(name))) {
                all.push(heir.quoted());
            }
        }
    }
}

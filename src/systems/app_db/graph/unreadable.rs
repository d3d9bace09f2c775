//! Tables that our role may not read: nobody can say whose rows are in them.

use super::{Graph, Link, LooseColumn};

/// Says of each unreadable table that may hold rows of a person how it may, and what opens it. `links` and `loose` are
/// those of such tables.
pub(super) fn told(graph: &Graph<'_>, links: &[Link], loose: &[LooseColumn]) -> Vec<String> {
    let at = graph.at;
    let mut told = Vec::new();
    for (index, table) in at.schema.tables.iter().enumerate() {
        if table.may_select {
            continue;
        }
        let by_key = links
            .iter()
            .find(|link| link.child == index && graph.node_of(link.parent).is_some())
            .map(|link| format!("belongs to the account by {}", link.label(at)));
        let by_address = || {
            let column = loose.iter().find(|column| column.table == index)?;
            let label = column.label(at);
            Some(format!("has a column for addresses ({label})"))
        };
        let by_file = || {
            let mut columns = at.mapping.user_columns.iter();
            let column = columns.find(|column| at.position_of(column) == Some(index))?;
            Some(format!("names files ({column})"))
        };
        if let Some(how) = by_key.or_else(by_address).or_else(by_file) {
            told.push(format!(
                "the database role of DATABASE_URL may not read {}, which {how}: GRANT SELECT ON {} TO that role",
                at.label(table),
                table.quoted()
            ));
        }
    }
    told
}

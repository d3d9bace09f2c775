//! What the keys do not show: other people's rows, addresses, tables that cannot be read.

use sqlx::PgConnection;

use super::Survey;
use super::{addresses, others, probe};
use crate::domain::plan::Warning;
use crate::systems::app_db::{AppDbError, graph::Graph, traces};

/// Everything that a plan tells.
pub(super) async fn look(
    connection: &mut PgConnection,
    survey: &mut Survey<'_>,
) -> Result<(), AppDbError> {
    let blockers = addresses::undecided(survey);
    survey.blockers.extend(blockers);
    let told = probe::run(connection, survey, others::probes(survey)).await?;
    survey.warnings.extend(told);
    survey.warnings.extend(others::taken_by_policy(survey));
    let told = addresses::warnings(survey);
    survey.warnings.extend(told);
    survey.warnings.extend(unread_ids(&survey.graph));
    Ok(())
}

/// Columns that are named like an account's id and have no key, in tables that our role may not read: whether this account
/// is in them is not known.
fn unread_ids(graph: &Graph<'_>) -> Vec<Warning> {
    let stay = graph.scope.left_alone();
    let unread = traces::unread_references(graph).into_iter();
    unread
        .map(|(table, columns)| {
            let label = graph.at.label(table);
            let columns: Vec<String> = columns.iter().map(|column| format!("{label}.{column}")).collect();
            let says = format!(
                "the database role of DATABASE_URL may not read {label}, so rows that name this account in {} {stay}: \
                 GRANT SELECT ON {} TO that role",
                columns.join(", "),
                table.quoted(),
            );
            Warning::new("table_not_readable", says)
                .about(label)
                .told_only()
        })
        .collect()
}

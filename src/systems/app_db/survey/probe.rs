//! Counting queries that each lead to a warning when they count anything, run as one.

use sqlx::PgConnection;

use super::Survey;
use crate::domain::plan::Warning;
use crate::systems::app_db::AppDbError;

/// A counting query and the warning for when it counts anything. `$1` is the e-mail address, `$2` the user's id.
pub(super) struct Probe {
    pub(super) sql: String,
    pub(super) says: Box<dyn Fn(i64) -> Warning + Send + Sync>,
}

/// Runs the probes as one query.
pub(super) async fn run(
    connection: &mut PgConnection,
    survey: &Survey<'_>,
    probes: Vec<Probe>,
) -> Result<Vec<Warning>, AppDbError> {
    if probes.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<String> = probes
        .iter()
        .enumerate()
        .map(|(index, probe)| format!("SELECT {index}::int8, ({})", probe.sql))
        .collect();
    let counts: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(parts.join(" UNION ALL ")))
        .bind(survey.email.as_deref())
        .bind(&survey.user_id)
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let mut said = Vec::new();
    for (index, rows) in counts.into_iter().filter(|(_, rows)| *rows > 0) {
        if let Some(probe) = usize::try_from(index)
            .ok()
            .and_then(|index| probes.get(index))
        {
            said.push((index, (probe.says)(rows)));
        }
    }
    said.sort_unstable_by_key(|(index, _)| *index);
    Ok(said.into_iter().map(|(_, warning)| warning).collect())
}

//! What keeps a change from being made at all, found before anybody approves it.

use sqlx::{PgConnection, Row};

use super::{AppDbError, sql::query};

/// Whether the database takes changes, and whether our role may note what it did.
const STATE: &str = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS read_only,
    CASE WHEN to_regnamespace('countersign') IS NULL THEN has_database_privilege(current_database(), 'CREATE')
        WHEN NOT has_schema_privilege('countersign', 'USAGE') THEN false
        WHEN to_regclass('countersign.applied_step') IS NULL THEN has_schema_privilege('countersign', 'CREATE')
        ELSE has_table_privilege('countersign.applied_step', 'SELECT')
            AND has_table_privilege('countersign.applied_step', 'INSERT')
            AND has_table_privilege('countersign.applied_step', 'UPDATE') END AS may_mark";

/// Whether anything can be changed in this transaction.
///
/// # Errors
/// [`AppDbError::Blocked`] when the database is read-only, or our role may not write the marker of what it did.
pub(super) async fn possible(connection: &mut PgConnection) -> Result<(), AppDbError> {
    let state = query(STATE.to_owned()).fetch_one(connection).await?;
    let refused = |why: &str| Err(AppDbError::Blocked(why.to_owned()));
    if state.try_get("read_only")? {
        return refused(
            "the app's database is read-only: DATABASE_URL leads to a replica, or to a role whose transactions only read",
        );
    }
    if !state.try_get("may_mark")? {
        return refused(
            "the database role of DATABASE_URL may not write countersign.applied_step, where every change is noted: run \
             docs/database-role.sql",
        );
    }
    Ok(())
}

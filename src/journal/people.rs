//! What the journal has recorded of who is one human: every identity that an account had in any event.

use std::collections::BTreeSet;

use sqlx::PgExecutor;

use crate::domain::person::user_identity;

/// These identities, with all that are on record for any account that ever had one of them, and so on. An address that
/// one account has today and another had before makes both one human.
///
/// # Errors
/// The store's.
pub async fn known(
    db: impl PgExecutor<'_>,
    identities: &BTreeSet<String>,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let given: Vec<String> = identities.iter().cloned().collect();
    // The application's accounts make nobody one human: they may pass from one person to another.
    let known = sqlx::query_scalar!(
        r#"with recursive one (identity) as (
               select unnest($1::text[])
               union
               select other.identity
               from one
               join countersign.known_identity had on had.identity = one.identity and had.account like 'slack:%'
               join countersign.known_identity other on other.account = had.account)
           select identity as "identity!" from one"#,
        &given
    )
    .fetch_all(db)
    .await?;
    Ok(known.into_iter().collect())
}

/// The identities of every address that an account of the application had when a request was about it.
///
/// # Errors
/// The store's.
pub async fn of_user(
    db: impl PgExecutor<'_>,
    user_id: &str,
) -> Result<BTreeSet<String>, sqlx::Error> {
    let known = sqlx::query_scalar!(
        "select identity from countersign.known_identity where account = $1",
        user_identity(user_id)
    )
    .fetch_all(db)
    .await?;
    Ok(known.into_iter().collect())
}

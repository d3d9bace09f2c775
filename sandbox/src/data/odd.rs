//! A schema with everything that a reader of schemas can stumble over. Its subject is `public.account`:
//! account 1 has rows nearly everywhere, account 2 a few, account 3 none.

use sqlx::PgPool;

use super::{TODAY, run};

/// What is run, in this order.
pub(crate) const SCRIPTS: &[&str] = &[include_str!("odd/schema.sql"), include_str!("odd/rows.sql")];

/// Makes the schemas in an empty database and fills them.
///
/// # Errors
/// When the database refuses, for example because the tables are there already.
pub async fn load(pool: &PgPool) -> anyhow::Result<()> {
    run(pool, TODAY, SCRIPTS).await
}

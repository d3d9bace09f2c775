//! The small pieces that every statement is made of: quoting, and queries that are safe behind a transaction pooler.

use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, Row,
    postgres::{PgArguments, PgRow},
    query::Query,
};

/// A query over text that was put together from quoted identifiers and placeholders only.
///
/// It is not kept as a named statement: a transaction pooler hands the next transaction another server connection.
pub(super) fn query(text: String) -> Query<'static, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(text)).persistent(false)
}

/// The operator of Postgres' own types.
pub(super) const EQUALS: &str = "=";

/// `"name"`, with quotes inside doubled.
pub(super) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it, whatever the server's setting of `standard_conforming_strings` is.
pub(super) fn literal(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\'', "''");
    format!("E'{text}'")
}

/// `alias."a", alias."b"`.
pub(super) fn columns(alias: &str, names: &[String]) -> Vec<String> {
    names
        .iter()
        .map(|name| format!("{alias}.{}", ident(name)))
        .collect()
}

/// A name's letters and digits in lower case: `created_at` and `createdAt` are the same.
pub(super) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|char| char.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// The single number that a counting query returns.
pub(super) async fn count(
    query: Query<'_, Postgres, PgArguments>,
    connection: &mut PgConnection,
) -> Result<i64, sqlx::Error> {
    let row: PgRow = query.fetch_one(connection).await?;
    row.try_get(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_or_a_backslash_in_a_text_cannot_end_the_text() {
        assert_eq!(literal(r"a\'; DROP"), r"E'a\\''; DROP'");
    }

    #[test]
    fn a_quote_in_a_name_cannot_end_the_name() {
        assert_eq!(
            ident(r#"a"; DROP TABLE b; --"#),
            r#""a""; DROP TABLE b; --""#
        );
    }
}

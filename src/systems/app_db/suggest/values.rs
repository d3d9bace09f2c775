//! A bounded look at the values of a column that should hold a few words: roles and states.

use sqlx::Row;

use crate::systems::app_db::{
    AppDb, Column, Purpose, Table,
    sql::{ident, query},
};

/// Rows that are looked at.
const ROWS: u32 = 10_000;
/// A column with more values than this holds no roles or states.
const VALUES: usize = 20;
/// The longest word. Anything longer is no role, and may be somebody's name.
const CHARS: usize = 32;

/// The words that a column holds: an enum's labels, otherwise those of some rows. Empty when there are none, too many, or
/// any that is not a plain word.
pub(super) async fn of(db: &AppDb, table: &Table, column: &Column) -> Vec<String> {
    if !column.enum_labels.is_empty() {
        return column.enum_labels.clone();
    }
    if !column.is_text || !table.may_select {
        return Vec::new();
    }
    let name = ident(&column.name);
    let text = format!(
        "SELECT DISTINCT v FROM (SELECT {name}::text AS v FROM {} LIMIT {ROWS}) s WHERE v IS NOT NULL
         ORDER BY v LIMIT {}",
        table.source(),
        VALUES + 1
    );
    // What cannot be read is not known: the line stays open.
    let words = async {
        let mut tx = db.begin(Purpose::Read).await?;
        let rows = query(text).fetch_all(&mut *tx).await?;
        tx.rollback().await?;
        let words: Result<Vec<String>, sqlx::Error> =
            rows.iter().map(|row| row.try_get("v")).collect();
        words
    };
    let words = words.await.unwrap_or_default();
    let is_word = |word: &String| {
        let letters = |char: char| char.is_ascii_alphanumeric() || "_-:. ".contains(char);
        !word.is_empty() && word.len() <= CHARS && word.chars().all(letters)
    };
    if words.len() > VALUES || !words.iter().all(is_word) {
        return Vec::new();
    }
    words
}

/// The first of these words that is there, in any letter case.
pub(super) fn first_of(words: &[String], wanted: &[&str]) -> Option<String> {
    wanted
        .iter()
        .find_map(|wanted| words.iter().find(|word| word.to_lowercase() == **wanted))
        .cloned()
}

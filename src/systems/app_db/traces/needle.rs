//! What is searched for, and how it is told from what only looks like it: `usr_1` is not in `usr_10`, and `bob@x.org` not in
//! `jimbob@x.org`.

use sqlx::{Postgres, postgres::PgArguments, query::Query};
use uuid::Uuid;

use super::{Who, names::Names};
use crate::systems::app_db::{graph::Graph, sql::query};

/// Ids of fewer characters count only in columns that are named like a reference.
const LONG: usize = 8;
/// The length of a UUID as it is usually written.
const UUID: usize = 36;
/// So many letters and digits in a row are drawn by chance: no other id contains them.
const BY_CHANCE: usize = 16;

/// The id and the address of one account, ready to be bound. `$1` is the id, `$2` its pattern, `$3` the address, `$4` its
/// pattern, `$5` the pattern of the id behind a name in JSON.
pub(super) struct Needle {
    id: String,
    id_pattern: String,
    email: Option<String>,
    email_pattern: Option<String>,
    in_json: String,
    /// Whether the id counts wherever it is.
    pub(super) is_telling: bool,
    pub(super) is_uuid: bool,
    pub(super) is_number: bool,
    /// Whether letter case decides about an address.
    pub(super) is_exact: bool,
    pub(super) names: Names,
}

impl Needle {
    pub(super) fn new(graph: &Graph<'_>, who: Who<'_>, has_twin: bool) -> Self {
        let names = Names::of(graph);
        let is_uuid = who.id.len() == UUID && Uuid::parse_str(who.id).is_ok();
        let is_number = who.id.parse::<i64>().is_ok();
        let is_telling = !is_number && who.id.chars().count() >= LONG;
        let id = if is_uuid {
            who.id.to_ascii_lowercase()
        } else {
            who.id.to_owned()
        };
        let escaped = escaped(&id);
        let id_pattern = if !is_telling {
            format!(r"(?<![\w.-]){escaped}(?![\w-]|\.\w)")
        } else if id.contains('@') {
            in_text(&id)
        } else if is_uuid || is_by_chance(&id) {
            format!("(?<![[:alnum:]]){escaped}(?![[:alnum:]])")
        } else {
            format!(r"(?<![\w-]){escaped}(?![\w-])")
        };
        let email = who.email.filter(|email| email.contains('@')).map(|email| {
            if has_twin {
                email.to_owned()
            } else {
                email.to_ascii_lowercase()
            }
        });
        Self {
            in_json: behind_a_name(&names, &escaped),
            id,
            id_pattern,
            email_pattern: email.as_deref().map(in_text),
            email,
            is_telling,
            is_uuid,
            is_number,
            is_exact: has_twin,
            names,
        }
    }

    pub(super) fn has_email(&self) -> bool {
        self.email.is_some()
    }

    /// A statement with the parameters bound.
    pub(super) fn bind(&self, text: String) -> Query<'static, Postgres, PgArguments> {
        query(text)
            .bind(self.id.clone())
            .bind(self.id_pattern.clone())
            .bind(self.email.clone())
            .bind(self.email_pattern.clone())
            .bind(self.in_json.clone())
    }
}

/// An address between characters that cannot be part of a longer one.
fn in_text(address: &str) -> String {
    format!(r"(?<![\w.%+-]){}(?![\w-]|\.\w)", escaped(address))
}

/// The id as the value of a name that refers to an account, alone or in a list: `"userId": 42`, `"memberIds": ["a", "b"]`.
fn behind_a_name(names: &Names, id: &str) -> String {
    let people = names.pattern();
    let before = r#"([^"]*[^[:alnum:]"]|[^"]*[[:lower:]](?=[[:upper:]]))?"#;
    let ending = "s?([_-]?([uUgG]?[uU]?[iI][dD]|[rR]ef)s?|IDS)?";
    let by = r#"[^"]*(_by|[[:lower:]]By)([_-]?[iI][dD])?"#;
    format!(
        r#""({before}({people}){ending}|{by}|uid)"\s*(:|=>)\s*(\[([^\]]*[,\s])?)?("{id}"|{id}(?![\w.-]))"#
    )
}

/// The text as a regular expression that matches nothing else.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for char in text.chars() {
        if char.is_ascii() && !char.is_ascii_alphanumeric() {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

fn is_by_chance(id: &str) -> bool {
    let mut runs = id.split(|char: char| !char.is_ascii_alphanumeric());
    runs.any(|run| run.len() >= BY_CHANCE)
}

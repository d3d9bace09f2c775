//! What a search found, as entries of what stays and as sentences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Mention, Traces, Unlinked};
use crate::domain::plan::Warning;
use crate::systems::app_db::graph::Scope;

/// Tables that an entry names.
const MOST_NAMED: usize = 200;

/// Something of an account that stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub found: Found,
    /// What: `row(s) naming this account in Prompt.createdBy`.
    pub what: String,
    /// How many rows; `None` when they could not be counted.
    pub rows: Option<u64>,
    /// Why, and what changes it.
    pub why: String,
    /// Where: `Prompt.createdBy`, or the tables that could not be searched.
    pub place: String,
}

/// How something was found that no foreign key leads to, and that nothing touches. Applications write such rows all the
/// time, and what an erasure does does not depend on them: they are told and not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// Rows that name the account or its address.
    NamesAccount,
    /// Rows that name rows of the account.
    NamesRows,
    /// Nothing was found: tables could not be searched.
    NotSearched,
}

impl Left {
    /// A stable name of ours for the kind of thing that stays.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.found {
            Found::NamesAccount => "rows_naming_account",
            Found::NamesRows => "rows_naming_rows",
            Found::NotSearched => "tables_not_searched",
        }
    }
}

impl Traces {
    /// Everything that was found, and what could not be searched.
    pub(in crate::systems::app_db) fn left(&self, scope: Scope) -> Vec<Left> {
        let stay = scope.left_alone();
        let mentions = self.mentions.iter();
        let mentions = mentions.map(|one| one.left(stay, self.is_shared));
        let unlinked = self.unlinked.iter().map(|one| one.left(stay));
        let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in &self.unsearched {
            by_reason.entry(&one.why).or_default().push(&one.table);
        }
        let unsearched = by_reason.into_iter().map(|(why, tables)| {
            let tables = listed(&tables);
            Left {
                found: Found::NotSearched,
                what: "rows that may name this account in tables that could not be searched"
                    .to_owned(),
                rows: None,
                why: format!("{tables}: {why}"),
                place: tables,
            }
        });
        mentions.chain(unlinked).chain(unsearched).collect()
    }

    /// The same for people, in few sentences.
    pub(in crate::systems::app_db) fn warnings(&self, scope: Scope) -> Vec<Warning> {
        let stay = scope.left_alone();
        let mut warnings = Vec::new();
        if !self.mentions.is_empty() {
            let each: Vec<String> = self
                .mentions
                .iter()
                .map(|one| format!("{}: {}", one.label, one.rows))
                .collect();
            let says = format!(
                "rows that name this account or its e-mail address without a foreign key {stay}: {}; link_columns and \
                 email_columns in [app.schema] follow those that hold nothing else",
                each.join(", ")
            );
            warnings.push(Warning::new("rows_naming_account", says).told_only());
        }
        let taken = match scope {
            Scope::Erasure => "go",
            Scope::Export => "are exported",
        };
        warnings.extend(self.unlinked.iter().map(|one| {
            let says = format!(
                "rows that name rows of {} that {taken}, in {} without a foreign key, {stay}: {}; add {} to link_columns in \
                 [app.schema] to follow them",
                one.parent,
                one.label,
                one.rows,
                one.line()
            );
            let warning = Warning::new("rows_naming_rows", says);
            warning.about(&one.label).told_only()
        }));
        let unexpected = self.unsearched.iter().filter(|one| one.unexpected);
        let unexpected: Vec<String> = unexpected
            .map(|one| format!("{} ({})", one.table, one.why))
            .collect();
        if !unexpected.is_empty() {
            let says = format!(
                "rows that may name this account {stay} where the table could not be searched: {}",
                listed(&unexpected)
            );
            warnings.push(Warning::new("tables_not_searched", says).told_only());
        }
        warnings
    }
}

/// The names, and how many more there are: a schema for each tenant has thousands of tables.
fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

impl Mention {
    fn left(&self, stay: &str, is_shared: bool) -> Left {
        let what = match (self.ids, self.addresses) {
            (_, 0) => "this account",
            (0, _) => "its e-mail address",
            _ => "this account or its e-mail address",
        };
        let follow = |setting: &str| {
            format!(
                "no foreign key leads to them, so they {stay}: add \"{}\" to {setting} in [app.schema] to follow it",
                self.label
            )
        };
        let why = if self.single && self.exact_ids > 0 {
            follow("link_columns")
        } else if self.single && self.exact_addresses > 0 {
            follow("email_columns")
        } else {
            format!("it is written there among other things: they {stay}")
        };
        let shared = match self.addresses > 0 && is_shared {
            true => "; another account has the address too, and may be meant",
            false => "",
        };
        Left {
            found: Found::NamesAccount,
            what: format!("row(s) naming {what} in {}", self.label),
            rows: Some(self.rows.unsigned_abs()),
            why: format!("{why}{shared}"),
            place: self.label.clone(),
        }
    }
}

impl Unlinked {
    /// The line of the configuration.
    fn line(&self) -> String {
        format!("\"{} -> {}.{}\"", self.label, self.parent, self.reference)
    }

    fn left(&self, stay: &str) -> Left {
        Left {
            found: Found::NamesRows,
            what: format!("row(s) naming rows of {} in {}", self.parent, self.label),
            rows: Some(self.rows.unsigned_abs()),
            why: format!(
                "no foreign key leads to them, so they {stay}: add {} to link_columns in [app.schema] to follow it",
                self.line()
            ),
            place: self.label.clone(),
        }
    }
}

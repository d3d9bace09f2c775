//! What is said of rows that hold the e-mail address and that no key leads to.

use super::Survey;
use crate::domain::plan::Warning;
use crate::systems::app_db::{
    Kind,
    graph::{Graph, LooseColumn, Scope},
    rows::{Addressed, Verdict},
};

/// Letters of the keys between a row and the account that it belongs to, at most.
const MAX_PATH: usize = 200;

/// Blockers: the address is in a table that other tables depend on and that nobody decided about.
pub(super) fn undecided(survey: &Survey<'_>) -> Vec<String> {
    let tables = &survey.graph.at.schema.tables;
    // What a materialised view copied goes with its next refresh.
    let found = by_column(survey, Verdict::Undecided)
        .filter(|(column, _)| tables[column.table].kind != Kind::MaterialisedView);
    found
        .map(|(column, one)| {
            let (label, name) = names(&survey.graph, column);
            format!(
                "rows with the e-mail address in {label} that no key leads to: {}; other tables depend on {name}: decide \
                 with [app.schema.tables.{name}] (policy = \"delete\", \"anonymise\" or \"keep\")",
                one.rows
            )
        })
        .collect()
}

/// Warnings: rows that hold the address and stay, and rows that go although something speaks against it.
pub(super) fn warnings(survey: &Survey<'_>) -> Vec<Warning> {
    let told = [of_others(survey), shared(survey), third_spelling(survey)];
    let told = told.into_iter().flatten();
    told.chain(of_others_by_policy(survey))
        .chain(found_by_name(survey))
        .collect()
}

/// Rows under another account: they stay until the configuration decides about their table.
fn of_others(survey: &Survey<'_>) -> Vec<Warning> {
    let graph = &survey.graph;
    let found = by_column(survey, Verdict::OfOthers);
    found
        .map(|(column, one)| {
            let (label, name) = names(graph, column);
            let decides = match graph.scope {
                Scope::Erasure => format!("a policy in [app.schema.tables.{name}] decides otherwise"),
                Scope::Export => "include_tables in [app.schema.export] lets them leave".to_owned(),
            };
            let says = format!(
                "rows with the e-mail address in {label} that belong to another account ({}): {}; they {}; {decides}",
                path(one),
                one.rows,
                graph.scope.left_alone()
            );
            Warning::new("address_under_other_account", says).about(with_path(&label, one))
        })
        .collect()
}

fn shared(survey: &Survey<'_>) -> Vec<Warning> {
    let found = by_column(survey, Verdict::Shared);
    found
        .map(|(column, one)| {
            let (label, _) = names(&survey.graph, column);
            let says = format!(
                "rows with the e-mail address in {label}: {}; another account has the same address, so they may belong to \
                 either, and {}",
                one.rows,
                survey.graph.scope.left_alone()
            );
            Warning::new("address_shared", says).about(label)
        })
        .collect()
}

fn third_spelling(survey: &Survey<'_>) -> Vec<Warning> {
    let found = by_column(survey, Verdict::ThirdSpelling);
    found
        .map(|(column, one)| {
            let (label, _) = names(&survey.graph, column);
            let says = format!(
                "rows with the e-mail address in {label} in a letter case of their own: {}; another account's address \
                 differs in letter case only, so they may be either's, and {}",
                one.rows,
                survey.graph.scope.left_alone()
            );
            Warning::new("address_in_third_spelling", says).about(label)
        })
        .collect()
}

/// Rows under another account that go, or are changed, because the configuration says so.
fn of_others_by_policy(survey: &Survey<'_>) -> Vec<Warning> {
    let graph = &survey.graph;
    let found = by_column(survey, Verdict::Theirs).filter(|(_, one)| one.path.is_some());
    found
        .map(|(column, one)| {
            let (label, name) = names(graph, column);
            let stays = graph
                .node_of(column.table)
                .is_some_and(|node| graph.nodes[node].stays());
            let what = match (graph.scope, stays) {
                (Scope::Export, _) => "are exported, as include_tables in [app.schema.export] says".to_owned(),
                (Scope::Erasure, true) => {
                    format!("are kept with the changes that [app.schema.tables.{name}] names")
                }
                (Scope::Erasure, false) => format!("are deleted, as [app.schema.tables.{name}] says"),
            };
            let says = format!(
                "rows with the e-mail address in {label} belong to another account ({}) and {what}: {}",
                path(one),
                one.rows
            );
            Warning::new("address_under_other_account_by_policy", says).about(with_path(&label, one))
        })
        .collect()
}

fn found_by_name(survey: &Survey<'_>) -> Vec<Warning> {
    let graph = &survey.graph;
    let found = graph.loose.iter().zip(&survey.collected.loose);
    found
        .filter(|(column, rows)| !column.configured && **rows > 0)
        .map(|(column, rows)| {
            let label = column.label(graph.at);
            let says = format!("rows with the e-mail address in {label}: {rows}; the column was found by its name and is not configured");
            Warning::new("address_column_not_configured", says).about(label)
        })
        .collect()
}

fn by_column<'s>(
    survey: &'s Survey<'_>,
    verdict: Verdict,
) -> impl Iterator<Item = (&'s LooseColumn, &'s Addressed)> {
    let found = survey.collected.addressed.iter();
    found
        .filter(move |one| one.verdict == verdict && one.rows > 0)
        .filter_map(|one| Some((survey.graph.loose.get(one.loose)?, one)))
}

/// The column and its table, for people.
fn names(graph: &Graph<'_>, column: &LooseColumn) -> (String, String) {
    let table = &graph.at.schema.tables[column.table];
    let label = column.label(graph.at);
    (label, graph.at.label(table))
}

/// The column, and by which keys its rows are another account's: rows over other keys are news.
fn with_path(label: &str, one: &Addressed) -> String {
    format!("{label} ({})", one.path.as_deref().unwrap_or_default())
}

fn path(one: &Addressed) -> String {
    let path = one.path.as_deref().unwrap_or_default();
    match path.char_indices().nth(MAX_PATH) {
        Some((end, _)) => format!("{}…", &path[..end]),
        None => path.to_owned(),
    }
}

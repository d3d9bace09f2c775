//! Turns a survey into the impact list, with a sentence for each entry.

use super::{Action, TableImpact};
use crate::systems::app_db::{
    Policy,
    graph::{Edge, Fate, ROOT},
    rows::Way,
    schema::OnDelete,
    survey::Survey,
};

/// The impact of an erasure, table by table.
pub(super) fn impacts(survey: &Survey<'_>) -> Vec<TableImpact> {
    let collected = (0..survey.graph.nodes.len()).map(|node| collected(survey, node));
    let left = survey
        .left_behind
        .iter()
        .map(|&(index, rows)| left_behind(survey, &survey.graph.edges[index], rows));
    collected.chain(left).collect()
}

fn collected(survey: &Survey<'_>, node: usize) -> TableImpact {
    let graph = &survey.graph;
    let first = match survey.collected.first[node] {
        Some(Way::Key(edge)) => graph.edges.get(edge),
        Some(Way::Address(_)) => None,
        None => graph.edges_into(node).next(),
    };
    let on_delete = first
        .filter(|edge| edge.link.declared)
        .map(|edge| edge.link.on_delete);
    let (action, mut explanation) = match graph.nodes[node].policy {
        Some(Policy::Keep { reason, .. }) => (
            Action::Keep,
            format!("kept ({reason}), cut off from the account"),
        ),
        Some(Policy::Anonymise { .. }) => (
            Action::Anonymise,
            "kept without what tells whose they were".into(),
        ),
        Some(Policy::Delete) | None => deleted(survey, node, first),
    };
    let keys: Vec<String> = graph
        .edges
        .iter()
        .zip(&survey.collected.over)
        .filter(|(edge, _)| edge.fate == Fate::Collect && edge.child_node == Some(node))
        // Rows that the address led to have no key's path.
        .filter(|(edge, over)| match first {
            Some(first) => !std::ptr::eq(*edge, first),
            None => **over > 0,
        })
        .map(|(edge, _)| format!("{} ({})", edge.link.label(graph.at), edge.link.on_delete))
        .collect();
    if !keys.is_empty() {
        explanation.push_str(&format!("; also reached by {}", keys.join(", ")));
    }
    let by_email: i64 = graph
        .loose
        .iter()
        .zip(&survey.collected.loose)
        .filter(|(column, _)| column.table == graph.nodes[node].table)
        .map(|(_, rows)| rows)
        .sum();
    if by_email > 0 {
        explanation.push_str(&format!(
            "; {by_email} of them found by e-mail address alone"
        ));
    }
    let below = survey.collected.by_address[node] - by_email;
    if below > 0 && by_key(survey, node) {
        explanation.push_str(&format!(
            "; {below} of them belong to rows found by e-mail address"
        ));
    }
    TableImpact {
        table: graph.label(node),
        via: survey.collected.via(graph, node),
        action,
        on_delete,
        rows: survey.collected.rows[node],
        explanation,
    }
}

/// Whether keys led to rows of the node from the account.
fn by_key(survey: &Survey<'_>, node: usize) -> bool {
    survey.collected.rows[node] > survey.collected.by_address[node]
}

fn deleted(survey: &Survey<'_>, node: usize, first: Option<&Edge>) -> (Action, String) {
    if node == ROOT {
        return (Action::Delete, "the account itself, last".into());
    }
    let Some(edge) = first else {
        return (
            Action::Delete,
            "no key: found by e-mail address, deleted by us".into(),
        );
    };
    let parent = survey.graph.label(edge.parent);
    if edge.link.inherited {
        return (
            Action::Delete,
            format!(
                "names {parent} as the table that it inherits from does, without the foreign key: deleted by us"
            ),
        );
    }
    if !edge.link.declared {
        return (
            Action::Delete,
            format!("names {parent} without a foreign key, as configured: deleted by us"),
        );
    }
    match edge.link.on_delete {
        OnDelete::Cascade => (
            Action::CascadedBy(parent.clone()),
            format!("CASCADE: goes with {parent}; deleted by us first, counted"),
        ),
        rule @ (OnDelete::Restrict | OnDelete::NoAction) => (
            Action::Delete,
            format!("{rule}: a plain DELETE of {parent} would be refused; deleted by us first"),
        ),
        rule @ (OnDelete::SetNull | OnDelete::SetDefault) => (
            Action::Delete,
            format!(
                "{rule}: the key would only cut the link and leave the person's data behind; deleted by us"
            ),
        ),
    }
}

fn left_behind(survey: &Survey<'_>, edge: &Edge, rows: i64) -> TableImpact {
    let graph = &survey.graph;
    let label = edge.link.label(graph.at);
    let explanation = match (edge.fate, edge.link.on_delete) {
        (_, rule) if edge.link.inherited => format!(
            "{rule} in the table that it inherits from: the rows stay with what is written in them; we set {label} to NULL, since \
             the key does not cover them"
        ),
        (Fate::Unlink, rule) => format!(
            "{rule}: other accounts that name this one stay; we set {label} to NULL so that the key neither refuses nor deletes them"
        ),
        (_, OnDelete::SetDefault) => {
            format!("SET DEFAULT: the rows stay and {label} gets the column's default")
        }
        (Fate::Collect, _) => format!(
            "SET NULL: the rows do not hold this account's e-mail address, so they stay and only {label} is emptied; a policy of \
             delete for the table would remove them"
        ),
        _ => format!(
            "SET NULL: the rows stay with what is written in them and only {label} is emptied; a policy of delete for the \
             table would remove them"
        ),
    };
    TableImpact {
        table: graph.at.label_at(edge.child),
        via: format!("{} ← {label}", survey.collected.via(graph, edge.parent)),
        action: Action::SetNull,
        on_delete: edge.link.declared.then_some(edge.link.on_delete),
        rows,
        explanation,
    }
}

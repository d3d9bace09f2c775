//! Turns a survey into the impact list, with a sentence for each entry.

use super::{Action, TableImpact};
use crate::systems::app_db::{
    Policy,
    graph::{Edge, Fate, ROOT},
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
    let first = graph.edges_into(node).next();
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
        .edges_into(node)
        .skip(1)
        .map(|edge| {
            format!(
                "{} ({})",
                edge.link.label(graph.schema, graph.mapping),
                edge.link.on_delete
            )
        })
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
    TableImpact {
        table: graph.label(node),
        via: graph.nodes[node].via.clone(),
        action,
        on_delete,
        rows: survey.collected.rows[node],
        explanation,
    }
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
    let label = edge.link.label(graph.schema, graph.mapping);
    let explanation = match (edge.fate, edge.link.on_delete) {
        (Fate::Unlink, rule) if edge.link.inherited => format!(
            "{rule} in the table that it inherits from: the rows stay with what is written in them; we set {label} to NULL, since \
             the key does not cover them"
        ),
        (Fate::Unlink, rule) => format!(
            "{rule}: other accounts that name this one stay; we set {label} to NULL so that the key neither refuses nor deletes them"
        ),
        (_, OnDelete::SetDefault) => {
            format!("SET DEFAULT: the rows stay and {label} gets the column's default")
        }
        _ => format!(
            "SET NULL: the rows stay with what is written in them and only {label} is emptied; a policy of delete for the \
             table would remove them"
        ),
    };
    TableImpact {
        table: graph.schema.tables[edge.child].label(&graph.mapping.schema),
        via: format!("{} ← {label}", graph.nodes[edge.parent].via),
        action: Action::SetNull,
        on_delete: edge.link.declared.then_some(edge.link.on_delete),
        rows,
        explanation,
    }
}

//! What stands in the way of an erasure, as far as schema, configuration and row counts tell.
//!
//! The deletion itself is not tried out while planning. A trial that is rolled back would lock the person's rows in
//! production and run the app's triggers, whose effects outside the transaction stay, before anybody has approved anything.
//! What a trigger raises is known only when it raises.

use super::Survey;
use crate::domain::plan::Warning;
use crate::systems::app_db::{
    Kind, Schema,
    graph::{Edge, Fate, ROOT},
    schema::OnDelete,
};

/// Adds blockers and warnings.
pub(super) fn check(survey: &mut Survey<'_>) {
    let mut blockers = Vec::new();
    let mut warnings = Vec::new();
    for node in 0..survey.graph.nodes.len() {
        if survey.collected.rows[node] > 0 {
            check_node(survey, node, &mut blockers, &mut warnings);
        }
    }
    for &(index, rows) in survey.left_behind.iter().filter(|(_, rows)| *rows > 0) {
        check_left_behind(survey, &survey.graph.edges[index], rows, &mut blockers);
    }
    for table in survey
        .graph
        .at
        .schema
        .tables
        .iter()
        .filter(|table| table.kind == Kind::MaterialisedView)
    {
        let label = survey.graph.at.label(table);
        let says =
            format!("{label} is a materialised view: what it copied stays until it is refreshed");
        warnings.push(Warning::new("materialised_view", says).about(label));
    }
    for blocker in blockers {
        // The block before the erasure may need the same right.
        if !survey.blockers.contains(&blocker) {
            survey.blockers.push(blocker);
        }
    }
    survey.warnings.extend(warnings);
}

fn check_node(
    survey: &Survey<'_>,
    node: usize,
    blockers: &mut Vec<String>,
    warnings: &mut Vec<Warning>,
) {
    let graph = &survey.graph;
    let table = graph.table(node);
    let label = graph.label(node);
    let stays = graph.nodes[node].stays();
    if !stays && !table.may_delete {
        blockers.push(no_right("DELETE", &label));
    }
    // The account's row is locked and blocked before it goes.
    if (stays || node == ROOT) && !table.may_update {
        blockers.push(no_right("UPDATE", &label));
    }
    if table.has_instead_rules {
        blockers.push(format!(
            "{label} has a rule (CREATE RULE … DO INSTEAD) that does something else than what is asked for: replace it by a trigger"
        ));
    }
    if table.lacks_replica_identity {
        blockers.push(format!(
            "{label} is published for replication and has no replica identity, so Postgres refuses to change or delete its rows: \
             give it a primary key, or ALTER TABLE … REPLICA IDENTITY FULL"
        ));
    }
    if table.has_triggers {
        let says = format!(
            "{label} has triggers of its own: what they do or copy is not part of this plan"
        );
        warnings.push(Warning::new("own_triggers", says).about(&label));
    }
    if !stays {
        return;
    }
    for (name, value) in graph.nodes[node]
        .policy
        .into_iter()
        .flat_map(|policy| policy.assignments())
    {
        match table.column(name) {
            Some(column) if value.is_none() && !column.nullable => {
                blockers.push(format!(
                    "{label}.{name} is to be cleared and cannot be NULL: use set instead of clear"
                ));
            }
            Some(column) if column.generated => blockers.push(format!(
                "{label}.{name} is to be overwritten and is computed by the database: take it out of [app.schema.tables.{label}]"
            )),
            Some(column) if !column.may_update => {
                blockers.push(no_right("UPDATE", &format!("{label}.{name}")));
            }
            // That the column is not there is one of the mapping's faults, which are blockers already.
            Some(_) | None => {}
        }
    }
    if is_by_address_alone(survey, node) {
        return;
    }
    for edge in graph.edges_into(node) {
        if !is_covered(survey, node, edge) && edge.link.cut(&graph.at.schema).is_none() {
            blockers.push(format!(
                "{label} is to be kept, but {} cannot be NULL, so its rows cannot be cut off from what is deleted: make it \
                 optional in schema.prisma, name a substitute with set, or let the rows be deleted",
                edge.link.label(graph.at)
            ));
        }
    }
}

fn no_right(verb: &str, on: &str) -> String {
    format!("the database role of DATABASE_URL has no {verb} right on {on}")
}

/// Whether only the address led to the rows: then no row that is deleted leads to them.
fn is_by_address_alone(survey: &Survey<'_>, node: usize) -> bool {
    let graph = &survey.graph;
    let found = graph.loose.iter().zip(&survey.collected.loose);
    let of_table = found.filter(|(column, _)| column.table == graph.nodes[node].table);
    let by_address: i64 = of_table.map(|(_, rows)| rows).sum();
    by_address == survey.collected.rows[node]
}

/// Whether the policy itself gives every column of the key a new value.
pub(in crate::systems::app_db) fn is_covered(
    survey: &Survey<'_>,
    node: usize,
    edge: &Edge,
) -> bool {
    let assigned: Vec<&str> = survey.graph.nodes[node]
        .policy
        .into_iter()
        .flat_map(|policy| policy.assignments())
        .map(|(name, _)| name)
        .collect();
    edge.link
        .columns
        .iter()
        .all(|name| assigned.contains(&name.as_str()))
}

/// Whether our role may empty the columns of the key.
fn may_cut(edge: &Edge, schema: &Schema) -> bool {
    let table = &schema.tables[edge.link.child];
    let columns = edge.link.cut(schema).unwrap_or_default();
    columns
        .iter()
        .all(|name| table.column(name).is_some_and(|one| one.may_update))
}

fn check_left_behind(survey: &Survey<'_>, edge: &Edge, rows: i64, blockers: &mut Vec<String>) {
    let schema = &survey.graph.at.schema;
    let label = edge.link.label(survey.graph.at);
    let inherited = edge.link.inherited;
    match edge.fate {
        _ if inherited && edge.link.cut(schema).is_none() => blockers.push(format!(
            "{rows} rows refer to what is deleted by {label}, which cannot be NULL: decide with [app.schema.tables] or correct \
             the schema"
        )),
        Fate::Unlink if edge.link.cut(schema).is_none() => blockers.push(format!(
            "{rows} other accounts refer to this one by {label}, which cannot be NULL: move them to another account first"
        )),
        fate if (fate == Fate::Unlink || inherited) && !may_cut(edge, schema) => blockers.push(no_right("UPDATE", &label)),
        Fate::LeftByDatabase | Fate::Collect if !inherited && edge.link.on_delete == OnDelete::SetNull => {
            let table = &schema.tables[edge.link.child];
            let fixed = edge.link.set_columns.iter().find(|name| table.column(name).is_some_and(|c| !c.nullable));
            if let Some(fixed) = fixed {
                blockers.push(format!(
                    "the key {label} would set {fixed} to NULL in {rows} rows, and that column cannot be NULL: a plain \
                     DELETE fails too; decide with [app.schema.tables] or correct the schema"
                ));
            }
        }
        Fate::Unlink | Fate::LeftByDatabase | Fate::Collect => {}
    }
}

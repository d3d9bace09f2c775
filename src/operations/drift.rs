//! How far a plan may move between approval and run before the approval is void.
//!
//! Less than was approved is never material: the approval covers it. More is, beyond a small tolerance for
//! what an application in use writes within minutes.

use std::collections::BTreeMap;

use crate::domain::{Plan, plan::Impact};

/// More rows or objects than approved by this share are tolerated, in percent.
pub const TOLERANCE_PERCENT: u64 = 10;
/// And at least this many, so that small numbers do not trip.
pub const TOLERANCE_AT_LEAST: u64 = 5;

/// What is materially different now. Blockers are not repeated here: they refuse by themselves.
#[must_use]
pub fn beyond_tolerance(approved: &Plan, now: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    if approved.subject != now.subject {
        found.push(
            "the account is not the one that was approved, or its e-mail has changed".to_owned(),
        );
    }
    if approved.steps != now.steps {
        found.push("the steps are not the ones that were approved".to_owned());
    }
    let (before, after) = (amounts(approved), amounts(now));
    for (what, count) in &after {
        match before.get(what) {
            None if *count > 0 => found.push(format!("new: {what}, {count}")),
            Some(approved) if *count > tolerated(*approved) => {
                found.push(format!("{what}: {approved} approved, {count} now"));
            }
            _ => {}
        }
    }
    let values = |plan: &Plan| -> Vec<Impact> {
        let values = plan.impact.iter();
        values
            .filter(|impact| matches!(impact, Impact::Value { .. }))
            .cloned()
            .collect()
    };
    if values(approved) != values(now) {
        found.push("a value that would change is not what it was".to_owned());
    }
    for kept in &approved.kept {
        if !now.kept.iter().any(|k| k.what == kept.what) {
            found.push(format!("no longer kept: {}", kept.what));
        }
    }
    found
}

fn tolerated(approved: u64) -> u64 {
    approved.saturating_add((approved * TOLERANCE_PERCENT / 100).max(TOLERANCE_AT_LEAST))
}

/// Everything that is counted, by what it is.
fn amounts(plan: &Plan) -> BTreeMap<String, u64> {
    let mut amounts = BTreeMap::new();
    for impact in &plan.impact {
        let (what, count) = match impact {
            Impact::Rows {
                table,
                action,
                rows,
                ..
            } => (format!("{table} ({action})"), *rows),
            Impact::Objects {
                place, versions, ..
            } => (format!("files in {place}"), *versions),
            Impact::Value { .. } => continue,
        };
        *amounts.entry(what).or_default() += count;
    }
    amounts
}

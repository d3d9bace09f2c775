//! How far a plan may move between approval and run before the approval is void.
//!
//! Of what would change, less than was approved is never material: the approval covers it. More is, beyond a small
//! tolerance for what an application in use writes within minutes.
//!
//! Of what stays, every new kind is material, and so is one that does not stay any more: the approver decided about a
//! deletion of everything else. Its number may move within the tolerance in both directions, for fewer that stay are
//! more that go.
//!
//! Rows that only name the person and that nothing touches are told and not compared: an application writes and deletes them
//! all the time, the hold itself may add some to a log of changes, and what the plan does does not depend on them. The end of
//! an erasure counts them anew for its certificate.
//!
//! Every new kind of warning is material, because a warning says what the approver should know first, and this approver
//! did not. Its numbers are not: those that matter are counted above. A warning that is gone leaves the plan safer than
//! it was approved. An approval that is asked for once too often costs a click, one that was given for something else
//! cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    amounts,
    domain::{Plan, plan::Impact},
    systems::app_db::is_told_only,
};

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
            None if *count > 0 => found.push(format!("new: {what}, {}", amounts::count(*count))),
            Some(approved) if *count > approved.saturating_add(tolerance(*approved)) => {
                found.push(format!("{what}: {}", moved(*approved, *count)));
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
    found.extend(other_kept(approved, now));
    let told: BTreeSet<String> = approved.warnings.iter().map(|text| kind(text)).collect();
    let new = now
        .warnings
        .iter()
        .filter(|text| !told.contains(&kind(text)) && !is_told_only(text));
    found.extend(new.map(|text| format!("new warning: {text}")));
    found
}

fn moved(approved: u64, now: u64) -> String {
    let (approved, now) = (amounts::count(approved), amounts::count(now));
    format!("{approved} approved, {now} now")
}

/// What stays beyond what was approved, or not any more.
fn other_kept(approved: &Plan, now: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let (before, after) = (kept(approved), kept(now));
    for (what, count) in &after {
        match before.get(what) {
            None => found.push(format!("new, and kept: {what}")),
            Some(approved) if count.abs_diff(*approved) > tolerance(*approved) => {
                found.push(format!("kept {what}: {}", moved(*approved, *count)));
            }
            Some(_) => {}
        }
    }
    let gone = before.keys().filter(|what| !after.contains_key(*what));
    found.extend(gone.map(|what| format!("no longer kept: {what}")));
    found
}

fn kept(plan: &Plan) -> BTreeMap<&str, u64> {
    let mut kept = BTreeMap::new();
    for one in plan.kept.iter().filter(|one| !is_told_only(&one.what)) {
        *kept.entry(one.what.as_str()).or_default() += one.count.unwrap_or_default();
    }
    kept
}

/// A sentence without its numbers: two of a kind tell the same about other amounts. What Stripe calls a single call is no
/// part of it either.
fn kind(text: &str) -> String {
    let (before, call) = text.split_once(" (req_").unwrap_or((text, ""));
    let (_, after) = call.split_once(')').unwrap_or_default();
    let mut kind = String::with_capacity(text.len());
    for char in before.chars().chain(after.chars()) {
        match char {
            '0'..='9' if kind.ends_with('#') => {}
            '0'..='9' => kind.push('#'),
            other => kind.push(other),
        }
    }
    kind
}

fn tolerance(approved: u64) -> u64 {
    (approved.saturating_mul(TOLERANCE_PERCENT) / 100).max(TOLERANCE_AT_LEAST)
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

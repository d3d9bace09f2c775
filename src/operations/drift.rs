//! How far a plan may move between approval and run before the approval is void.
//!
//! Two plans are compared by their subject, terms, kinds of steps, counted impact, codes of warnings, and kinds and counts
//! of what stays. Texts, titles and settings never count: other wording or another retention time voids nothing.
//!
//! Of what would change, less than was approved is never material: the approval covers it. More is, beyond a small
//! tolerance for what an application in use writes within minutes. Money has no tolerance.
//!
//! Of what stays, every new kind is material, and so is one that does not stay any more: the approver decided about a
//! deletion of everything else. Its number may move within the tolerance in both directions, for fewer that stay are
//! more that go.
//!
//! What is only told is not compared, as rows that name the person and that nothing touches: an application writes and
//! deletes them all the time, the hold itself may add some to a log of changes, and what the plan does does not depend on
//! them. The end of an erasure counts them anew for its certificate.
//!
//! Every new kind of warning is material, because a warning says what the approver should know first, and this approver
//! did not. Its numbers are not: those that matter are counted above. A warning that is gone leaves the plan safer than
//! it was approved. An approval that is asked for once too often costs a click, one that was given for something else
//! cannot be taken back.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    amounts,
    domain::{
        Plan,
        plan::{Impact, Warning},
    },
};

/// More rows, objects or people than approved by this share are tolerated, in percent.
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
    if approved.terms != now.terms {
        found.push("what would be carried out is not what was approved".to_owned());
    }
    let same_number = approved.steps.len() == now.steps.len();
    let mut steps = approved.steps.iter().zip(&now.steps);
    if !same_number || !steps.all(|(approved, now)| approved.is_same_work(now)) {
        found.push("the steps are not the ones that were approved".to_owned());
    }
    found.extend(other_impact(approved, now));
    if money(approved) != money(now) {
        found.push("an amount of money is not the one that was approved".to_owned());
    }
    found.extend(other_kept(approved, now));
    let code = |one: &Warning| (one.code.clone(), one.about.clone());
    let told: BTreeSet<_> = approved.warnings.iter().map(code).collect();
    let new = now
        .warnings
        .iter()
        .filter(|one| !one.told_only && !told.contains(&code(one)));
    found.extend(new.map(|one| format!("new warning: {one}")));
    found
}

fn moved(approved: u64, now: u64) -> String {
    let (approved, now) = (amounts::count(approved), amounts::count(now));
    format!("{approved} approved, {now} now")
}

/// What would change beyond what was approved.
fn other_impact(approved: &Plan, now: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let before = counts(approved);
    for (what, count) in counts(now) {
        match before.get(&what) {
            None if count > 0 => found.push(format!("new: {what}, {}", amounts::count(count))),
            Some(approved) if count > approved.saturating_add(tolerance(*approved)) => {
                found.push(format!("{what}: {}", moved(*approved, count)));
            }
            _ => {}
        }
    }
    found
}

/// What stays beyond what was approved, or not any more.
fn other_kept(approved: &Plan, now: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    let (before, after) = (kept(approved), kept(now));
    for (key, now) in &after {
        match before.get(key) {
            None => found.push(format!("new, and kept: {}", now.what)),
            Some(before) if now.count.abs_diff(before.count) > tolerance(before.count) => {
                found.push(format!(
                    "kept {}: {}",
                    now.what,
                    moved(before.count, now.count)
                ));
            }
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key));
    found.extend(gone.map(|(_, gone)| format!("no longer kept: {}", gone.what)));
    found
}

/// What stays of one kind, with the words of the first of them.
struct Stays<'a> {
    what: &'a str,
    count: u64,
}

fn kept(plan: &Plan) -> BTreeMap<(&str, Option<&str>), Stays<'_>> {
    let mut kept = BTreeMap::new();
    for one in plan.kept.iter().filter(|one| !one.told_only) {
        let of_kind = kept
            .entry((one.kind.as_str(), one.about.as_deref()))
            .or_insert(Stays {
                what: &one.what,
                count: 0,
            });
        of_kind.count = of_kind.count.saturating_add(one.count.unwrap_or_default());
    }
    kept
}

fn tolerance(approved: u64) -> u64 {
    (approved.saturating_mul(TOLERANCE_PERCENT) / 100).max(TOLERANCE_AT_LEAST)
}

/// Everything that is counted, by what it is. What is set to which value stands in the terms.
fn counts(plan: &Plan) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::<String, u64>::new();
    for impact in &plan.impact {
        let (what, count) = match impact {
            Impact::Rows {
                table,
                action,
                rows,
                ..
            } => (format!("{table} ({})", action.word()), *rows),
            Impact::Objects {
                place, versions, ..
            } => (format!("files in {place}"), *versions),
            Impact::People { count, .. } => ("people".to_owned(), *count),
            Impact::Money { .. } | Impact::Credits { .. } | Impact::Value { .. } => continue,
        };
        let sum = counts.entry(what).or_default();
        *sum = sum.saturating_add(count);
    }
    counts
}

/// All amounts of money, in whatever words they are told.
fn money(plan: &Plan) -> BTreeSet<(&str, Option<i64>, i64)> {
    let amounts = plan.impact.iter().filter_map(|one| match one {
        Impact::Money {
            what: _,
            minor,
            currency,
            before,
        } => Some((currency.as_str(), *before, *minor)),
        _ => None,
    });
    amounts.collect()
}

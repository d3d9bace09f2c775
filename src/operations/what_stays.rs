//! What stays of a person where a request leaves it, as entries of one list. Card, certificate and an archive's manifest are
//! all drawn from it, so that none of them says less than another.

use std::collections::BTreeMap;

use crate::{domain::plan::Kept, systems::app_db::Left};

/// Rows that were only found, and tables that could not be searched.
pub(super) fn rows(left: &[Left]) -> impl Iterator<Item = Kept> + '_ {
    left.iter().map(|one| Kept {
        what: one.what.clone(),
        count: one.rows,
        why: one.why.clone(),
    })
}

/// Files that rows name and that are not in our bucket: `reasons` has one entry for each. They are not `done` from here.
pub(super) fn files_elsewhere<'a>(
    reasons: impl IntoIterator<Item = &'a String>,
    done: &str,
) -> Vec<Kept> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let entry = |(reason, count): (&str, u64)| Kept {
        what: "file(s) that rows name elsewhere".to_owned(),
        count: Some(count),
        why: format!("each {reason}, and is not {done} from here"),
    };
    counts.into_iter().map(entry).collect()
}

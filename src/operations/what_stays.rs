//! What stays of a person where a request leaves it, as entries of one list. Card, certificate and an archive's manifest are
//! all drawn from it, so that none of them says less than another.

use std::collections::BTreeMap;

use crate::{
    domain::plan::Kept,
    systems::{BeyondReach, app_db::Left},
};

/// Rows that were only found, and tables that could not be searched.
pub(super) fn rows(left: &[Left]) -> impl Iterator<Item = Kept> + '_ {
    left.iter().map(|one| Kept {
        count: one.rows,
        told_only: true,
        ..Kept::new(one.kind(), &one.what, &one.why).about(&one.place)
    })
}

/// Copies that no step reaches. Their kinds are compared, and the settings in their words are not.
pub(super) fn beyond_reach(all: &[BeyondReach]) -> impl Iterator<Item = Kept> + '_ {
    all.iter()
        .map(|one| Kept::new(one.kind, &one.what, &one.why))
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
    let entry = |(reason, count): (&str, u64)| {
        let why = format!("each {reason}, and is not {done} from here");
        Kept::new("files_elsewhere", "file(s) that rows name elsewhere", why).counted(count)
    };
    counts.into_iter().map(entry).collect()
}

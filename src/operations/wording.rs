//! How answers say times and amounts.

use chrono::{DateTime, Utc};

pub(super) use crate::amounts::counted;
use crate::systems::app_db::Last;

/// What stands where there is no value.
pub(super) const NOTHING: &str = "–";

#[must_use]
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The same for what may never have happened, or may not be on record.
#[must_use]
pub(super) fn last(last: Last) -> String {
    match last {
        Last::At(at) => moment(at),
        Last::Never => "never, as far as the app has it on record".to_owned(),
        Last::NotKept => "not known: the app keeps no record of it".to_owned(),
    }
}

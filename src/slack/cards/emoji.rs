//! The few signs that cards use, each with one meaning.

/// Something waits or is under way.
pub(super) const WAITING: &str = ":hourglass_flowing_sand:";
pub(super) const DONE: &str = ":white_check_mark:";
/// Refused or denied.
pub(super) const NO: &str = ":no_entry:";
/// Stopped by a person.
pub(super) const STOPPED: &str = ":octagonal_sign:";
/// Read this first.
pub(super) const WARNING: &str = ":warning:";
/// Somebody has to look.
pub(super) const FAILED: &str = ":rotating_light:";
/// Over without an effect: expired, withdrawn, closed.
pub(super) const OVER: &str = ":white_circle:";

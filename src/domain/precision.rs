//! Comparing a time that somebody else tells with one of ours.
//!
//! Others tell times more coarsely than we do: Stripe and HTTP headers in whole seconds, an application's database often in
//! milliseconds. Such a time is the end of a span in which the thing happened. What is decided from the comparison may
//! delete something, so only what is certain counts: whatever falls into the same second is neither before nor after.

use chrono::{TimeDelta, Timelike};

use super::Instant;

/// Whether something that is told to have happened at `told` certainly happened before `ours`.
#[must_use]
pub fn certainly_before(told: Instant, ours: Instant) -> bool {
    // Cut off: it happened within one unit after the time that is told.
    told.checked_add_signed(unit(told))
        .is_some_and(|latest| latest <= ours)
}

/// Whether something that is told to have happened at `told` certainly happened after `ours`.
#[must_use]
pub fn certainly_after(told: Instant, ours: Instant) -> bool {
    // Rounded, as Postgres does with `timestamp(3)`: it happened up to half a unit before the time that is told.
    told.checked_sub_signed(unit(told) / 2)
        .is_some_and(|earliest| earliest > ours)
}

/// The unit in which a time is told, by its own digits. A fine time that ends in zeros by chance counts as coarse, which
/// only makes less certain.
fn unit(told: Instant) -> TimeDelta {
    match told.nanosecond() {
        0 => TimeDelta::seconds(1),
        nanos if nanos.is_multiple_of(1_000_000) => TimeDelta::milliseconds(1),
        nanos if nanos.is_multiple_of(1_000) => TimeDelta::microseconds(1),
        _ => TimeDelta::nanoseconds(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Instant {
        format!("2026-12-01T{time}Z").parse().expect("a time")
    }

    #[test]
    fn a_time_in_whole_seconds_is_before_only_what_is_in_a_later_second() {
        let told = at("10:00:05");
        for (ours, before) in [
            ("10:00:04.999", false),
            ("10:00:05.000", false),
            ("10:00:05.001", false),
            ("10:00:05.999", false),
            ("10:00:05.999999", false),
            ("10:00:06.000", true),
            ("10:00:06.001", true),
        ] {
            assert_eq!(certainly_before(told, at(ours)), before, "{ours}");
        }
    }

    #[test]
    fn a_time_in_milliseconds_is_before_only_what_is_in_a_later_millisecond() {
        let told = at("10:00:05.120");
        for (ours, before) in [
            ("10:00:05.120", false),
            ("10:00:05.120999", false),
            ("10:00:05.121", true),
            ("10:00:06.000", true),
        ] {
            assert_eq!(certainly_before(told, at(ours)), before, "{ours}");
        }
    }

    #[test]
    fn a_rounded_time_is_after_only_what_is_more_than_half_a_unit_earlier() {
        for (told, ours, after) in [
            ("10:00:05", "10:00:04.499", true),
            ("10:00:05", "10:00:04.500", false),
            ("10:00:05", "10:00:04.999", false),
            ("10:00:05", "10:00:05.001", false),
            ("10:00:05.120", "10:00:05.119", true),
            ("10:00:05.120", "10:00:05.119700", false),
        ] {
            assert_eq!(certainly_after(at(told), at(ours)), after, "{told} {ours}");
        }
    }

    #[test]
    fn nothing_is_certainly_before_and_after_at_once() {
        for told in ["10:00:05", "10:00:05.120", "10:00:05.120500"] {
            for ours in ["10:00:04", "10:00:05", "10:00:05.120", "10:00:07.1"] {
                let (told, ours) = (at(told), at(ours));
                assert!(!(certainly_before(told, ours) && certainly_after(told, ours)));
            }
        }
    }
}

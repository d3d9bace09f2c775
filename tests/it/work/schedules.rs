//! When jobs are due.

use chrono_tz::{Europe::Berlin, UTC};
use countersign::{domain::Instant, work::Schedule};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The last tick until a time, and the first one after it.
fn around(schedule: Schedule, now: &str) -> (Instant, Instant) {
    let now = at(now);
    (schedule.last(now).unwrap(), schedule.next(now).unwrap())
}

#[test]
fn an_interval_is_counted_from_the_epoch_so_that_replicas_agree() {
    let schedule = Schedule::Every(chrono::Duration::minutes(10));
    let expected = (at("2026-03-05T12:10:00Z"), at("2026-03-05T12:20:00Z"));
    assert_eq!(around(schedule, "2026-03-05T12:10:00Z"), expected);
    assert_eq!(around(schedule, "2026-03-05T12:19:59Z"), expected);
}

#[test]
fn a_cron_expression_is_read_in_its_zone() {
    let mondays = |zone| Schedule::Cron {
        expression: "0 9 * * MON",
        zone,
    };
    let thursday = "2026-12-03T12:00:00Z";
    let in_utc = (at("2026-11-30T09:00:00Z"), at("2026-12-07T09:00:00Z"));
    assert_eq!(around(mondays(UTC), thursday), in_utc);
    let in_berlin = (at("2026-11-30T08:00:00Z"), at("2026-12-07T08:00:00Z"));
    assert_eq!(around(mondays(Berlin), thursday), in_berlin);
    // A tick is its own last one.
    assert_eq!(around(mondays(Berlin), "2026-11-30T08:00:00Z"), in_berlin);
}

#[test]
fn nine_in_the_morning_stays_nine_when_the_clocks_change() {
    let daily = Schedule::Cron {
        expression: "0 9 * * *",
        zone: Berlin,
    };
    let spring = (at("2026-03-28T08:00:00Z"), at("2026-03-29T07:00:00Z"));
    assert_eq!(around(daily, "2026-03-28T20:00:00Z"), spring);
    let autumn = (at("2026-10-24T07:00:00Z"), at("2026-10-25T08:00:00Z"));
    assert_eq!(around(daily, "2026-10-24T20:00:00Z"), autumn);
}

#[test]
fn what_is_no_cron_expression_has_no_ticks() {
    let none = Schedule::Cron {
        expression: "every day",
        zone: UTC,
    };
    assert_eq!(none.next(at("2026-03-05T12:10:00Z")), None);
}

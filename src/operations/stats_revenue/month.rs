//! A month, in UTC.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

use crate::operations::argument::first_day;

/// A month that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Month {
    first: NaiveDate,
}

impl Month {
    /// Reads `2026-11`; nothing is the month of `now`.
    pub(super) fn parse(typed: &str, now: DateTime<Utc>) -> Result<Self, String> {
        let today = now.date_naive();
        let first = if typed.is_empty() {
            today.with_day(1)
        } else {
            first_day(typed)
        };
        let shown: String = typed.chars().filter(|c| *c != '`').take(20).collect();
        match first {
            None => Err(format!("`{shown}` is not a month such as 2026-11")),
            Some(first) if first > today => Err(format!("the month {shown} has not begun")),
            Some(first) => Ok(Self { first }),
        }
    }

    /// From its first moment to the first of the next month, which is not included.
    pub(super) fn span(self) -> (DateTime<Utc>, DateTime<Utc>) {
        let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        (start(self.first), start(self.next()))
    }

    pub(super) fn days(self) -> impl Iterator<Item = NaiveDate> {
        let end = self.next();
        self.first.iter_days().take_while(move |day| *day < end)
    }

    fn next(self) -> NaiveDate {
        self.first
            .checked_add_months(Months::new(1))
            .unwrap_or(NaiveDate::MAX)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let december = Month::parse("2026-12", at("2027-02-03T00:00:00Z")).expect("a month");
        let span = (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        assert_eq!(december.span(), span);
        assert_eq!(december.days().count(), 31);
        let now = Month::parse("", at("2024-02-29T23:59:59Z")).expect("a month");
        assert_eq!(
            (now.to_string(), now.days().count()),
            ("2024-02".into(), 29)
        );
    }

    #[test]
    fn what_is_no_month_or_has_not_begun_is_refused() {
        let now = at("2026-11-22T09:00:00Z");
        for typed in [
            "2026",
            "2026-13",
            "2026-1",
            "11-2026",
            "november",
            "2026-11-01",
        ] {
            assert!(Month::parse(typed, now).is_err(), "{typed}");
        }
        let next = Month::parse("2026-12", now);
        assert_eq!(next, Err("the month 2026-12 has not begun".into()));
    }
}

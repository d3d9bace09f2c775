//! Quarters of the calendar, in UTC: what has to be looked at four times a year.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::Instant;

/// Months of a quarter.
const MONTHS: u32 = 3;

/// A quarter of a year. It is written `2026-Q4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    /// Its first day.
    first: NaiveDate,
}

impl Quarter {
    /// The quarter that a moment is in.
    #[must_use]
    pub fn of(now: Instant) -> Self {
        let today = now.date_naive();
        let month = today.month0() / MONTHS * MONTHS;
        // Every month has a first day.
        let first = today.with_day(1).and_then(|day| day.with_month0(month));
        Self {
            first: first.unwrap_or(today),
        }
    }

    /// Its first moment.
    #[must_use]
    pub fn begin(self) -> Instant {
        self.first.and_time(NaiveTime::MIN).and_utc()
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}-Q{}",
            self.first.year(),
            self.first.month0() / MONTHS + 1
        )
    }
}

/// What is not written as a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a quarter such as 2026-Q4")]
pub struct NotAQuarter;

impl FromStr for Quarter {
    type Err = NotAQuarter;

    fn from_str(text: &str) -> Result<Self, NotAQuarter> {
        let (year, number) = text.split_once("-Q").ok_or(NotAQuarter)?;
        let year = year.parse().map_err(|_| NotAQuarter)?;
        let month = match number {
            "1" => 1,
            "2" => 4,
            "3" => 7,
            "4" => 10,
            _ => return Err(NotAQuarter),
        };
        let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or(NotAQuarter)?;
        Ok(Self { first })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quarter(at: &str) -> Quarter {
        Quarter::of(at.parse().expect("a time"))
    }

    #[test]
    fn a_quarter_begins_with_its_first_month_and_ends_with_its_third() {
        let fourth = quarter("2026-12-31T23:59:59Z");
        assert_eq!(fourth, quarter("2026-10-01T00:00:00Z"));
        assert_eq!(fourth.to_string(), "2026-Q4");
        assert_eq!(fourth.begin().to_rfc3339(), "2026-10-01T00:00:00+00:00");
        let first = quarter("2027-01-01T00:00:00Z");
        assert_eq!(first.to_string(), "2027-Q1");
        assert!(fourth < first);
        assert_eq!(quarter("2024-05-31T12:00:00Z").to_string(), "2024-Q2");
    }

    #[test]
    fn what_is_written_is_read_back() {
        for month in 1..=12 {
            let quarter = quarter(&format!("2026-{month:02}-15T00:00:00Z"));
            assert_eq!(quarter.to_string().parse(), Ok(quarter));
        }
        for text in ["2026-Q0", "2026-Q5", "2026", "Q1", "2026-Q11", ""] {
            assert_eq!(text.parse::<Quarter>(), Err(NotAQuarter), "{text}");
        }
    }
}

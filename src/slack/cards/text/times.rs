//! Times for people.

use crate::domain::Instant;

/// A duration in its two largest units: `1 h 30 min`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = vec![];
    for (size, name) in UNITS {
        if rest >= size {
            parts.push(format!("{} {name}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.truncate(2);
    parts.join(" ")
}

/// A point in time that every reader sees in their own zone, to the minute.
#[must_use]
pub fn date(at: Instant) -> String {
    token(at, "{date_short_pretty} {time}")
}

/// The same to the second, for what is near.
#[must_use]
pub fn clock(at: Instant) -> String {
    token(at, "{date_short_pretty} {time_secs}")
}

/// A point in time where Slack renders no dates: notifications, plain text.
#[must_use]
pub fn plain_date(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn token(at: Instant, form: &str) -> String {
    format!("<!date^{}^{form}|{}>", at.timestamp(), plain_date(at))
}

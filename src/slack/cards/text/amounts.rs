//! Numbers, sizes and times for people.

use crate::domain::Instant;

/// A number with its thousands apart: `12,345`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 row`, `60 rows`.
#[must_use]
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Bytes for people, in powers of 1000: `1.4 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return counted(n, "byte", "bytes");
    }
    let mut size: u128 = 1;
    let mut tenths = 0;
    let mut unit = "";
    for name in UNITS {
        size *= 1000;
        tenths = (u128::from(n) * 10 + size / 2) / size;
        unit = name;
        if tenths < 10_000 {
            break;
        }
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

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

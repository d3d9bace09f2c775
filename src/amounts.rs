//! Numbers and sizes for people, in one way everywhere. Money is written by `systems::stripe`: approvers type it.

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

/// The same for what may be below zero: `-1,200`.
#[must_use]
pub fn signed(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", count(n.unsigned_abs()))
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

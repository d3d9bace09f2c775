//! Numbers, sizes and money for people, in one way everywhere.

/// Currencies that Stripe counts in whole units.
const WHOLE: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];
/// Currencies that Stripe counts in thousandths.
pub const THOUSANDTHS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

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

/// How many decimals the smallest unit of a currency stands for. The code may be in any letter case.
#[must_use]
pub fn decimals(currency: &str) -> u32 {
    let code = currency.to_ascii_lowercase();
    if WHOLE.contains(&code.as_str()) {
        0
    } else if THOUSANDTHS.contains(&code.as_str()) {
        3
    } else {
        2
    }
}

/// An amount in the currency's smallest unit, with the currency's own decimals: `12.50`, `1200`, `5.120`.
#[must_use]
pub fn decimal(minor: i64, currency: &str) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    match decimals(currency) {
        0 => format!("{sign}{minor}"),
        decimals => {
            let (unit, width) = (10_u64.pow(decimals), decimals as usize);
            format!("{sign}{}.{:0width$}", minor / unit, minor % unit)
        }
    }
}

/// The same with the currency: `12.50 USD`.
#[must_use]
pub fn money(minor: i64, currency: &str) -> String {
    let number = decimal(minor, currency);
    format!("{number} {}", currency.to_ascii_uppercase())
}

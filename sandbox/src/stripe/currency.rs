//! Amounts as people read them, and what Stripe keeps of them.

/// Currencies without a smaller unit: 500 is five hundred.
const ZERO_DECIMAL: [&str; 15] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
    "xof", "xpf",
];
/// What a dispute costs, in the currency's smallest unit.
pub(super) const DISPUTE_FEE: i64 = 1500;

fn is_zero_decimal(currency: &str) -> bool {
    ZERO_DECIMAL.contains(&currency)
}

/// An amount as error messages have it.
pub(super) fn shown(amount: i64, currency: &str) -> String {
    let number = if is_zero_decimal(currency) {
        amount.to_string()
    } else {
        format!("{}.{:02}", amount / 100, amount % 100)
    };
    match currency {
        "usd" => format!("${number}"),
        "eur" => format!("€{number}"),
        "gbp" => format!("£{number}"),
        "jpy" => format!("¥{number}"),
        "inr" => format!("₹{number}"),
        other => format!("{number} {}", other.to_uppercase()),
    }
}

/// What Stripe keeps of a charge: 2.9 % and 30 cents, 3.6 % where there are no cents.
pub(super) fn fee(amount: i64, currency: &str) -> i64 {
    if is_zero_decimal(currency) {
        amount * 36 / 1000
    } else {
        amount * 29 / 1000 + 30
    }
}

//! Amounts as Stripe counts them, and as people write them.

pub mod sign;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::amounts;

/// Currencies that Stripe counts in hundredths although they have none: only whole units are accepted.
const WHOLE_IN_HUNDREDTHS: [&str; 2] = ["isk", "ugx"];

/// An ISO 4217 code in lower case, as Stripe writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(pub String);

/// An amount of money, in the currency's smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How many of the smallest unit.
    pub minor: i64,
    pub currency: Currency,
}

/// Why a typed amount is none of this currency. The texts are for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a number, nothing, or too much to count.
    #[error("`{0}` is not an amount")]
    NotANumber(String),
    /// More decimals than the currency has.
    #[error("{currency} has {decimals} decimals, `{typed}` has more")]
    TooFine {
        typed: String,
        currency: Currency,
        /// How many it has.
        decimals: u32,
    },
    /// It names a currency, and not certainly this one.
    #[error(
        "`{sign}` does not certainly mean {currency}, which this payment is in: write `{number} {currency}`"
    )]
    OtherCurrency {
        /// The currency as it was typed.
        sign: String,
        /// The number beside it.
        number: String,
        currency: Currency,
    },
    /// A point or comma before three digits, which people write between thousands or before decimals.
    #[error(
        "`{0}` can be read in two ways: write thousands without a separator, and at most two decimals"
    )]
    TwoReadings(String),
    /// Stripe does not take such small parts of this currency.
    #[error("Stripe takes {currency} in steps of {step} only")]
    Step {
        currency: Currency,
        /// The smallest step, as people write it.
        step: String,
    },
}

impl Currency {
    /// How many decimals Stripe's smallest unit stands for.
    #[must_use]
    pub fn decimals(&self) -> u32 {
        amounts::decimals(&self.0)
    }

    /// The smallest amount by which two accepted amounts can differ, in the smallest unit.
    #[must_use]
    pub fn step(&self) -> i64 {
        let code = self.0.to_ascii_lowercase();
        if amounts::THOUSANDTHS.contains(&code.as_str()) {
            // The last digit must be 0.
            10
        } else if WHOLE_IN_HUNDREDTHS.contains(&code.as_str()) {
            100
        } else {
            1
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_ascii_uppercase())
    }
}

impl Money {
    /// An amount in the smallest unit.
    #[must_use]
    pub fn new(minor: i64, currency: &Currency) -> Self {
        Self {
            minor,
            currency: currency.clone(),
        }
    }

    /// Reads digits with at most one dot, as `12.50`, exactly: nothing is rounded. After a space the currency may be named,
    /// as in `12.50 USD`; then it must be this one.
    pub fn parse(typed: &str, currency: &Currency) -> Result<Self, MoneyError> {
        let none = || MoneyError::NotANumber(typed.to_owned());
        let (number, named) = typed.split_once(' ').unwrap_or((typed, ""));
        if !named.is_empty() && !sign::is_currency(named, currency) {
            return Err(MoneyError::OtherCurrency {
                sign: named.to_owned(),
                number: number.to_owned(),
                currency: currency.clone(),
            });
        }
        let decimals = currency.decimals();
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) {
            return Err(none());
        }
        let width = decimals as usize;
        let may_be_thousands = part.len() == 3 && width != 3;
        let part = part.trim_end_matches('0');
        if may_be_thousands && part.len() <= width {
            return Err(MoneyError::TwoReadings(number.to_owned()));
        }
        if part.len() > width {
            return Err(MoneyError::TooFine {
                typed: typed.to_owned(),
                currency: currency.clone(),
                decimals,
            });
        }
        let minor: i64 = format!("{whole}{part:0<width$}")
            .parse()
            .map_err(|_| none())?;
        let money = Self::new(minor, currency);
        if minor % currency.step() != 0 {
            return Err(MoneyError::Step {
                currency: currency.clone(),
                step: Self::new(currency.step(), currency).number(),
            });
        }
        Ok(money)
    }

    /// The number alone, with the currency's own decimals: `12.50`, `1200`, `5.120`.
    #[must_use]
    pub fn number(&self) -> String {
        amounts::decimal(self.minor, &self.currency.0)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&amounts::money(self.minor, &self.currency.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Currency {
        Currency(code.to_owned())
    }

    fn shown(minor: i64, code: &str) -> String {
        Money::new(minor, &of(code)).to_string()
    }

    fn read(typed: &str, code: &str) -> Result<i64, String> {
        let money = Money::parse(typed, &of(code));
        money
            .map(|money| money.minor)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn amounts_are_shown_with_the_decimals_of_their_currency() {
        assert_eq!(shown(1999, "usd"), "19.99 USD");
        assert_eq!(shown(5, "eur"), "0.05 EUR");
        assert_eq!(shown(1200, "jpy"), "1200 JPY");
        assert_eq!(shown(5120, "kwd"), "5.120 KWD");
        assert_eq!(shown(500, "isk"), "5.00 ISK");
        assert_eq!(shown(-250, "usd"), "-2.50 USD");
    }

    #[test]
    fn typed_amounts_are_read_exactly() {
        assert_eq!(read("12.5", "usd"), Ok(1250));
        assert_eq!(read("12", "usd"), Ok(1200));
        assert_eq!(read("1200", "jpy"), Ok(1200));
        assert_eq!(read("1200.0", "jpy"), Ok(1200));
        assert_eq!(read("5.12", "kwd"), Ok(5120));
        assert_eq!(read("5", "ugx"), Ok(500));
    }

    #[test]
    fn a_currency_that_is_named_must_be_the_one_that_is_paid_in() {
        for (typed, code, minor) in [
            ("12.50 USD", "usd", 1250),
            ("12.50 $", "usd", 1250),
            ("50 kr", "sek", 5000),
            ("500 ¥", "jpy", 500),
            ("5.120 KWD", "kwd", 5120),
        ] {
            assert_eq!(read(typed, code), Ok(minor), "{typed}");
        }
        for (typed, code) in [("12.50 EUR", "usd"), ("12.50 $", "cad"), ("50 kr", "usd")] {
            let says = read(typed, code).unwrap_err();
            let named = typed.split_once(' ').unwrap().1;
            assert!(
                says.contains(&format!("`{named}` does not certainly mean")),
                "{says}"
            );
        }
    }

    #[test]
    fn what_the_currency_has_not_got_is_refused_and_not_rounded() {
        assert_eq!(
            read("12.345", "usd"),
            Err("USD has 2 decimals, `12.345` has more".into())
        );
        assert_eq!(
            read("12.5", "jpy"),
            Err("JPY has 0 decimals, `12.5` has more".into())
        );
        assert_eq!(
            read("5.125", "kwd"),
            Err("Stripe takes KWD in steps of 0.010 only".into())
        );
        assert_eq!(
            read("5.5", "isk"),
            Err("Stripe takes ISK in steps of 1.00 only".into())
        );
        for (typed, code) in [("1.200", "usd"), ("1.000", "jpy"), ("1.230", "usd")] {
            let says = read(typed, code).unwrap_err();
            assert!(says.contains("can be read in two ways"), "{says}");
        }
        assert!(read("1e3", "usd").is_err());
        assert!(read("99999999999999999999", "usd").is_err());
    }
}

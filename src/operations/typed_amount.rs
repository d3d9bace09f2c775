//! Amounts of money as people type them: with a currency before or after the number, in one word or in several.
//!
//! An amount that may be left out stands before a reason of any words. What is nearly an amount must not become the reason's
//! beginning: then all of a payment would be meant instead of a part. So whatever looks like a number or like money there is
//! read as an amount or refused.

mod reason;

use self::reason::{is_in_words, of_words};
use crate::systems::stripe::money::sign::{is_sign, names_currency};

/// What the words at a place come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    /// An amount as operations get it, `12.50` or `12.50 USD`, and the number of words that it took.
    Amount(String, usize),
    /// Words that are meant as an amount, and why they are none.
    Nearly(String, &'static str),
    /// Something else.
    Nothing,
}

const UNREADABLE: &str = "it is no number with at most one point";
const TWO_READINGS: &str = "a point or comma before three digits can be read in two ways";
const TWO_CURRENCIES: &str = "it names a currency twice";
const GOES_ON: &str = "the number seems to go on after the space";
const NOT_ITS_PLACE: &str = "the currency belongs right after the number";
const IN_WORDS: &str = "it is written in words";
const NOT_FIRST: &str = "the amount must come right after the payment";

/// What makes another number of the one before it.
const FACTORS: &[&str] = &[
    "k", "m", "mio", "hundred", "thousand", "million", "dozen", "cent", "cents", "ct", "cts", "¢",
    "pence", "p", "percent", "%",
];
/// The words that are looked through.
const LOOKED_AT: usize = 6;
/// The most digits before the point.
const DIGITS: usize = 9;

/// Reads an amount at the beginning of some words.
pub(super) fn read(words: &[&str]) -> Typed {
    let plain: Vec<String> = words
        .iter()
        .take(LOOKED_AT)
        .map(|word| ascii(word))
        .collect();
    let words: Vec<&str> = plain.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => Typed::Nothing,
        [group, ..] if group.contains(char::is_whitespace) => of_group(group),
        [word, number, ..] if looks_like_a_number(number) && currency_of(word).is_some() => {
            of_number(&words[1..], currency_of(word), 1)
        }
        [word, ..] if looks_like_a_number(word) => of_number(&words, None, 0),
        words => of_words(words),
    }
}

/// Several words in quotes stand for one.
fn of_group(group: &str) -> Typed {
    let inner: Vec<&str> = group.split_whitespace().collect();
    match read(&inner) {
        Typed::Amount(amount, taken) if taken == inner.len() => Typed::Amount(amount, 1),
        Typed::Amount(..) => Typed::Nearly(group.to_owned(), GOES_ON),
        other => other,
    }
}

/// A number with what stands around it; `before` is the currency in the word before, which took `taken` words.
fn of_number(words: &[&str], before: Option<&str>, taken: usize) -> Typed {
    let Some((word, mut rest)) = words.split_first() else {
        return Typed::Nothing;
    };
    let word = trimmed(word);
    let typed = before.map_or_else(|| word.to_owned(), |before| format!("{before} {word}"));
    let nearly = |why| Typed::Nearly(typed.clone(), why);
    let (left, number, right) = parts(word);
    let number = match canonical(number) {
        Ok(number) => number,
        Err(why) => return nearly(why),
    };
    let glued = [left, right]
        .into_iter()
        .filter(|sign| !sign.is_empty())
        .map(currency_of);
    let Some(glued) = glued.collect::<Option<Vec<&str>>>() else {
        return nearly(UNREADABLE);
    };
    let mut signs: Vec<&str> = before.into_iter().chain(glued).collect();
    let mut taken = taken + 1;
    if let Some((next, after)) = rest.split_first() {
        match currency_of(next) {
            Some(sign) => {
                signs.push(sign);
                taken += 1;
                rest = after;
            }
            None if next.chars().any(is_sign) => {
                return Typed::Nearly(format!("{typed} {next}"), UNREADABLE);
            }
            None => {}
        }
    }
    let is_whole = !number.contains('.');
    if let Some(why) = goes_on(rest, is_whole, signs.is_empty()) {
        let more = rest.first().unwrap_or(&"");
        return Typed::Nearly(format!("{typed} {more}"), why);
    }
    match signs.as_slice() {
        [] => Typed::Amount(number, taken),
        [sign] => Typed::Amount(format!("{number} {sign}"), taken),
        _ => nearly(TWO_CURRENCIES),
    }
}

/// A word without the punctuation at its end.
fn trimmed(word: &str) -> &str {
    word.trim_end_matches([',', ';', ':', '!', ')'])
}

/// The currency that a word names, without the brackets and the punctuation around it. A full stop can belong to it: `Rs.`.
fn currency_of(word: &str) -> Option<&str> {
    let is_around = |c: char| !c.is_alphanumeric() && !is_sign(c) && !matches!(c, '-' | '−' | '+');
    [word, trimmed(word), word.trim_matches(is_around)]
        .into_iter()
        .find(|word| names_currency(word))
}

/// Why the words after an amount make another one of it.
fn goes_on(after: &[&str], is_whole: bool, is_bare: bool) -> Option<&'static str> {
    let (first, more) = after.split_first()?;
    let lower = first.to_lowercase();
    let bare = lower.trim_matches([',', '.', ';', ':']);
    let is_number = |word: &&str| looks_like_a_number(word) || is_in_words(word);
    if looks_like_a_number(first) || FACTORS.contains(&bare) || matches!(*first, "." | ",") {
        return Some(GOES_ON);
    }
    // `3 of 5`, `12 fifty`; `12.50 half of it fell out` is an amount and a reason.
    let is_continued = bare == "of" && is_bare || is_in_words(first);
    if is_whole && is_continued {
        return Some(GOES_ON);
    }
    let joins = matches!(bare, "and" | "point" | "comma" | "or" | "to")
        || !first.chars().any(char::is_alphanumeric);
    if joins && more.iter().take(2).any(is_number) {
        return Some(GOES_ON);
    }
    let is_sure = |name: &str| name.chars().count() > 2 || name.chars().any(is_sign);
    let glued = first.split(|c: char| !c.is_alphanumeric() && !is_sign(c));
    let glued = glued.filter_map(currency_of).find(|name| is_sure(name));
    let second = more.first().and_then(|word| currency_of(word));
    let second = second.filter(|name| is_sure(name));
    glued.or(second).map(|_| NOT_ITS_PLACE)
}

/// Whether a word is a number or money, or was meant as one: what stands before its first digit is a sign, a currency, or
/// three letters. `#4711` and `OPS-1001` are names.
fn looks_like_a_number(word: &str) -> bool {
    let Some(at) = word.find(char::is_numeric) else {
        return false;
    };
    let before = &word[..at];
    let letters = before.trim_matches(|c: char| !c.is_alphanumeric() && !is_sign(c));
    let names = !letters.is_empty() && names_currency(letters);
    let is_code = before.len() == 3 && before.chars().all(|c| c.is_ascii_alphabetic());
    let is_punctuation =
        !before.contains(['#', '@', '/', '&', '_']) && !before.contains(char::is_alphanumeric);
    // `kr50` and `USD-5`; `case#12` is a name.
    let is_named = names && !before.ends_with(['_', '#']);
    is_punctuation || is_code || is_named || before.chars().any(is_sign)
}

/// What stands before a number, the number with its separators, and what stands after it.
fn parts(word: &str) -> (&str, &str, &str) {
    let is_digit = |c: char| c.is_ascii_digit();
    let from = word.find(is_digit).unwrap_or(word.len());
    let (left, rest) = word.split_at(from);
    let is_outside = |c: char| !is_digit(c) && !matches!(c, '.' | ',' | '\'');
    let until = rest.find(is_outside).unwrap_or(rest.len());
    let (number, right) = rest.split_at(until);
    (left, number, right)
}

/// Digits, with a point before decimals. Commas are read as points, and separators of thousands are left out, where neither
/// can mean anything else.
fn canonical(number: &str) -> Result<String, &'static str> {
    let is_separator = |c: char| !c.is_ascii_digit();
    let Some(at) = number.rfind(is_separator) else {
        return checked(number, None);
    };
    let (whole, decimals) = (&number[..at], &number[at + 1..]);
    let separator = &number[at..=at];
    let groups: Vec<&str> = whole.split(is_separator).collect();
    match (groups.as_slice(), decimals.len()) {
        ([whole], 1 | 2) if separator != "'" => checked(whole, Some(decimals)),
        // Some currencies have three decimals; for the others this is refused once the currency is known.
        ([whole], 3) if separator == "." => checked(whole, Some(decimals)),
        ([_], 3) => Err(TWO_READINGS),
        ([first, rest @ ..], 1 | 2)
            if !rest.is_empty()
                && !whole.contains(separator)
                && (1..=3).contains(&first.len())
                && rest.iter().all(|group| group.len() == 3)
                && one_kind(whole) =>
        {
            checked(&groups.concat(), Some(decimals))
        }
        ([_, _, ..], _) => Err(TWO_READINGS),
        _ => Err(UNREADABLE),
    }
}

/// Whether all separators are the same.
fn one_kind(whole: &str) -> bool {
    let mut separators = whole.chars().filter(|c| !c.is_ascii_digit());
    let first = separators.next();
    separators.all(|other| Some(other) == first)
}

fn checked(whole: &str, decimals: Option<&str>) -> Result<String, &'static str> {
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let number = match decimals {
        Some(decimals) => format!("{whole}.{decimals}"),
        None => whole.to_owned(),
    };
    let fits = digits(whole) && whole.len() <= DIGITS && decimals.is_none_or(digits);
    match fits && number.contains(|c| matches!(c, '1'..='9')) {
        true => Ok(number),
        false => Err(UNREADABLE),
    }
}

/// The wide characters of Asian keyboards as ASCII.
fn ascii(word: &str) -> String {
    let plain = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{FFE1}' => '£',
        '\u{FFE5}' => '¥',
        '\u{FFE6}' => '₩',
        '\u{FFE0}' => '¢',
        other => other,
    };
    word.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Typed {
        read(&line.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn an_amount_is_read_with_its_currency_wherever_that_stands() {
        for (line, amount, taken) in [
            ("12.50 charged twice", "12.50", 1),
            ("12 charged twice", "12", 1),
            ("5.00 half of the test was interrupted", "5.00", 1),
            ("12,50 charged twice", "12.50", 1),
            ("12.50USD charged twice", "12.50 USD", 1),
            ("12.50 USD charged twice", "12.50 USD", 2),
            ("12.50 usd, charged twice", "12.50 usd", 2),
            ("USD12.50 charged twice", "12.50 USD", 1),
            ("USD 12.50 charged twice", "12.50 USD", 2),
            ("US$12.50 charged twice", "12.50 US$", 1),
            ("CA$12.50 charged twice", "12.50 CA$", 1),
            ("R$50 charged twice", "50 R$", 1),
            ("Rs.500 charged twice", "500 Rs.", 1),
            ("kr50 charged twice", "50 kr", 1),
            ("50kr charged twice", "50 kr", 1),
            ("$ 12.50 charged twice", "12.50 $", 2),
            ("$12.50 charged twice", "12.50 $", 1),
            ("12.50$ charged twice", "12.50 $", 1),
            ("12,50 € charged twice", "12.50 €", 2),
            ("€12.50 charged twice", "12.50 €", 1),
            ("£5 charged twice", "5 £", 1),
            ("¥500 charged twice", "500 ¥", 1),
            ("zł 5 charged twice", "5 zł", 2),
            ("1.234,56 charged twice", "1234.56", 1),
            ("1,234.56 charged twice", "1234.56", 1),
            ("1'234.56 charged twice", "1234.56", 1),
            ("１２.５０ charged twice", "12.50", 1),
            ("＄１２．５０ charged twice", "12.50 $", 1),
            ("12.50 dollars were charged twice", "12.50 dollars", 2),
            ("5.120 KWD charged twice", "5.120 KWD", 2),
            ("12.50 (USD) charged twice", "12.50 USD", 2),
            ("12.50 [USD] charged twice", "12.50 USD", 2),
            ("12.50 USD. Charged twice", "12.50 USD", 2),
            ("12.50 US$. Charged twice", "12.50 US$", 2),
            ("12.50USD. Charged twice", "12.50 USD", 1),
            ("12.50(USD) charged twice", "12.50 USD", 1),
            ("(USD) 12.50 charged twice", "12.50 USD", 2),
            ("12.50 Rs. charged twice", "12.50 Rs.", 2),
        ] {
            assert_eq!(of(line), Typed::Amount(amount.to_owned(), taken), "{line}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one list of examples")]
    fn what_is_nearly_an_amount_is_none_and_nothing_else() {
        for line in [
            "1,234 charged twice",
            "1.234.567 charged twice",
            "1,23,456 charged twice",
            "12.5000 charged twice",
            "12. charged twice",
            ".50 charged twice",
            "-3 charged twice",
            "−3 charged twice",
            "+5 charged twice",
            "~5 charged twice",
            "(5) charged twice",
            "0 charged twice",
            "0.00 charged twice",
            "5,- charged twice",
            "12k charged twice",
            "12 k charged twice",
            "12 thousand charged twice",
            "12.5O charged twice",
            "1O charged twice",
            "12x charged twice",
            "50% charged twice",
            "50 % of it charged twice",
            "50 percent charged twice",
            "50 cents charged twice",
            "50¢ charged twice",
            "12 . 50 charged twice",
            "12 .50 charged twice",
            "12 , 50 charged twice",
            "12 50 charged twice",
            "1 234,56 charged twice",
            "12 - 15 charged twice",
            "12 and a half charged twice",
            "12 and 50 cents charged twice",
            "USD-12.50 charged twice",
            "USD: 1,234 charged twice",
            "XYZ50 charged twice",
            "Z$50 charged twice",
            "$ charged twice",
            "€ charged twice",
            "$12.50 USD charged twice",
            "USD 12.50 EUR charged twice",
            "12.50 US dollars charged twice",
            "12.50 in EUR charged twice",
            "USD 1,234 charged twice",
            "half of it was charged twice",
            "ten dollars charged twice",
            "twelve charged twice",
            "partial refund agreed by phone",
            "only 12.50 charged twice",
            "only $12 charged twice",
            "for 12.50 USD charged twice",
            "amount: 12.50 charged twice",
            "a 5 dollar refund was agreed",
            "the $5 charge was made twice",
            "amount=12.50 charged twice",
            "٥٠ charged twice",
            "12.50USD15 charged twice",
            "1234567890 charged twice",
            "12.50 (Z$) charged twice",
            "12.50 USD/EUR charged twice",
            "3 of 5 lessons",
            "12 fifty charged twice",
            "12 USD fifty charged twice",
            "only 12 charged twice",
            "--amount 12 charged twice",
            "--amount=12 charged twice",
            "amount: 12 charged twice",
            "amount = 12 charged twice",
            "amount:12 charged twice",
            "amount12 charged twice",
            "just 5 charged twice",
            "refund 12 charged twice",
            "please refund only 12 charged twice",
            "refund her 12 charged twice",
            "exactly 12 charged twice",
            "approx. 12 charged twice",
            "up to 12 charged twice",
            "up to $12.50 charged twice",
            "only half was held",
            "a half of it",
            "a third of it",
            "only the first half was held",
            "just a quarter was held",
            "only ten dollars were charged twice",
            "only ten charged twice",
            "a ten dollar refund was agreed",
            "twenty-five dollars charged twice",
            "partial:12.50 charged twice",
            "please 12.50 charged twice",
            "for Maria 12.50 charged twice",
            "for Maria USD 12 charged twice",
            "for Maria 12 EUR charged twice",
            "for Maria 12€ charged twice",
            "a 50% refund was agreed",
            "_12_ charged twice",
            "_12.50_ charged twice",
        ] {
            assert!(
                matches!(of(line), Typed::Nearly(..)),
                "{line}: {:?}",
                of(line)
            );
        }
    }

    #[test]
    fn a_reason_is_none() {
        for line in [
            "charged twice",
            "lesson 2 fell out",
            "the 2 lessons of Monday fell out",
            "for 2 lessons that fell out",
            "#4711 says it all",
            "OPS-1001 was not refunded",
            "for the 3rd lesson",
            "about two weeks ago it was charged twice",
            "JIRA-12 has the details",
            "EUR payment was charged twice",
            "try again later",
            "all tests failed",
            "paid with €uro",
            "duplicate",
            "only a try",
            "only one lesson took place",
            "only #4711 was charged",
            "about OPS-1001",
            "just charged twice",
            "return of the books",
            "the rest as well",
            "by its charge",
            "for the third time",
            "no-one came",
            "with https://example.com/a?b=%205$ as proof",
        ] {
            assert_eq!(of(line), Typed::Nothing, "{line}");
        }
    }

    #[test]
    fn quoted_words_are_one() {
        assert_eq!(
            read(&["12.50 USD", "charged"]),
            Typed::Amount("12.50 USD".into(), 1)
        );
        assert!(matches!(read(&["2 tests fell out"]), Typed::Nearly(..)));
        assert_eq!(read(&["the test fell out"]), Typed::Nothing);
    }
}

//! Amounts that do not stand first: after an introducing word, in words, or among the first words of a reason.

use super::{
    IN_WORDS, NOT_FIRST, Typed, UNREADABLE, canonical, currency_of, looks_like_a_number, parts,
    read,
};
use crate::systems::stripe::money::sign::is_sign;

/// Parts of the whole.
const PARTS: &[&str] = &[
    "half",
    "halves",
    "quarter",
    "quarters",
    "part",
    "partial",
    "partially",
];
/// Parts when `of` follows, and places in a row otherwise.
const PLACES: &[&str] = &["third", "thirds", "fourth", "fifth", "tenth"];
/// Numbers in words.
const NUMBERS: &str = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
                       seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand \
                       dozen";
/// What makes money, or a part, of the number before it.
const UNITS: &[&str] = &["cent", "cents", "ct", "cts", "pence", "percent", "%"];
/// Words after which any number is an amount.
const ALWAYS: &str = "amount amt sum total value refund refunds return max maximum most least than please pls give pay send";
/// The same, but what follows may be a number of lessons, or a time.
const MOSTLY: &str = "only just exactly about around roughly approx approximately ca circa";
/// Words after which an amount is meant when what follows looks like money.
const SOMETIMES: &str =
    "a an the of for by to in with at no not more less back her him them customer";
/// What is counted and is no money.
const COUNTED: &[&str] = &[
    "second", "minute", "hour", "day", "week", "month", "year", "time", "lesson", "test", "exam",
    "credit", "class", "course", "student", "person", "people", "payment", "charge", "attempt",
];

/// How surely an amount follows after a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Introduces {
    Sometimes,
    Mostly,
    Always,
}

/// Whether a word is a number in words, or a part.
pub(super) fn is_in_words(word: &str) -> bool {
    let first = pieces(&[word]).into_iter().next();
    first.is_some_and(|piece| is_number_word(&piece) || is_one_of(&piece, PARTS))
}

/// Words that do not begin with a number.
pub(super) fn of_words(words: &[&str]) -> Typed {
    let Some(word) = words.first() else {
        return Typed::Nothing;
    };
    let pieces = pieces(words);
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let Some(first) = pieces.first() else {
        return Typed::Nothing;
    };
    let is_part = is_one_of(first, PLACES) && pieces.get(1).is_some_and(|next| *next == "of");
    if is_in_words(first) || is_part {
        return Typed::Nearly((*word).to_owned(), IN_WORDS);
    }
    if word.chars().any(is_sign) || looks_like_a_number(first) {
        return Typed::Nearly((*word).to_owned(), UNREADABLE);
    }
    let is_flag = (word.starts_with(['-', '–', '—']) || word.contains('='))
        && word.contains(char::is_alphanumeric)
        && !word.contains("://");
    if is_introduced(&pieces, is_flag) || names_money(&pieces) {
        let typed = words.iter().take(TOLD).copied().collect::<Vec<_>>();
        return Typed::Nearly(typed.join(" "), NOT_FIRST);
    }
    Typed::Nothing
}

/// How many words are said again.
const TOLD: usize = 4;

/// The words cut at spaces, dashes, colons and equal signs, without other punctuation, and a number that is glued to an
/// introducing word. Links are left out.
fn pieces(words: &[&str]) -> Vec<String> {
    let is_cut =
        |c: char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | ':' | '=');
    let is_around =
        |c: char| !c.is_alphanumeric() && !is_sign(c) && !matches!(c, '%' | '#' | '@' | '/' | '&');
    let words = words.iter().filter(|word| !word.contains("://"));
    let cut = words.flat_map(|word| word.split(is_cut));
    cut.map(|piece| piece.trim_matches(is_around))
        .filter(|piece| !piece.is_empty())
        .flat_map(|piece| {
            let at = piece.find(char::is_numeric).unwrap_or(0);
            let (word, number) = piece.split_at(at);
            match introduces(word) > Some(Introduces::Sometimes) {
                true => vec![word.to_owned(), number.to_owned()],
                false => vec![piece.to_owned()],
            }
        })
        .collect()
}

fn is_one_of(piece: &str, words: &[&str]) -> bool {
    words.contains(&piece.to_lowercase().as_str())
}

fn is_listed(piece: &str, words: &str) -> bool {
    let lower = piece.to_lowercase();
    words.split_whitespace().any(|word| word == lower)
}

fn is_number_word(piece: &str) -> bool {
    is_listed(piece, NUMBERS)
}

fn introduces(piece: &str) -> Option<Introduces> {
    [
        (ALWAYS, Introduces::Always),
        (MOSTLY, Introduces::Mostly),
        (SOMETIMES, Introduces::Sometimes),
    ]
    .into_iter()
    .find(|(words, _)| is_listed(piece, words))
    .map(|(_, how)| how)
}

/// Whether the words begin with one that introduces an amount, and the amount follows. An option, as `--amount`, always does.
fn is_introduced(pieces: &[&str], is_flag: bool) -> bool {
    let mut strongest = is_flag.then_some(Introduces::Always);
    let mut at = usize::from(is_flag);
    while let Some(piece) = pieces.get(at) {
        let is_up_to = piece.eq_ignore_ascii_case("up")
            && pieces
                .get(at + 1)
                .is_some_and(|to| to.eq_ignore_ascii_case("to"));
        let how = match is_up_to {
            true => Some(Introduces::Always),
            false => introduces(piece),
        };
        if how.is_none() {
            break;
        }
        strongest = strongest.max(how);
        at += 1;
    }
    let (Some(how), Some((next, after))) = (
        strongest,
        pieces.get(at..).and_then(|rest| rest.split_first()),
    ) else {
        return false;
    };
    let is_place = is_one_of(next, PLACES);
    if is_one_of(next, PARTS) || is_place && after.first().is_some_and(|of| *of == "of") {
        return true;
    }
    if how == Introduces::Sometimes {
        return looks_like_money(&pieces[at..]);
    }
    let has_part = after.iter().take(2).any(|word| is_one_of(word, PARTS));
    let is_number = looks_like_a_number(next) && !is_ordinal(next);
    let is_counted = how == Introduces::Mostly && counts_something(after);
    has_part
        || is_place
        || is_number
        || currency_of(next).is_some()
        || is_number_word(next) && !is_counted
}

/// Whether a number with a point, a currency or a percent sign stands at the beginning.
fn looks_like_money(pieces: &[&str]) -> bool {
    let is_number = |at: usize| {
        pieces
            .get(at)
            .is_some_and(|piece| looks_like_a_number(piece))
    };
    let is_after_currency = pieces
        .first()
        .is_some_and(|word| currency_of(word).is_some())
        && is_number(1);
    if !is_number(0) && !is_after_currency {
        return false;
    }
    match read(pieces) {
        Typed::Amount(amount, _) => amount.contains(['.', ' ']),
        Typed::Nearly(typed, _) => typed.contains(['.', ',', '%']) || typed.chars().any(is_sign),
        Typed::Nothing => false,
    }
}

/// Whether a number of things or a time follows: `weeks` after `two`.
fn counts_something(after: &[&str]) -> bool {
    let thing = after
        .iter()
        .find(|word| !is_number_word(word) && **word != "and");
    thing.is_some_and(|thing| {
        let thing = thing.to_lowercase();
        is_one_of(&thing, COUNTED) || is_one_of(thing.trim_end_matches('s'), COUNTED)
    })
}

/// `1st`, `2nd`, `3rd`, `4th`.
fn is_ordinal(piece: &str) -> bool {
    let (left, number, right) = parts(piece);
    left.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
        && is_one_of(right, &["st", "nd", "rd", "th"])
}

/// Whether one of the words is money beyond doubt.
fn names_money(pieces: &[&str]) -> bool {
    (0..pieces.len()).any(|at| is_money(pieces[at], pieces.get(at + 1).copied()))
}

fn is_money(piece: &str, next: Option<&str>) -> bool {
    let (left, number, right) = parts(piece);
    let is_digits = !number.is_empty() && left.is_empty() && right.is_empty();
    if is_digits || is_number_word(piece) {
        let makes_money = |next: &str| currency_of(next).is_some() || is_one_of(next, UNITS);
        if next.is_some_and(makes_money) {
            return true;
        }
    }
    if number.is_empty() {
        let is_before_number = next.is_some_and(looks_like_a_number);
        return is_before_number && currency_of(piece).is_some();
    }
    let around = [left, right];
    let is_currency = |sign: &str| currency_of(sign).is_some() || sign == "%";
    let has_two_decimals = canonical(number).is_ok_and(|number| {
        let decimals = number.split_once('.').map(|(_, decimals)| decimals);
        decimals.is_some_and(|decimals| decimals.len() == 2)
    });
    let is_plain = around
        .iter()
        .all(|sign| sign.is_empty() || is_currency(sign));
    let is_named = around.iter().any(|sign| is_currency(sign));
    piece.chars().any(is_sign) || is_plain && (is_named || has_two_decimals)
}

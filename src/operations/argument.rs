//! The arguments of operations: what each takes, and how it is read from a line or a form.

use std::time::Duration;

use super::{
    typed_amount::{self, Typed},
    typed_choice, typed_duration,
};
use crate::{
    network,
    systems::stripe::{PaymentId, is_stripe_link},
    text::Words,
};

#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name: `user`.
    pub name: &'static str,
    /// What the usage line calls it: the name, or what else may stand there (`user|all`).
    pub shown: &'static str,
    /// The label of its field in the modal.
    pub label: &'static str,
    /// What it takes, for help and modal.
    pub help: &'static str,
    /// What fits.
    pub takes: Takes,
    /// Of a choice, words that are understood and not offered: the plan says why it refuses them. Otherwise such a word
    /// would become the beginning of the reason.
    pub refused: &'static [&'static str],
    /// Whether it may be left out.
    pub optional: bool,
}

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Word,
    /// A person of the application, by e-mail address or user id.
    User,
    /// A whole number.
    Count {
        /// The smallest.
        least: u64,
        /// The largest.
        most: u64,
    },
    /// An amount of money: `12.50`, or with its currency `12.50 USD`.
    Amount,
    /// One of these, each of one or several words.
    Choice(&'static [&'static str]),
    /// A payment by its id, or by a link to it: `pi_…`.
    Payment,
    /// A request: `OPS-1042` or `1042`.
    Request,
    Month,
    /// A time, after the word `for`: `for 24h`.
    Duration {
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// An address or a network of the internet: `8.8.4.4`, `8.8.4.0/24`.
    Network,
}

impl Argument {
    /// An argument that must be given.
    #[must_use]
    pub const fn required(
        name: &'static str,
        label: &'static str,
        help: &'static str,
        takes: Takes,
    ) -> Self {
        Self {
            name,
            shown: name,
            label,
            help,
            takes,
            refused: &[],
            optional: false,
        }
    }

    /// An argument that may be left out. In front of a reason it is taken only when the word fits.
    #[must_use]
    pub const fn optional(
        name: &'static str,
        label: &'static str,
        help: &'static str,
        takes: Takes,
    ) -> Self {
        Self {
            name,
            shown: name,
            label,
            help,
            takes,
            refused: &[],
            optional: true,
        }
    }

    /// With another word in the usage line.
    #[must_use]
    pub const fn shown_as(self, shown: &'static str) -> Self {
        Self { shown, ..self }
    }

    /// With words that are understood and refused by the plan.
    #[must_use]
    pub const fn refusing(self, refused: &'static [&'static str]) -> Self {
        Self { refused, ..self }
    }

    /// `<user>`, `[n]`, `<on|off>`.
    #[must_use]
    pub fn usage(&self) -> String {
        let says = match self.takes {
            Takes::Choice(choices) => choices.join("|"),
            Takes::Duration { .. } => return format!("[for <{}>]", self.shown),
            _ => self.shown.to_owned(),
        };
        if self.optional {
            format!("[{says}]")
        } else {
            format!("<{says}>")
        }
    }

    /// Reads the argument from a line, beginning at a word.
    #[must_use]
    pub fn read(&self, words: &Words, at: usize) -> Reading {
        let Some(word) = words.get(at) else {
            return Reading::Nothing;
        };
        match self.takes {
            Takes::Choice(choices) => {
                let choices: Vec<&str> = choices.iter().chain(self.refused).copied().collect();
                match typed_choice::read(&words_from(words, at), &choices) {
                    Some((choice, length)) => Reading::Value(choice.to_owned(), length),
                    None => self.near_choice(&words_from(words, at), &choices),
                }
            }
            Takes::Amount => match typed_amount::read(&words_from(words, at)) {
                Typed::Amount(amount, length) => Reading::Value(amount, length),
                Typed::Nearly(typed, why) => Reading::Near {
                    says: not_an_amount(&typed, why),
                },
                Typed::Nothing => Reading::Nothing,
            },
            Takes::Duration { .. } => match typed_duration::read(&words_from(words, at)) {
                typed_duration::Typed::Duration(duration, length) => {
                    match self.check(&humantime::format_duration(duration).to_string()) {
                        Ok(value) => Reading::Value(value, length),
                        Err(says) => Reading::Near { says },
                    }
                }
                typed_duration::Typed::Nearly(typed, why) => Reading::Near {
                    says: format!("`{}` {why}", shortened(&typed)),
                },
                typed_duration::Typed::Nothing => Reading::Nothing,
            },
            Takes::Payment => self.payment(words, at),
            Takes::Count { .. } if goes_on(words.get(at + 1)) => Reading::Near {
                says: format!(
                    "`{}` seems to go on after the space: write the number in one word, or another word before the \
                     reason",
                    shortened(word)
                ),
            },
            Takes::Word
            | Takes::User
            | Takes::Count { .. }
            | Takes::Request
            | Takes::Month
            | Takes::Network => self.one_word(word),
        }
    }

    fn one_word(&self, word: &str) -> Reading {
        let is_meant =
            !self.optional || matches!(self.takes, Takes::Count { .. }) && is_numeric(word);
        match self.check(word) {
            Ok(value) => Reading::Value(value, 1),
            Err(says) if is_meant => Reading::Near { says },
            Err(_) => Reading::Nothing,
        }
    }

    fn near_choice(&self, words: &[&str], choices: &[&str]) -> Reading {
        let near = match self.optional {
            true => typed_choice::nearly(words, choices),
            false => words.first().map(|word| (*word).to_owned()),
        };
        match near {
            Some(typed) => Reading::Near {
                says: self.check(&typed).err().unwrap_or_default(),
            },
            None => Reading::Nothing,
        }
    }

    /// A payment at a place, or what was meant as one. A link whose text is not its address comes as its text and the address
    /// in brackets. A payment that is named anywhere in a reason must not be lost: credits are given once for it.
    fn payment(&self, words: &Words, at: usize) -> Reading {
        let found = |word: &str| PaymentId::parse(word).map(|id| id.to_string());
        let word = words.get(at).unwrap_or_default();
        if let Some(id) = found(word) {
            return named(words, at, id);
        }
        let labelled = (1..=LABEL_WORDS).find_map(|more| {
            let link = words.get(at + more)?;
            is_target(link).then(|| Some((found(link)?, more + 1)))?
        });
        if let Some((id, length)) = labelled {
            return Reading::Value(id, length);
        }
        if !self.optional || is_like_an_id(word, PaymentId::PREFIXES) || is_stripe_link(word) {
            return Reading::Near {
                says: self.check(word).err().unwrap_or_default(),
            };
        }
        let mut later = words.tokens().iter().skip(at);
        match later.find(|token| PaymentId::is_within(&token.text)) {
            Some(token) => Reading::Near {
                says: format!(
                    "`{}` in the reason names a payment: put the payment's id (pi_…) before the reason, as a word of its own",
                    shortened(&token.text)
                ),
            },
            None => Reading::Nothing,
        }
    }

    /// The value in the form in which operations get it.
    ///
    /// # Errors
    /// What is wrong with it, for the person who typed it.
    pub fn check(&self, typed: &str) -> Result<String, String> {
        let typed = typed.trim();
        let wrong = |says: &str| Err(format!("`{}` {says}", shortened(typed)));
        match self.takes {
            Takes::Word | Takes::User if typed.is_empty() => wrong("is empty"),
            Takes::Word | Takes::User => Ok(typed.to_owned()),
            Takes::Count { least, most } => match whole_number(typed) {
                Some(n) if (least..=most).contains(&n) => Ok(n.to_string()),
                _ => wrong(&format!("is not a whole number from {least} to {most}")),
            },
            Takes::Amount => {
                let words: Vec<&str> = typed.split_whitespace().collect();
                match typed_amount::read(&words) {
                    Typed::Amount(amount, length) if length == words.len() => Ok(amount),
                    Typed::Nearly(typed, why) => Err(not_an_amount(&typed, why)),
                    Typed::Amount(..) | Typed::Nothing => wrong("is not an amount such as 12.50"),
                }
            }
            Takes::Choice(choices) => choices
                .iter()
                .chain(self.refused)
                .find(|choice| choice.eq_ignore_ascii_case(typed))
                .map_or_else(
                    || wrong(&format!("is none of {}", choices.join(", "))),
                    |choice| Ok((*choice).to_owned()),
                ),
            Takes::Payment => match PaymentId::parse(typed) {
                Some(id) => Ok(id.to_string()),
                None => wrong(&format!(
                    "does not begin with {}, and is no link to one payment",
                    PaymentId::PREFIXES.join(" or ")
                )),
            },
            Takes::Duration { least, most } => match typed_duration::parse(typed) {
                Some(duration) if (least..=most).contains(&duration) => {
                    Ok(humantime::format_duration(duration).to_string())
                }
                Some(_) => wrong(&format!(
                    "is not between {} and {}",
                    humantime::format_duration(least),
                    humantime::format_duration(most)
                )),
                None => wrong("is not a time such as 24h, 7days or 30m"),
            },
            Takes::Network => match network::read(typed) {
                Ok(network) => Ok(network::written(&network)),
                Err(says) => wrong(&says),
            },
            Takes::Month if first_day(typed).is_some() => Ok(typed.to_owned()),
            Takes::Month => wrong("is not a month such as 2026-11"),
            Takes::Request => {
                let upper = typed.to_ascii_uppercase();
                let number = upper.strip_prefix("OPS-").unwrap_or(&upper);
                match whole_number(number).and_then(|n| u32::try_from(n).ok()) {
                    Some(n) if n > 0 => Ok(format!("OPS-{n}")),
                    _ => wrong("is not a request such as OPS-1042"),
                }
            }
        }
    }
}

/// What a place in a line comes to for an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// A value, and the number of words that it took.
    Value(String, usize),
    /// Something was meant for the argument and does not fit. In front of a reason it must not be taken for the reason's
    /// beginning.
    Near {
        /// What is wrong with it, for the person who typed it.
        says: String,
    },
    /// Nothing was meant for it.
    Nothing,
}

/// Words of a link's text that are looked through for its address.
const LABEL_WORDS: usize = 8;
/// Words that make another number of the one before them.
const FACTORS: &[&str] = &[
    "k", "hundred", "thousand", "million", "dozen", "%", "percent",
];

/// Whether a word is the address that stands after the text of a link, see the unwrapping of Slack's markup.
fn is_target(word: &str) -> bool {
    word.starts_with('(') && word.contains("://")
}

/// A payment whose id is the word at a place. The id can be the text of a link: then the address follows, must name the same
/// payment, and is no word of the reason.
fn named(words: &Words, at: usize, id: String) -> Reading {
    let address = (1..=LABEL_WORDS).find(|more| words.get(at + more).is_some_and(is_target));
    let Some(distance) = address else {
        return Reading::Value(id, 1);
    };
    let target = words.get(at + distance).and_then(PaymentId::parse);
    let is_same = target.is_some_and(|target| target.to_string() == id);
    match (distance, is_same) {
        (1, true) => Reading::Value(id, 2),
        (1, false) => Reading::Near {
            says: format!(
                "`{}` is the text of a link that does not lead to this payment alone: write the id or the link, not both",
                shortened(&id)
            ),
        },
        (_, true) => Reading::Near {
            says: format!(
                "`{}` begins the text of a link to it: write the id or the link, not both",
                shortened(&id)
            ),
        },
        (_, false) => Reading::Value(id, 1),
    }
}

fn words_from(words: &Words, at: usize) -> Vec<&str> {
    let tokens = words.tokens().iter().skip(at);
    tokens.map(|token| token.text.as_str()).collect()
}

fn not_an_amount(typed: &str, why: &str) -> String {
    format!(
        "`{}` is not an amount such as 12.50: {why}",
        shortened(typed)
    )
}

/// Digits and nothing else.
fn whole_number(typed: &str) -> Option<u64> {
    let digits = typed.chars().all(|c| c.is_ascii_digit());
    digits.then(|| typed.parse().ok())?
}

/// Whether the word after a count makes another number of it: `1 000`, `10 .5`, `10 k`.
fn goes_on(next: Option<&str>) -> bool {
    let Some(next) = next else {
        return false;
    };
    let bare = next.trim_start_matches(['.', ',', '\'']);
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let is_group = next.len() == 3 && digits(next);
    let is_fraction = bare.len() < next.len() && digits(bare);
    is_group || is_fraction || FACTORS.contains(&next.to_lowercase().as_str())
}

/// Begins as a number does: with a digit or a sign.
fn is_numeric(word: &str) -> bool {
    let number = word.trim_start_matches(['+', '-', '.', ',']);
    number.starts_with(char::is_numeric)
}

/// Is written as Stripe writes ids, or as one of these prefixes but for capitals and dashes.
fn is_like_an_id(word: &str, prefixes: &[&str]) -> bool {
    let plain = word.to_ascii_lowercase().replace('-', "_");
    if prefixes.iter().any(|prefix| plain.starts_with(prefix)) {
        return true;
    }
    // `OPS-1001` and `SUP-12` are numbers of a request and of a case.
    let is_kind =
        |kind: &str| (2..=6).contains(&kind.len()) && kind.chars().all(|c| c.is_ascii_lowercase());
    word.to_ascii_lowercase()
        .split_once('_')
        .is_some_and(|(kind, id)| is_kind(kind) && id.chars().any(|c| c.is_ascii_digit()))
}

/// Characters of a wrong value that are said again.
const ECHOED: usize = 40;

/// What somebody typed, to be said again: without code marks, and not too long.
pub(super) fn shortened(typed: &str) -> String {
    let mut out: String = typed.chars().filter(|c| *c != '`').take(ECHOED).collect();
    if typed.chars().count() > ECHOED {
        out.push('…');
    }
    out
}

/// The first day of a month that is written as four digits, a dash and two digits; `None` for anything else.
pub(super) fn first_day(month: &str) -> Option<chrono::NaiveDate> {
    let day = chrono::NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d");
    day.ok().filter(|_| month.len() == "2026-11".len())
}

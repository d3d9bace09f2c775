//! The arguments of operations: what each takes, and how it is read from a line or a form.

use crate::slack::inbound::text::Words;

/// One argument.
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
    /// One word.
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
    /// An amount of money with at most three decimals: `12.50`.
    Amount,
    /// One of these, each of one or several words.
    Choice(&'static [&'static str]),
    /// A word that begins with one of these: `pi_`.
    Prefixed(&'static [&'static str]),
    /// A request: `OPS-1042` or `1042`.
    Request,
    /// A month: `2026-11`.
    Month,
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
            _ => self.shown.to_owned(),
        };
        if self.optional {
            format!("[{says}]")
        } else {
            format!("<{says}>")
        }
    }

    /// Reads the argument from a line, beginning at a word. `None` when there is none that fits; else the value and
    /// the number of words that it took.
    #[must_use]
    pub fn read(&self, words: &Words, at: usize) -> Option<(String, usize)> {
        if let Takes::Choice(choices) = self.takes {
            // The longest first, so that `with files` is not read as `with`.
            let mut choices: Vec<_> = choices
                .iter()
                .chain(self.refused)
                .map(|choice| (choice, choice.split(' ').count()))
                .collect();
            choices.sort_by_key(|(_, length)| std::cmp::Reverse(*length));
            return choices.into_iter().find_map(|(choice, length)| {
                let typed: Option<Vec<&str>> = (at..at + length).map(|i| words.get(i)).collect();
                (typed?.join(" ").eq_ignore_ascii_case(choice))
                    .then(|| ((*choice).to_owned(), length))
            });
        }
        Some((self.check(words.get(at)?).ok()?, 1))
    }

    /// What was typed for this argument although it does not fit: an amount with a comma, a payment's id in capitals. In
    /// front of a reason such a word must not be taken for the reason's first. `None` when nothing was meant for it.
    #[must_use]
    pub fn nearly(&self, words: &Words, at: usize) -> Option<String> {
        let word = words.get(at)?;
        match self.takes {
            Takes::Count { .. } | Takes::Amount => is_numeric(word).then(|| word.to_owned()),
            Takes::Prefixed(prefixes) => is_like_an_id(word, prefixes).then(|| word.to_owned()),
            Takes::Choice(choices) => choices.iter().chain(self.refused).find_map(|choice| {
                let length = choice.split(' ').count();
                let typed: Option<Vec<&str>> = (at..at + length).map(|i| words.get(i)).collect();
                let alike =
                    |typed: &str| strsim::jaro_winkler(&typed.to_lowercase(), choice) >= NEARLY;
                let typed = typed.map(|typed| typed.join(" "));
                typed
                    .into_iter()
                    .chain([word.to_owned()])
                    .find(|typed| alike(typed))
            }),
            Takes::Word | Takes::User | Takes::Request | Takes::Month => None,
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
            Takes::Count { least, most } => match typed.parse::<u64>() {
                Ok(n) if (least..=most).contains(&n) => Ok(n.to_string()),
                _ => wrong(&format!("is not a whole number from {least} to {most}")),
            },
            Takes::Amount if is_amount(typed) => Ok(typed.to_owned()),
            Takes::Amount => wrong("is not an amount such as 12.50"),
            Takes::Choice(choices) => choices
                .iter()
                .chain(self.refused)
                .find(|choice| choice.eq_ignore_ascii_case(typed))
                .map_or_else(
                    || wrong(&format!("is none of {}", choices.join(", "))),
                    |choice| Ok((*choice).to_owned()),
                ),
            Takes::Prefixed(prefixes) => {
                let fits = prefixes
                    .iter()
                    .any(|prefix| typed.len() > prefix.len() && typed.starts_with(prefix));
                if fits && typed.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    Ok(typed.to_owned())
                } else {
                    wrong(&format!("does not begin with {}", prefixes.join(" or ")))
                }
            }
            Takes::Month if first_day(typed).is_some() => Ok(typed.to_owned()),
            Takes::Month => wrong("is not a month such as 2026-11"),
            Takes::Request => {
                let upper = typed.to_ascii_uppercase();
                let number = upper.strip_prefix("OPS-").unwrap_or(&upper);
                match number.parse::<u32>() {
                    Ok(n) if n > 0 => Ok(format!("OPS-{n}")),
                    _ => wrong("is not a request such as OPS-1042"),
                }
            }
        }
    }
}

/// How alike a wrong choice and a right one must be (Jaro-Winkler, 0 to 1) to be meant.
const NEARLY: f64 = 0.93;

/// Begins as a number does: with a digit, a sign or a currency (`$5`, `USD5`).
fn is_numeric(word: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let code = word.chars().take_while(char::is_ascii_alphabetic).count();
    let number = match code {
        0 => word.trim_start_matches(['$', '€', '£', '¥', '₹', '+', '-', '.', ',']),
        3 => &word[code..],
        _ => return false,
    };
    number.starts_with(digit)
}

/// Is written as Stripe writes ids, or as one of these prefixes but for capitals and dashes.
fn is_like_an_id(word: &str, prefixes: &[&str]) -> bool {
    let plain = word.to_ascii_lowercase().replace('-', "_");
    if prefixes.iter().any(|prefix| plain.starts_with(prefix)) {
        return true;
    }
    let is_kind =
        |kind: &str| (2..=6).contains(&kind.len()) && kind.chars().all(|c| c.is_ascii_lowercase());
    plain
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

/// Digits, and at most one dot with one to three digits after it; something above zero.
fn is_amount(typed: &str) -> bool {
    let (whole, decimals) = typed.split_once('.').unwrap_or((typed, "0"));
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    digits(whole)
        && whole.len() <= 9
        && digits(decimals)
        && decimals.len() <= 3
        && typed.chars().any(|c| matches!(c, '1'..='9'))
}

//! A time that somebody types: `for 24h`, `for 7 days`, `for 1 day 12 hours`. In front of a reason only the word `for` makes
//! one of it: a reason may begin with a number.

use std::time::Duration;

/// The word before it.
const FOR: &str = "for";

/// What stands at the beginning of some words.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A duration, and the words that it takes.
    Duration(Duration, usize),
    /// Something was meant as one.
    Nearly(String, &'static str),
    /// Nothing was meant as one.
    Nothing,
}

/// What some words begin with.
enum Begins {
    /// A duration, and the words that it takes.
    With(Duration, usize),
    /// Two durations of which the second does not go on with the first, as in `24h 3 days`: it may belong to the reason.
    Doubtful,
    /// Something else.
    Otherwise,
}

/// Reads it from the beginning of some words.
pub(super) fn read(words: &[&str]) -> Typed {
    let is_number = |word: Option<&&str>| {
        word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    };
    let nearly = |typed: &str, says| Typed::Nearly(typed.to_owned(), says);
    match words.first() {
        Some(first) if first.eq_ignore_ascii_case(FOR) => match begins(&words[1..]) {
            Begins::With(duration, length) => Typed::Duration(duration, length + 1),
            Begins::Doubtful => nearly(
                words[1],
                "is followed by another time: write one time, or another word before the reason",
            ),
            Begins::Otherwise if is_number(words.get(1)) => {
                nearly(words[1], "is not a time such as 24h, 7days or 30m")
            }
            Begins::Otherwise => Typed::Nothing,
        },
        Some(first) if is_number(Some(first)) && !matches!(begins(words), Begins::Otherwise) => {
            nearly(
                first,
                "seems to be a time: write `for` before it, or another word before the reason",
            )
        }
        _ => match at_the_end(words) {
            Some(typed) => nearly(
                &typed,
                "stands behind the reason: write it before the reason",
            ),
            None => Typed::Nothing,
        },
    }
}

/// A whole text, with or without the word.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = match words.first() {
        Some(first) if first.eq_ignore_ascii_case(FOR) => &words[1..],
        _ => &words[..],
    };
    match begins(words) {
        Begins::With(duration, length) if length == words.len() => Some(duration),
        _ => None,
    }
}

/// `for 24h` behind everything else.
fn at_the_end(words: &[&str]) -> Option<String> {
    let at = words
        .iter()
        .rposition(|word| word.eq_ignore_ascii_case(FOR))?;
    let rest = &words[at + 1..];
    match begins(rest) {
        Begins::With(_, length) if length == rest.len() => Some(words[at..].join(" ")),
        _ => None,
    }
}

/// The times that some words begin with, each smaller than the one before it: `1 day 12 hours`.
fn begins(words: &[&str]) -> Begins {
    let (mut sum, mut taken) = (Duration::ZERO, 0);
    let mut last: Option<Duration> = None;
    while let Some((time, length)) = one(&words[taken..]) {
        if last.is_some_and(|last| time >= last) {
            return Begins::Doubtful;
        }
        (sum, taken, last) = (sum.saturating_add(time), taken + length, Some(time));
    }
    match taken {
        0 => Begins::Otherwise,
        taken => Begins::With(sum, taken),
    }
}

/// A time in one word, `24h`, or a number and its unit, `7 days`.
fn one(words: &[&str]) -> Option<(Duration, usize)> {
    let first = words.first()?;
    if !first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(time) = humantime::parse_duration(first) {
        return Some((time, 1));
    }
    let unit = words.get(1)?;
    let is_pair =
        first.chars().all(|c| c.is_ascii_digit()) && unit.chars().all(|c| c.is_ascii_alphabetic());
    let time = humantime::parse_duration(&format!("{first}{unit}")).ok();
    time.filter(|_| is_pair).map(|time| (time, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3600;

    fn typed(text: &str) -> Typed {
        read(&text.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn the_word_for_and_a_time_are_one() {
        let is = |text: &str, hours: u64, words: usize| {
            assert_eq!(
                typed(text),
                Typed::Duration(Duration::from_secs(hours * HOUR), words),
                "{text}"
            );
        };
        is("for 24h scraping", 24, 2);
        is("for 7 days scraping", 7 * 24, 3);
        is("For 1 day 12 hours he scrapes", 36, 5);
        is("for 1day12h", 36, 2);
        is("for 60 m in the last hour", 1, 3);
    }

    #[test]
    fn a_reason_is_no_time_and_what_looks_like_one_is_asked_about() {
        assert_eq!(typed("for scraping"), Typed::Nothing);
        assert_eq!(typed("scraping for weeks"), Typed::Nothing);
        for (text, word) in [
            ("scraping for 24h", "for 24h"),
            ("for 24h 3 days in a row", "24h"),
            ("for 24h 7d ban evader", "24h"),
            ("for 2 4h x", "2"),
        ] {
            assert!(
                matches!(typed(text), Typed::Nearly(typed, _) if typed == word),
                "{text}"
            );
        }
        assert_eq!(typed("40000 requests a minute"), Typed::Nothing);
        assert!(matches!(typed("for 24 scraping"), Typed::Nearly(word, _) if word == "24"));
        assert!(matches!(typed("24h scraping"), Typed::Nearly(word, _) if word == "24h"));
        assert!(matches!(typed("3 days of attacks"), Typed::Nearly(word, _) if word == "3"));
    }

    #[test]
    fn a_form_takes_it_with_and_without_the_word() {
        let day = Some(Duration::from_secs(24 * HOUR));
        for text in ["24h", "for 24h", " 1 day "] {
            assert_eq!(parse(text), day, "{text}");
        }
        for text in ["", "for", "24", "24h soon", "-1h", "for ever"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

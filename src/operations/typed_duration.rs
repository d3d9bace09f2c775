//! A time that somebody types: `for 24h`, `for 7 days`, `for 1 day 12 hours`. In front of a reason only the word `for` makes
//! one of it: a reason may begin with a number.

use std::time::Duration;

/// The word before it.
const FOR: &str = "for";
/// Words of the longest one: `1 week 2 days 3 hours`.
const MOST_WORDS: usize = 6;

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

/// Reads it from the beginning of some words.
pub(super) fn read(words: &[&str]) -> Typed {
    let is_number = |word: Option<&&str>| {
        word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    };
    match words.first() {
        Some(first) if first.eq_ignore_ascii_case(FOR) => match longest(&words[1..]) {
            Some((duration, length)) => Typed::Duration(duration, length + 1),
            None if is_number(words.get(1)) => {
                let typed = words[1].to_owned();
                Typed::Nearly(typed, "is not a time such as 24h, 7days or 30m")
            }
            None => Typed::Nothing,
        },
        first if is_number(first) && longest(words).is_some() => Typed::Nearly(
            words[0].to_owned(),
            "seems to be a time: write `for` before it, or another word before the reason",
        ),
        _ => Typed::Nothing,
    }
}

/// A whole text, with or without the word.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = match words.first() {
        Some(first) if first.eq_ignore_ascii_case(FOR) => &words[1..],
        _ => &words[..],
    };
    let (duration, length) = longest(words)?;
    (length == words.len()).then_some(duration)
}

/// The longest duration that some words begin with, and how many of them it takes.
fn longest(words: &[&str]) -> Option<(Duration, usize)> {
    let lengths = (1..=words.len().min(MOST_WORDS)).rev();
    lengths.into_iter().find_map(|length| {
        Some((
            humantime::parse_duration(&words[..length].concat()).ok()?,
            length,
        ))
    })
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
    }

    #[test]
    fn a_reason_is_no_time_and_what_looks_like_one_is_asked_about() {
        assert_eq!(typed("for scraping"), Typed::Nothing);
        assert_eq!(typed("scraping for 24h"), Typed::Nothing);
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

//! Choices as people type them, and nearly type them.

/// How alike a wrong word and a right one must be (Jaro-Winkler, 0 to 1) to be meant.
const ALIKE: f64 = 0.93;
/// The letters from which on one slip in a word still leaves it recognisable.
const LONG: usize = 4;
/// What people write instead of the first word of a choice such as `with files`.
const WITH: &[&str] = &[
    "with",
    "w",
    "w/",
    "incl",
    "including",
    "include",
    "includes",
    "plus",
    "and",
    "+",
    "&",
    "all",
];

/// The choice that the words begin with, and the number of words that it takes. The longest counts, so that `with files` is
/// not read as `with`.
pub(super) fn read<'a>(words: &[&str], choices: &[&'a str]) -> Option<(&'a str, usize)> {
    let fits = |choice: &&&str| {
        let length = choice.split(' ').count();
        let typed = words.get(..length);
        typed.is_some_and(|typed| typed.join(" ").eq_ignore_ascii_case(choice))
    };
    let choice = choices
        .iter()
        .filter(fits)
        .max_by_key(|choice| choice.len())?;
    Some((choice, choice.split(' ').count()))
}

/// What was typed for a choice although it is none: with a slip, in one word, or with other words around it.
pub(super) fn nearly(words: &[&str], choices: &[&str]) -> Option<String> {
    choices.iter().find_map(|choice| near(words, choice))
}

fn near(words: &[&str], choice: &str) -> Option<String> {
    let parts: Vec<&str> = choice.split(' ').collect();
    let whole = words.get(..parts.len()).map(|typed| typed.join(" "));
    let first = words.first()?;
    let mut typed = whole.into_iter().chain([(*first).to_owned()]);
    if let Some(typed) = typed.find(|typed| is_alike(typed, choice)) {
        return Some(typed);
    }
    let last = parts.last().filter(|_| parts.len() > 1)?;
    if is_alike(first, last) {
        return Some((*first).to_owned());
    }
    let is_with = WITH.contains(&plain(first).as_str()) || is_alike(first, parts.first()?);
    let until = words.iter().take(3).position(|word| is_alike(word, last));
    let until = until.filter(|_| is_with)?;
    Some(words[..=until].join(" "))
}

fn is_alike(typed: &str, choice: &str) -> bool {
    let typed = plain(typed);
    let one_slip = choice.chars().count() >= LONG
        && typed.chars().count() >= LONG
        && strsim::damerau_levenshtein(&typed, choice) <= 1;
    typed == choice || one_slip || strsim::jaro_winkler(&typed, choice) >= ALIKE
}

/// Small letters, without what people write around a word.
fn plain(typed: &str) -> String {
    let around = |c: char| c.is_ascii_punctuation() && !matches!(c, '+' | '&' | '/');
    typed.trim_matches(around).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near_to(line: &str, choice: &str) -> bool {
        nearly(&line.split(' ').collect::<Vec<_>>(), &[choice]).is_some()
    }

    #[test]
    fn a_slip_is_told_from_a_reason() {
        for line in [
            "idel x", "ilde x", "idke x", "dile x", "idle, x", "(idle) x", "Idlee x",
        ] {
            assert!(near_to(line, "idle"), "{line}");
        }
        for line in ["the app hangs", "ideal time for it", "middle of the night"] {
            assert!(!near_to(line, "idle"), "{line}");
        }
        for line in [
            "with file x",
            "withfiles x",
            "with fiels x",
            "With-files x",
            "with files, x",
            "files x",
            "with the files x",
            "with all files x",
            "including files x",
            "and files x",
            "wiht files x",
        ] {
            assert!(near_to(line, "with files"), "{line}");
        }
        for line in [
            "with regard to the files",
            "asked for a copy",
            "with consent of hers",
        ] {
            assert!(!near_to(line, "with files"), "{line}");
        }
    }
}

//! E-mail addresses inside other texts: found and masked.

/// What stands between the words of a text, as far as addresses are concerned.
const BETWEEN: [char; 19] = [
    '|', '<', '>', '(', ')', '[', ']', '{', '}', '"', '`', ',', ';', ':', '=', '/', '\\', '&', '?',
];

/// What stands for what is masked.
pub const MASK: &str = "•••";

/// The text with every address masked: `samlp|acme|a•••@example.com`.
#[must_use]
pub fn masked(text: &str) -> String {
    words_masked(text, &BETWEEN, |word| {
        let (local, host) = word.rsplit_once('@')?;
        if local.is_empty() || host.is_empty() || local.ends_with(MASK) {
            return None;
        }
        let first: String = local.chars().take(1).collect();
        Some(format!("{first}{MASK}@{host}"))
    })
}

/// The text with every word replaced for which `mask` has something else. Words are parted by white space and `between`.
pub fn words_masked(text: &str, between: &[char], mask: impl Fn(&str) -> Option<String>) -> String {
    let is_between = |c: char| c.is_whitespace() || between.contains(&c);
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_between) {
        let word = piece.trim_end_matches(is_between);
        match mask(word) {
            Some(masked) => out.push_str(&masked),
            None => out.push_str(word),
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

/// Whether there is an address in the text.
#[must_use]
pub fn is_in(text: &str) -> bool {
    masked(text) != text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_masked_wherever_it_stands() {
        for (text, masks) in [
            ("samlp|acme|ada@example.com", "samlp|acme|a•••@example.com"),
            ("set to ada@example.com.", "set to a•••@example.com."),
            ("block:auth0|ada@x.org", "block:auth0|a•••@x.org"),
            ("<@U0ADA> asked `ada@x.org`", "<@U0ADA> asked `a•••@x.org`"),
            ("12 rows @ 3 places", "12 rows @ 3 places"),
            ("", ""),
        ] {
            assert_eq!(masked(text), masks);
        }
        assert!(is_in("ada@example.com") && !is_in("auth0|5f7"));
    }

    #[test]
    fn what_is_masked_stays_as_it_is() {
        assert_eq!(masked("a•••@example.com"), "a•••@example.com");
    }
}

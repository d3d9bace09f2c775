//! Which word was probably meant.

/// How alike a wrong word and a right one must be (Jaro-Winkler, 0 to 1) to be offered.
pub const ALIKE: f64 = 0.8;

/// The one of several words that was probably meant.
#[must_use]
pub fn meant<'a>(typed: &str, words: &[&'a str]) -> Option<&'a str> {
    let words = words.iter().map(|word| (alike(typed, word), *word));
    let alike = words.filter(|(alike, _)| *alike >= ALIKE);
    alike
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

/// How alike two words are, 0 to 1.
#[must_use]
pub fn alike(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

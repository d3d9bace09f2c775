use countersign::text::{Words, normalise};
use proptest::prelude::*;

/// Pieces that the rules act on, so that random texts hit them and their combinations.
const PIECES: &[&str] = &[
    "<",
    ">",
    "|",
    "&",
    "amp;",
    "lt;",
    "gt;",
    "&lt;",
    "&gt;",
    "&amp;",
    "mailto:",
    "http://",
    "tel:",
    "@U1",
    "#C1",
    "!subteam^S1",
    "!here",
    "\"",
    "'",
    "“",
    "’",
    "—",
    "–",
    "-",
    "\\",
    " ",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}",
    "\n",
    "\r\n",
    "\u{0}",
    "a",
    "ann@x.com",
    "é",
    "日",
];

fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn quote(word: &str) -> String {
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

proptest! {
    #[test]
    fn normalising_twice_is_normalising_once(text in typed()) {
        let once = normalise(&text).unwrap();
        prop_assert_eq!(normalise(&once).unwrap(), once);
    }

    #[test]
    fn a_normalised_text_is_never_longer_and_never_has_what_cannot_be_seen(text in typed()) {
        let plain = normalise(&text).unwrap();
        prop_assert!(plain.len() <= text.len());
        prop_assert!(!plain.chars().any(|c| c != '\n' && c.is_control()));
        let hidden = plain.contains(['\u{202e}', '\u{200b}', '\u{a0}', '—', '“']);
        prop_assert!(!hidden);
    }

    #[test]
    fn every_word_is_in_the_line_where_it_says(text in typed()) {
        let words = Words::parse(&text).unwrap();
        for (index, token) in words.tokens().iter().enumerate() {
            let rest = &words.line()[token.rest_offset..];
            prop_assert!(!rest.starts_with(char::is_whitespace));
            prop_assert!(token.text.len() <= rest.len());
            prop_assert!(words.rest_from(index).is_some());
        }
    }

    #[test]
    fn quoted_words_come_back_as_they_were(text in prop::collection::vec("[a-z\"'\\\\ .@-]{0,12}", 0..6)) {
        let line = text.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
        let words = Words::parse(&line).unwrap();
        let read: Vec<_> = words.tokens().iter().map(|token| token.text.clone()).collect();
        prop_assert_eq!(read, text);
    }
}

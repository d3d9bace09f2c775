use countersign::text::{
    MAX_TEXT_BYTES, Words, channel_mention, group_mention, normalise, user_mention,
};

fn check(cases: &[(&str, &str)]) {
    for (typed, plain) in cases {
        assert_eq!(normalise(typed).unwrap(), *plain, "{typed:?}");
    }
}

fn words(text: &str) -> Vec<String> {
    let words = Words::parse(text).unwrap();
    words
        .tokens()
        .iter()
        .map(|token| token.text.clone())
        .collect()
}

#[test]
fn typographic_quotes_and_dashes_become_plain() {
    check(&[
        ("“she asked”", "\"she asked\""),
        ("„so“ «oder» ‹auch›", "\"so\" \"oder\" 'auch'"),
        ("it’s", "it's"),
        ("user delete —dry-run", "user delete --dry-run"),
        ("—dry-run", "--dry-run"),
        ("–force x", "--force x"),
        ("a — b", "a - b"),
        ("10–20", "10-20"),
        ("credits –5", "credits -5"),
        ("2024‑01‑31 −3", "2024-01-31 -3"),
    ]);
}

#[test]
fn spaces_are_plain_and_what_cannot_be_seen_is_gone() {
    check(&[
        (
            "user\u{a0}show\u{202f}1\u{2009}2\u{3000}3",
            "user show 1 2 3",
        ),
        ("an\u{200b}n@\u{feff}x\u{ad}.com\u{200d}", "ann@x.com"),
        ("a\tb\u{0}\u{7}\u{1b}[31mc", "a b[31mc"),
        ("one\r\ntwo\u{2028}three", "one\ntwo\nthree"),
        ("  padded \n", "padded"),
    ]);
}

#[test]
fn characters_that_turn_the_reading_direction_are_gone() {
    check(&[
        ("user \u{202e}eteled\u{202c}", "user eteled"),
        ("\u{2066}a\u{2069}\u{200f}\u{61c}b", "ab"),
    ]);
}

#[test]
fn addresses_and_links_are_as_they_were_typed() {
    check(&[
        ("<mailto:ann@x.com|ann@x.com>", "ann@x.com"),
        ("<mailto:Ann+a@x.com|Ann+a@x.com>", "Ann+a@x.com"),
        ("<mailto:ann@x.com>", "ann@x.com"),
        ("<tel:+491234|+49 12 34>", "+49 12 34"),
        ("<tel:1234>", "1234"),
        ("<http://example.com|example.com>", "example.com"),
        ("<https://x.io/a?b=1&amp;c=2>", "https://x.io/a?b=1&c=2"),
    ]);
}

#[test]
fn a_link_that_says_something_else_than_where_it_leads_shows_both() {
    check(&[
        ("<mailto:evil@x.com|ann@x.com>", "ann@x.com (evil@x.com)"),
        ("<http://evil.com|good.com>", "good.com (http://evil.com)"),
    ]);
}

#[test]
fn people_channels_and_groups_keep_their_id_and_lose_their_name() {
    check(&[
        ("<@U012ABCDEF|ann> <@W01>", "<@U012ABCDEF> <@W01>"),
        (
            "<#C012|general> <#C012|> <#C012>",
            "<#C012> <#C012> <#C012>",
        ),
        (
            "<!subteam^S01|@admins> <!subteam^S01>",
            "<!subteam^S01> <!subteam^S01>",
        ),
        ("<!here> <!channel|channel>", "@here channel"),
    ]);
    assert_eq!(user_mention("<@U012ABCDEF>"), Some("U012ABCDEF"));
    assert_eq!(user_mention("<@W01>"), Some("W01"));
    assert_eq!(channel_mention("<#C012>"), Some("C012"));
    assert_eq!(group_mention("<!subteam^S01>"), Some("S01"));
    for other in [
        "@ann", "U012", "<@u012>", "<@U01|a>", "<@>", "<@U01> ", "<#U01>",
    ] {
        assert_eq!(user_mention(other), None, "{other}");
    }
}

#[test]
fn entities_are_read_and_unknown_brackets_stay() {
    check(&[
        ("R&amp;D &lt;3 a &gt; b", "R&D <3 a > b"),
        ("&amp;lt;x", "<x"),
        ("&nbsp; & &amp", "&nbsp; & &amp"),
        ("a < b <c", "a < b <c"),
        ("<nothing> <>", "<nothing> <>"),
    ]);
}

#[test]
fn quotes_hold_words_together() {
    assert_eq!(
        words(r#"user note 7 "two words" end"#),
        ["user", "note", "7", "two words", "end"]
    );
    assert_eq!(
        words("incident open 'big one'"),
        ["incident", "open", "big one"]
    );
    assert_eq!(
        words(r#"a "say \"hi\" \\ now" b"#),
        ["a", r#"say "hi" \ now"#, "b"]
    );
    assert_eq!(words("it's the user's"), ["it's", "the", "user's"]);
    assert_eq!(words(r#"5" screen "open"#), ["5\"", "screen", "\"open"]);
    assert_eq!(words("'tis \"a b\""), ["'tis", "a b"]);
    assert_eq!(words(r#"a """#), ["a", ""]);
    assert!(words(" \u{a0} ").is_empty());
}

#[test]
fn the_rest_is_free_text_as_it_was_typed() {
    let words = Words::parse("user delete ann@x.com she asked, \"twice\",  it's  final").unwrap();
    assert_eq!(
        words.rest_from(3),
        Some("she asked, \"twice\",  it's  final")
    );
    assert_eq!(words.rest_from(99), None);
    let quoted = Words::parse("user delete 7 “asked by mail”").unwrap();
    assert_eq!(quoted.rest_from(3), Some("asked by mail"));
    assert_eq!(quoted.get(2), Some("7"));
    let half = Words::parse("user delete 7 “asked” by mail").unwrap();
    assert_eq!(half.rest_from(3), Some("\"asked\" by mail"));
}

#[test]
fn a_text_that_is_too_long_is_refused_as_a_whole() {
    assert!(normalise(&"a".repeat(MAX_TEXT_BYTES)).is_ok());
    let refused = normalise(&"a".repeat(MAX_TEXT_BYTES + 1)).unwrap_err();
    assert_eq!(refused.bytes, MAX_TEXT_BYTES + 1);
}

//! Numbers, sizes, times and texts for people.

use countersign::slack::cards::text::{
    bounded, bytes, code, count, duration, escape, masked, mention, quote, safe, with_mentions,
};

#[test]
fn numbers_are_grouped_by_thousands() {
    let shown = [0, 999, 1000, 12_345, 1_234_567].map(count);
    assert_eq!(shown, ["0", "999", "1,000", "12,345", "1,234,567"]);
}

#[test]
fn bytes_are_rounded_once_and_carry_into_the_next_unit() {
    let cases = [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1_449_950, "1.4 MB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (u64::MAX, "18.4 EB"),
    ];
    for (n, shown) in cases {
        assert_eq!(bytes(n), shown);
    }
}

#[test]
fn durations_show_their_two_largest_units() {
    let shown = [0, 5, 600, 5400, 93_784].map(duration);
    assert_eq!(shown, ["0 s", "5 s", "10 min", "1 h 30 min", "1 d 2 h"]);
}

#[test]
fn outside_text_is_one_escaped_line() {
    let escaped = "&lt;!channel&gt; &amp; &lt;@U1&gt;";
    assert_eq!(escape("<!channel> & <@U1>"), escaped);
    assert_eq!(safe("a\n*b*\u{202e}c\u{2028}d", 99), "a *b*c d");
    assert_eq!(code("a`b\nc", 99), "`a'b c`");
}

#[test]
fn a_cut_never_splits_a_character_or_an_entity() {
    assert_eq!(bounded("ab😀cd", 4), "ab…");
    assert_eq!(bounded("ab😀cd", 6), "ab😀cd");
    assert_eq!(safe("a<b", 5), "a…");
    assert_eq!(safe("a<b", 6), "a&lt;b");
}

#[test]
fn every_line_of_a_quotation_is_marked() {
    let quoted = "> one\n> *two*\n> &lt;three&gt;";
    assert_eq!(quote("one\r\n\n*two*\u{85}<three>", 99), quoted);
}

#[test]
fn only_account_ids_become_mentions() {
    assert_eq!(mention("U0ABC"), "<@U0ABC>");
    assert_eq!(mention("U1> <!channel"), "U1&gt; &lt;!channel");
    let says = "approver <@U0ABC> left <!here> <@U 1> & co";
    let shown = "approver <@U0ABC> left &lt;!here&gt; &lt;@U 1&gt; &amp; co";
    assert_eq!(with_mentions(says, 200), shown);
}

#[test]
fn addresses_are_masked() {
    assert_eq!(masked("alice@example.com now"), "a•••@example.com now");
    assert_eq!(masked("usr_17"), "usr_17");
}

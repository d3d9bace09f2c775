//! The pages that are made from declarations. Each test fails when its page is out of date; with `INSTA_UPDATE=always` it
//! writes the page anew.

mod configuration;
mod monitoring;
mod operations;

use std::{fs, path::Path};

/// Checks that a page is `text`.
fn assert_current(page: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        fs::write(&file, text).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == text,
        "{page} is out of date: run this test with INSTA_UPDATE=always and look at the difference"
    );
}

/// Checks the part of a page that stands between `<!-- NAME -->` and `<!-- end of NAME -->`.
fn assert_part_is_current(page: &str, name: &str, part: &str) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
    let (begin, end) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    assert_current(page, &format!("{before}{begin}{part}{end}{after}"));
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

//! What people see of an export.

use insta::assert_snapshot;

use super::opened::{LINE, WITH_FILES};
use crate::support::{Options, World, seen::seen, story::*};

/// Links become `<link>`, and what differs from run to run goes.
fn without_links(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("<http") {
        Some((before, rest)) => {
            let after = rest.split_once('|').map_or("", |(_, after)| after);
            format!("{before}<link|{after}")
        }
        None => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    without_bytes(&text)
}

/// The size of the archive follows from its times.
fn without_bytes(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let mut line = line.to_owned();
        for name in ["Size*: ", "archive bytes: "] {
            if let Some(at) = line.find(name).map(|at| at + name.len()) {
                let end = line[at..]
                    .find(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.'))
                    .map_or(line.len(), |end| at + end);
                line.replace_range(at..end, "<bytes>");
            }
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// `on 2026-11-20 10:00 UTC` becomes `on <when>`.
fn told(text: &str) -> String {
    let mut out = String::new();
    let words: Vec<&str> = text.split(' ').collect();
    let mut at = 0;
    while at < words.len() {
        let is_time = words
            .get(at + 2)
            .is_some_and(|word| word.starts_with("UTC"));
        if is_time && words[at].len() >= 10 {
            let (rest, zone) = (words[at], words[at + 2].trim_start_matches("UTC"));
            let before = &rest[..rest.len().saturating_sub(10)];
            out.push_str(&format!("{before}<when>{zone} "));
            at += 3;
        } else {
            out.push_str(words[at]);
            out.push(' ');
            at += 1;
        }
    }
    out.trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_an_export_as_people_see_it() {
    let world = World::start().await;
    let id = world.ask(ADA, WITH_FILES).await;
    let asked = world.until_card_shows(id, "approve").await;
    assert_snapshot!("card_awaiting_approval", seen(&[asked]));
    world.countersign(GRACE, id).await;
    world.until_state(id, "done").await;
    let done = world.until_card_says(id, "*Done*").await;
    assert_snapshot!("card_done", without_links(&seen(&[done])));
    let told_to = world.told_of(ADA, id).await;
    assert_snapshot!(
        "told_to_the_requester",
        without_links(&told(&seen(&[told_to])))
    );
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_the_real_application() {
    let world = World::with(Options::real()).await;
    let id = world
        .ask(ADA, "/ops user export usr_1 asked for a copy")
        .await;
    let asked = world.until_card_shows(id, "approve").await;
    assert_snapshot!("card_of_the_real_application", seen(&[asked]));
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_is_read_first_says_what_is_in_the_archive() {
    let world = World::start().await;
    let id = world.export(LINE).await;
    let opened = world.opened(id).await;
    let page = String::from_utf8(opened.bytes("index.html").to_vec()).unwrap();
    let (_, body) = page.split_once("<h2>").unwrap();
    assert_snapshot!("page", body);
    world.finish().await;
}

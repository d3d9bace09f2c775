//! What a request found out, as the requester reads it. Everything in an answer is outside text.

use slack_morphism::blocks::SlackBlock;

use super::{OfferValue, View, action, blocks, emoji, limits, lists, text};
use crate::domain::answer::{Answer, OfferButton, Part};

/// Blocks of one answer: what a message takes, less what stands around it.
const BLOCKS: usize = limits::MESSAGE_BLOCKS - 6;
/// How wide one cell of a table gets, in characters.
const CELL: usize = 40;
/// Sections that the lines of one part may take.
const SECTIONS: usize = 8;
/// Buttons of one offer.
const BUTTONS: usize = 5;

/// The answers to show, in order. An erased one says so.
pub(super) fn blocks(view: &View<'_>) -> Vec<SlackBlock> {
    let mut all = vec![];
    for id in view.answers {
        match view.private_data.answers.get(id) {
            Some(answer) => all.extend(of_answer(answer, |i| view.pictures.get(&(*id, i)))),
            None => all.push(blocks::context("_What was found is erased._")),
        }
    }
    let more = all.len().saturating_sub(BLOCKS);
    if more > 0 {
        all.truncate(BLOCKS);
        all.push(blocks::context(&format!(
            "_{more} more parts are not shown_"
        )));
    }
    all
}

/// `file` gives Slack's file for a part by its position.
fn of_answer<'a>(answer: &Answer, file: impl Fn(usize) -> Option<&'a String>) -> Vec<SlackBlock> {
    let parts = answer.parts.iter().enumerate();
    parts.flat_map(|(i, one)| part(one, file(i))).collect()
}

fn part(part: &Part, file: Option<&String>) -> Vec<SlackBlock> {
    match part {
        Part::Heading { text: words } => {
            let words = text::safe(words, limits::HEADER);
            vec![blocks::section(&format!("*{words}*"))]
        }
        Part::Text { text: words } => vec![blocks::section(&lines(words))],
        Part::Warning { text: words } => {
            vec![blocks::section(&format!(
                "{} {}",
                emoji::WARNING,
                lines(words)
            ))]
        }
        Part::Lines { lines } => {
            let each = lines
                .iter()
                .map(|line| text::with_mentions(line, limits::SENTENCE));
            lists::sections(&each.collect::<Vec<_>>(), SECTIONS)
        }
        Part::Facts { facts } => facts.chunks(10).map(facts_block).collect(),
        Part::Table {
            columns,
            rows,
            more,
        } => table(columns, rows, *more),
        Part::Link { label, url } => vec![blocks::section(&link(label, url))],
        Part::Picture { alt, .. } => vec![match file {
            Some(file) => blocks::image(file, alt),
            None => blocks::context(&text::safe(alt, limits::SENTENCE)),
        }],
        Part::Offer {
            text: words,
            buttons,
        } => {
            let shown = buttons.iter().take(BUTTONS);
            let row: Vec<_> = shown.enumerate().filter_map(|(i, b)| offer(i, b)).collect();
            let mut all = vec![blocks::section(&lines(words))];
            if !row.is_empty() {
                all.push(blocks::actions(row));
            }
            all
        }
    }
}

fn lines(words: &str) -> String {
    let each = words.lines().map(|line| text::safe(line, limits::TEXT / 2));
    each.collect::<Vec<_>>().join("\n")
}

fn facts_block(facts: &[(String, String)]) -> SlackBlock {
    let each = facts.iter().map(|(name, value)| {
        let value = lines(value);
        let value = if value.is_empty() { "–" } else { &value };
        format!("*{}*\n{value}", text::safe(name, limits::NAME))
    });
    blocks::fields(&each.collect::<Vec<_>>())
}

/// Columns of equal width in code style, as many rows as fit one section; the rest is counted.
fn table(columns: &[String], rows: &[Vec<String>], more: u64) -> Vec<SlackBlock> {
    let cell = |words: &str| text::bounded(&words.replace(['\n', '\r', '`'], " "), CELL);
    let head: Vec<String> = columns.iter().map(|name| cell(name)).collect();
    let body: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|value| cell(value)).collect())
        .collect();
    let width = |i: usize| {
        let cells = body.iter().chain([&head]).filter_map(|row| row.get(i));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded = cells.map(|(cell, &width)| format!("{cell:width$}"));
        let padded = padded.collect::<Vec<_>>().join("  ");
        text::escape(padded.trim_end())
    };
    let mut out = format!("```\n{}\n", line(&head));
    let mut left = more;
    for (i, row) in body.iter().enumerate() {
        let line = line(row);
        if text::units(&out) + text::units(&line) > limits::LIST_TEXT {
            left += (body.len() - i) as u64;
            break;
        }
        out.push_str(&line);
        out.push('\n');
    }
    out.push_str("```");
    let mut all = vec![blocks::section(&out)];
    if body.is_empty() && more == 0 {
        return vec![blocks::context("_There is none._")];
    }
    if left > 0 {
        let left = text::counted(left, "more is not shown", "more are not shown");
        all.push(blocks::context(&format!("_{left}_")));
    }
    all
}

/// A link; an address that cannot be one is shown as text.
fn link(label: &str, url: &str) -> String {
    let label = text::safe(label, limits::NAME);
    text::link(url, &label)
        .unwrap_or_else(|| format!("{label}: {}", text::safe(url, limits::SENTENCE)))
}

/// `Demote usr_4`: an answer has one such button for each of several people.
fn spoken(offered: &OfferButton) -> String {
    let about = offered.asking.arguments.values();
    let about = about.map(|value| text::masked(value));
    let words: Vec<String> = [offered.label.clone()].into_iter().chain(about).collect();
    words.join(" ")
}

/// `None` for what does not fit a button's value.
fn offer(
    i: usize,
    offered: &OfferButton,
) -> Option<slack_morphism::blocks::SlackBlockButtonElement> {
    let value = OfferValue {
        operation: offered.operation.clone(),
        asking: offered.asking.clone(),
    };
    let name = format!("{}{i}", action::ASK);
    let button = blocks::button(&name, &offered.label, &value.to_value()?);
    let button = blocks::labelled(button, &spoken(offered));
    Some(if offered.danger {
        blocks::danger(button)
    } else {
        button
    })
}

//! What only the person who typed or clicked sees.

use super::{Card, emoji, limits, lists, status::FROZEN, text};
use crate::domain::{Refusal, Risk};

/// Sections of a long reply.
const SECTIONS: usize = 12;

/// The rules or the state forbid what was tried. `label` names the request or the operation.
#[must_use]
pub fn reply_refused(refusal: &Refusal, label: &str) -> Card {
    let label = text::safe(label, limits::NAME);
    let says = text::safe(&refusal.to_string(), limits::SENTENCE);
    Card::of_text(&format!("{} *{label}*: {says}", emoji::NO))
}

/// The request is written down. `frozen` says that it will wait for the thaw.
#[must_use]
pub fn reply_asked(label: &str, title: &str, risk: Risk, frozen: bool) -> Card {
    let label = text::safe(label, limits::NAME);
    let title = text::safe(title, limits::NAME);
    let next = match risk {
        Risk::Read => "The answer comes as a direct message",
        _ => "The plan is being worked out",
    };
    let held = if frozen {
        format!(" · {FROZEN}")
    } else {
        String::new()
    };
    Card::of_text(&format!(
        "{} *{label}* {title}: asked. {next}{held}",
        emoji::WAITING
    ))
}

/// The journal of a request was changed outside Countersign, so nothing is decided about it.
#[must_use]
pub fn reply_tampered(label: &str) -> Card {
    let label = text::safe(label, limits::NAME);
    let verify = text::code("countersign audit verify", limits::NAME);
    Card::of_text(&format!(
        "{} The journal of *{label}* has been changed outside Countersign: nothing is done. Run {verify}.",
        emoji::NO
    ))
}

/// The same was asked before and is still open; `link` leads to its card.
#[must_use]
pub fn reply_existing(label: &str, link: Option<&str>) -> Card {
    let label = text::safe(label, limits::NAME);
    let link = link.filter(|link| link.len() <= limits::SENTENCE);
    let says = match link.and_then(|link| text::link(link, &label)) {
        Some(link) => format!("The same is open already: *{link}*. Nothing new was asked."),
        None => format!(
            "The same is open already: *{label}*. Nothing new was asked. {} shows it.",
            text::code(&format!("/ops show {label}"), limits::NAME)
        ),
    };
    Card::of_text(&says)
}

/// The same was asked a moment ago and was carried out, or may have been: it is not done once more.
#[must_use]
pub fn reply_repeated(label: &str, state: &str) -> Card {
    let label = text::safe(label, limits::NAME);
    let state = text::safe(state, limits::NAME);
    let show = text::code(&format!("/ops show {label}"), limits::NAME);
    Card::of_text(&format!(
        "{} You asked for the same less than a minute ago: *{label}* ({state}). It was not done again; {show} shows it. \
         If you want it a second time, wait a minute or give another reason.",
        emoji::NO
    ))
}

/// The person may do now what they could not when they clicked.
#[must_use]
pub fn reply_press_again(label: &str) -> Card {
    let label = text::safe(label, limits::NAME);
    Card::of_text(&format!(
        "{} *{label}*: Slack has only now confirmed that you may do this. Press the button again.",
        emoji::WAITING
    ))
}

/// How to say it. Line breaks and code marks in `text` stay, links and mentions do not.
#[must_use]
pub fn reply_usage(text: &str) -> Card {
    long("", text)
}

/// It did not work.
#[must_use]
pub fn reply_error(text: &str) -> Card {
    long(&format!("{} ", emoji::WARNING), text)
}

fn long(sign: &str, words: &str) -> Card {
    let lines = words.lines().map(|line| text::safe(line, limits::TEXT / 2));
    let mut lines: Vec<_> = lines.collect();
    let first = lines.first().cloned().unwrap_or_default();
    let first = format!("{sign}{first}");
    match lines.first_mut() {
        Some(line) => line.clone_from(&first),
        None => lines.push(first.clone()),
    }
    Card::new(&first, lists::sections(&lines, SECTIONS))
}

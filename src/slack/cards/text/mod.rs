//! Text for Slack: escaped, bounded, and readable. Whatever comes from outside this program goes through
//! [`safe`], [`quote`] or [`code`] before it stands in markup.

mod times;

pub use times::{clock, date, duration, plain_date};

use super::limits;
pub use crate::amounts::{bytes, count, counted};
use crate::{
    addresses,
    domain::{Actor, request::label},
};

/// What stands at the end of a text that was cut.
pub const ELLIPSIS: char = '…';

/// The text with Slack's three control characters escaped: it can hold no link, mention or date any more.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_escaped(&mut out, c));
    out
}

/// Plain text of at most `most` UTF-16 units, cut between characters.
#[must_use]
pub fn bounded(text: &str, most: usize) -> String {
    cut(text, most, |out, c| out.push(c))
}

/// Outside text for markup: one line, escaped, at most `most` units after escaping, no entity cut in two.
#[must_use]
pub fn safe(text: &str, most: usize) -> String {
    cut(&one_line(text), most, push_escaped)
}

/// A link in markup; `None` when the address cannot stand there: no web address, or with what ends it early. `label` is
/// markup.
#[must_use]
pub fn link(url: &str, label: &str) -> Option<String> {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let ends_early = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '|');
    (is_web && !url.contains(ends_early))
        .then(|| format!("<{}|{label}>", url.replace('&', "&amp;")))
}

/// Outside text as inline code.
#[must_use]
pub fn code(text: &str, most: usize) -> String {
    let text = one_line(text).replace('`', "'");
    let inside = cut(&text, most.saturating_sub(2), push_escaped);
    if inside.is_empty() {
        "–".to_owned()
    } else {
        format!("`{inside}`")
    }
}

/// Without the marks of code, for where Slack shows plain text and would show the marks.
#[must_use]
pub fn without_code(words: &str) -> String {
    words.replace('`', "")
}

/// People's text as a quotation: every line of it is marked, so that none can pass for the card's own words.
#[must_use]
pub fn quote(text: &str, most: usize) -> String {
    let lines = text.split(is_line_break).map(one_line);
    let lines = lines.filter(|line| !line.is_empty());
    let mut out = String::new();
    for line in lines.take(limits::QUOTE_LINES) {
        let room = most.saturating_sub(units(&out) + 3);
        if room < 2 {
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str("> ");
        out.push_str(&cut(&line, room, push_escaped));
    }
    out
}

/// Markup that this program wrote, cut after a whole line when it is longer than `most` units.
#[must_use]
pub fn whole_lines(markup: &str, most: usize) -> String {
    if units(markup) <= most {
        return markup.to_owned();
    }
    let mut out = String::new();
    for line in markup.lines() {
        if units(&out) + units(line) + 2 > most {
            break;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.push(ELLIPSIS);
    out
}

/// UTF-16 units of a text.
#[must_use]
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A mention of a Slack account; an id that is none is shown as text.
#[must_use]
pub fn mention(slack_id: &str) -> String {
    if is_account(slack_id) {
        format!("<@{slack_id}>")
    } else {
        safe(slack_id, limits::NAME)
    }
}

/// Who asked: a mention of the person, or the service with the request because of which it asks.
#[must_use]
pub fn asker(actor: &Actor) -> String {
    match actor {
        Actor::Person(party) => mention(&party.slack_id),
        Actor::Service(service) => format!("Countersign, because of {}", label(service.number)),
    }
}

/// Outside text in which this program itself put mentions of people: escaped but for those.
#[must_use]
pub fn with_mentions(text: &str, most: usize) -> String {
    let escaped = safe(text, most);
    let mut parts = escaped.split("&lt;@");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("&gt;").filter(|(id, _)| is_account(id)) {
            Some((id, rest)) => {
                out.push_str(&mention(id));
                out.push_str(rest);
            }
            None => {
                out.push_str("&lt;@");
                out.push_str(part);
            }
        }
    }
    out
}

/// E-mail addresses in an argument masked: `a•••@example.com`. Cards name people no more precisely than that.
#[must_use]
pub fn masked(value: &str) -> String {
    let words = value.split_whitespace().map(addresses::masked);
    words.collect::<Vec<_>>().join(" ")
}

/// A word of a program for people: underscores become spaces.
#[must_use]
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn cut(text: &str, most: usize, push: impl Fn(&mut String, char)) -> String {
    let mut all = String::with_capacity(text.len());
    text.chars().for_each(|c| push(&mut all, c));
    if units(&all) <= most {
        return all;
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        let mut piece = String::new();
        push(&mut piece, c);
        used += units(&piece);
        if used > most {
            break;
        }
        out.push_str(&piece);
    }
    if most > 0 {
        out.push(ELLIPSIS);
    }
    out
}

fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => out.push(c),
    }
}

/// White space collapsed and invisible direction marks gone: both can make a text read as another one.
fn one_line(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !is_deceptive(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_account(id: &str) -> bool {
    let fits = !id.is_empty() && id.len() <= limits::NAME;
    fits && id.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_deceptive(c: char) -> bool {
    let is_direction =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_direction || (c.is_control() && !c.is_whitespace())
}

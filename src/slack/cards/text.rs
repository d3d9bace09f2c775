//! Text for Slack: escaped, bounded, and readable. Whatever comes from outside this program goes through
//! [`safe`], [`quote`] or [`code`] before it stands in markup.

use super::limits;
use crate::domain::Instant;

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

/// People's text as a quotation: every line of it is marked, so that none can pass for the card's own words.
#[must_use]
pub fn quote(text: &str, most: usize) -> String {
    let lines = text.split(is_line_break).map(one_line);
    let kept: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    let mut out = String::new();
    for line in &kept {
        let room = most.saturating_sub(units(&out) + 3);
        if room < 2 {
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str("> ");
        out.push_str(&cut(line, room, push_escaped));
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
    let is_id = !slack_id.is_empty()
        && units(slack_id) <= limits::NAME
        && slack_id.chars().all(|c| c.is_ascii_alphanumeric());
    if is_id {
        format!("<@{slack_id}>")
    } else {
        safe(slack_id, limits::NAME)
    }
}

/// A text that this program composed for people, escaped but for its mentions.
#[must_use]
pub fn with_mentions(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<@") {
        let Some((id, tail)) = after.split_once('>') else {
            break;
        };
        let mentioned = mention(id);
        if !mentioned.starts_with("<@") {
            break;
        }
        let before = escape(&one_line_inside(before));
        if units(&out) + units(&before) + units(&mentioned) > most {
            break;
        }
        out.push_str(&before);
        out.push_str(&mentioned);
        rest = tail;
    }
    let room = most.saturating_sub(units(&out));
    out.push_str(&cut(&one_line_inside(rest), room, push_escaped));
    out
}

/// A number with its thousands apart: `12,345`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 row`, `60 rows`.
#[must_use]
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Bytes for people, in powers of 1000: `1.4 MB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return counted(n, "byte", "bytes");
    }
    let mut tenths = u128::from(n) * 10;
    let mut unit = "";
    for name in UNITS {
        tenths = (tenths + 500) / 1000;
        unit = name;
        if tenths < 10_000 {
            break;
        }
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// A duration in its two largest units: `1 h 30 min`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = vec![];
    for (size, name) in UNITS {
        if rest >= size {
            parts.push(format!("{} {name}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.truncate(2);
    parts.join(" ")
}

/// A point in time that every reader sees in their own zone, to the minute.
#[must_use]
pub fn date(at: Instant) -> String {
    token(at, "{date_short_pretty} {time}")
}

/// The same to the second, for what is near.
#[must_use]
pub fn clock(at: Instant) -> String {
    token(at, "{time_secs}")
}

/// A point in time where Slack renders no dates: notifications, plain text.
#[must_use]
pub fn plain_date(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// E-mail addresses in an argument masked: `a•••@example.com`. Cards name people no more precisely than that.
#[must_use]
pub fn masked(value: &str) -> String {
    let words = value
        .split_whitespace()
        .map(|word| match word.rsplit_once('@') {
            Some((local, host)) if !local.is_empty() && !host.is_empty() => {
                let first: String = local.chars().take(1).collect();
                format!("{first}•••@{host}")
            }
            _ => word.to_owned(),
        });
    words.collect::<Vec<_>>().join(" ")
}

/// A word of a program for people: underscores become spaces.
#[must_use]
pub fn words(name: &str) -> String {
    name.replace('_', " ")
}

fn token(at: Instant, form: &str) -> String {
    format!("<!date^{}^{form}|{}>", at.timestamp(), plain_date(at))
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

/// Like [`one_line`], for a piece of a line whose outer spaces count.
fn one_line_inside(text: &str) -> String {
    let mut line = one_line(text);
    if text.starts_with(char::is_whitespace) {
        line.insert(0, ' ');
    }
    if line.len() > 1 && text.ends_with(char::is_whitespace) {
        line.push(' ');
    }
    line
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

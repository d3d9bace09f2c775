/// Replaces every `<…>` that Slack made by what the person typed, the inner ones first. What is not Slack's stays.
pub(super) fn unwrap(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut open = Vec::new();
    for c in text.chars() {
        let start = match c {
            '<' => {
                open.push(plain.len());
                None
            }
            '>' => open.pop(),
            '\n' => {
                open.clear();
                None
            }
            _ => None,
        };
        match start {
            Some(start) => {
                let inside = plain.split_off(start);
                plain.push_str(&unwrapped(&inside[1..]));
            }
            None => plain.push(c),
        }
    }
    plain
}

/// Replaces `&lt;`, `&gt;` and `&amp;`, also when they were escaped several times.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        plain.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        while let Some(after) = rest.strip_prefix("amp;") {
            rest = after;
        }
        let (character, after) = match rest {
            lower if lower.starts_with("lt;") => ('<', &lower["lt;".len()..]),
            greater if greater.starts_with("gt;") => ('>', &greater["gt;".len()..]),
            other => ('&', other),
        };
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn unwrapped(inside: &str) -> String {
    if let Some(typed) = repeated(inside) {
        return typed.to_owned();
    }
    let (target, label) = inside
        .split_once('|')
        .map_or((inside, ""), |(target, label)| (target, label.trim()));
    match target.as_bytes() {
        [b'@' | b'#', ..] => format!("<{target}>"),
        [b'!', ..] => command(target, label),
        _ => link(target, label).unwrap_or_else(|| format!("<{inside}>")),
    }
}

/// What was typed, of a link that is its own label and holds bars itself: `mailto:samlp|acme|a@b.c|samlp|acme|a@b.c`.
fn repeated(inside: &str) -> Option<&str> {
    let (_, rest) = inside
        .split_once(':')
        .filter(|(scheme, _)| matches!(*scheme, "mailto" | "tel"))?;
    let middle = rest.len().checked_sub(1)? / 2;
    let (target, label) = (rest.get(..middle)?, rest.get(middle + 1..)?);
    (rest.get(middle..=middle) == Some("|") && target == label).then_some(label)
}

/// `<!subteam^S…|@handle>` names a group; the others are words for everybody, or a date with its text.
fn command(target: &str, label: &str) -> String {
    match (target.starts_with("!subteam^"), label) {
        (true, _) => format!("<{target}>"),
        (false, "") => format!("@{}", &target[1..]),
        (false, label) => label.to_owned(),
    }
}

/// A link as it was typed. When its text says something else than where it leads, both stay, so that neither the
/// reader nor the command is deceived.
fn link(target: &str, label: &str) -> Option<String> {
    let (scheme, address) = target.split_once(':')?;
    let typed = match scheme.to_ascii_lowercase().as_str() {
        "mailto" | "tel" => address,
        "http" | "https" | "ftp" | "slack" => target,
        _ => return None,
    };
    let says_the_same = match scheme.eq_ignore_ascii_case("tel") {
        true => digits(label).eq(digits(address)),
        false => bare(label).eq_ignore_ascii_case(bare(typed)),
    };
    Some(match (label, says_the_same) {
        ("", _) => typed.to_owned(),
        (label, true) => label.to_owned(),
        (label, false) => format!("{label} ({typed})"),
    })
}

/// A web address without its scheme and last slash, as people type it.
fn bare(address: &str) -> &str {
    let without_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    without_scheme.trim_end_matches('/')
}

fn digits(number: &str) -> impl Iterator<Item = char> {
    number.chars().filter(char::is_ascii_digit)
}

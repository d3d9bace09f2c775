//! What people type, as Slack passes it on: entities escaped; people, channels, links and e-mail addresses wrapped.

use crate::slack::{core::Core, model::ChannelKind, settings::Mentions};

/// Escapes and wraps a typed text.
pub(super) fn typed(core: &Core, mentions: Mentions, text: &str) -> String {
    // Whitespace is kept as typed: only the words between it are looked at.
    text.split_inclusive(char::is_whitespace)
        .map(|piece| {
            let word = piece.trim_end_matches(char::is_whitespace);
            format!("{}{}", wrapped(core, mentions, word), &piece[word.len()..])
        })
        .collect()
}

fn wrapped(core: &Core, mentions: Mentions, word: &str) -> String {
    let bare = word.trim_end_matches([',', '.', ';', ':', '!', '?', ')']);
    let rest = entities(&word[bare.len()..]);
    let found = match bare.as_bytes().first() {
        Some(b'@') => mention(core, mentions, &bare[1..]),
        Some(b'#') => channel(core, mentions, &bare[1..]),
        _ if bare.starts_with("https://") || bare.starts_with("http://") => {
            Some(format!("<{}>", entities(bare)))
        }
        _ if is_email(bare) => Some(format!("<mailto:{bare}|{bare}>")),
        _ => None,
    };
    found.map_or_else(|| entities(word), |found| format!("{found}{rest}"))
}

fn mention(core: &Core, mentions: Mentions, name: &str) -> Option<String> {
    if let Some(group) = core
        .world
        .groups
        .values()
        .find(|group| group.handle == name)
    {
        return Some(match mentions {
            Mentions::Bare => format!("<!subteam^{}>", group.id),
            Mentions::Named => format!("<!subteam^{}|@{}>", group.id, group.handle),
        });
    }
    let user = core.world.users.values().find(|user| user.name == name)?;
    Some(match mentions {
        Mentions::Bare => format!("<@{}>", user.id),
        Mentions::Named => format!("<@{}|{}>", user.id, user.name),
    })
}

fn channel(core: &Core, mentions: Mentions, name: &str) -> Option<String> {
    let channel = core
        .world
        .channels
        .values()
        .find(|c| !c.name.is_empty() && c.name == name)?;
    Some(match (mentions, &channel.kind) {
        (Mentions::Bare, _) => format!("<#{}>", channel.id),
        (Mentions::Named, ChannelKind::Public) => format!("<#{}|{}>", channel.id, channel.name),
        (Mentions::Named, _) => format!("<#{}|>", channel.id),
    })
}

fn is_email(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._%+-@".contains(c);
    word.chars().all(allowed)
        && word.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.contains('@')
                && domain.contains('.')
                && !domain.starts_with('.')
        })
}

fn entities(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

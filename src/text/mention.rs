/// The person's id when a word is the mention of a person, `<@U…>` or `<@W…>`.
#[must_use]
pub fn user_mention(word: &str) -> Option<&str> {
    id(word, "<@", &['U', 'W'])
}

/// The channel's id when a word is the mention of a channel, `<#C…>` or `<#G…>`.
#[must_use]
pub fn channel_mention(word: &str) -> Option<&str> {
    id(word, "<#", &['C', 'G'])
}

/// The group's id when a word is the mention of a user group, `<!subteam^S…>`.
#[must_use]
pub fn group_mention(word: &str) -> Option<&str> {
    id(word, "<!subteam^", &['S'])
}

fn id<'w>(word: &'w str, open: &str, kinds: &[char]) -> Option<&'w str> {
    let id = word.strip_prefix(open)?.strip_suffix('>')?;
    let is_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    (id.starts_with(kinds) && id.chars().all(is_id)).then_some(id)
}

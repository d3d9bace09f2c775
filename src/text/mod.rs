//! Typed text into plain words.
//!
//! Between a person's keyboard and us the text is changed: keyboards make quotes and dashes typographic, Slack wraps
//! addresses, people and channels in `<…>` and escapes `&`, `<` and `>`, and copied text carries invisible characters,
//! some of which turn the reading direction and so show something else than what is executed.

mod alike;
mod characters;
mod markup;
mod mention;
mod words;

pub use alike::{ALIKE, alike, meant};
pub use mention::{channel_mention, group_mention, user_mention};
pub use words::{Token, Words};

/// The longest text that is read, in bytes: the 4000 characters that Slack recommends at most, each of up to 4 bytes.
pub const MAX_TEXT_BYTES: usize = 16_000;

/// The text is longer than is read. It is refused as a whole: half a reason may say the opposite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text has {bytes} bytes; at most {MAX_TEXT_BYTES} are read")]
pub struct TextTooLong {
    /// How long it is.
    pub bytes: usize,
}

/// Plain text: ASCII quotes, dashes and spaces, nothing invisible, links and addresses as they were typed, people,
/// channels and groups as `<@U…>`, `<#C…>` and `<!subteam^S…>`. Line breaks stay. The result is never longer than the
/// text, and normalising it again changes nothing.
///
/// # Errors
/// [`TextTooLong`] above [`MAX_TEXT_BYTES`].
pub fn normalise(text: &str) -> Result<String, TextTooLong> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(TextTooLong { bytes: text.len() });
    }
    // What one step uncovers the next may have to change, for example an escaped link. Every step that changes
    // something but quotes and spaces shortens the text, so this ends.
    let mut current = text.to_owned();
    loop {
        let next = step(&current);
        if next == current {
            return Ok(current);
        }
        current = next;
    }
}

fn step(text: &str) -> String {
    let text = characters::plain(text);
    let text = markup::unwrap(&text);
    let text = markup::unescape(&text);
    characters::dashes(&text).trim().to_owned()
}

use super::{TextTooLong, normalise};

/// One word, or one quoted group of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The word, without its quotes.
    pub text: String,
    /// Where the word starts in the normalised text, in bytes, its quote included.
    pub rest_offset: usize,
}

/// A typed line, normalised and cut into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    line: String,
    tokens: Vec<Token>,
}

impl Words {
    /// Normalises a text and cuts it into words at white space. A quote at the start of a word, `"` or `'`, holds
    /// words together up to the same quote at the end of a word; inside, `\` takes the next quote or `\` literally.
    /// A quote that is never closed is an ordinary character.
    pub fn parse(text: &str) -> Result<Self, TextTooLong> {
        let line = normalise(text)?;
        let mut tokens = Vec::new();
        let mut at = 0;
        // A quote that was not closed once is not looked for again, so that a line full of quotes is cut in one pass.
        let mut never_closed = Vec::new();
        while let Some(start) = line[at..].find(|c: char| !c.is_whitespace()) {
            let rest_offset = at + start;
            let rest = &line[rest_offset..];
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let quote = quote.filter(|quote| !never_closed.contains(quote));
            let group = quote.and_then(|quote| quoted(rest, quote));
            if group.is_none() {
                never_closed.extend(quote);
            }
            let (text, length) = group.unwrap_or_else(|| bare(rest));
            tokens.push(Token { text, rest_offset });
            at = rest_offset + length;
        }
        Ok(Self { line, tokens })
    }

    /// The words.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The word at an index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        self.tokens.get(index).map(|token| token.text.as_str())
    }

    /// The whole normalised text.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The free text from the word at an index to the end, as it was typed. When that is one quoted group, its quotes
    /// go. `None` when there is no such word.
    #[must_use]
    pub fn rest_from(&self, index: usize) -> Option<&str> {
        let token = self.tokens.get(index)?;
        let is_last = index + 1 == self.tokens.len();
        Some(match is_last {
            true => token.text.trim(),
            false => &self.line[token.rest_offset..],
        })
    }
}

/// A quoted group at the start of `rest` and its length with the quotes.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut inside = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = inside.next() {
        let next = inside.peek().map(|(_, next)| *next);
        match (c, next) {
            ('\\', Some(escaped @ ('"' | '\'' | '\\'))) => {
                text.push(escaped);
                inside.next();
            }
            (c, None) if c == quote => return Some((text, at + 1)),
            (c, Some(next)) if c == quote && next.is_whitespace() => return Some((text, at + 1)),
            (c, _) => text.push(c),
        }
    }
    None
}

/// A word up to the next white space at the start of `rest` and its length.
fn bare(rest: &str) -> (String, usize) {
    let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
    (rest[..length].to_owned(), length)
}

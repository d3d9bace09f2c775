/// Quotes and spaces as in ASCII, line ends as `\n`; without control and invisible characters.
pub(super) fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter_map(plain_char)
        .collect()
}

fn plain_char(c: char) -> Option<char> {
    let plain = match c {
        '\u{201C}'..='\u{201F}' | '\u{00AB}' | '\u{00BB}' => '"',
        '\u{2018}'..='\u{201B}' | '\u{2039}' | '\u{203A}' => '\'',
        '\t' | '\u{00A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' => ' ',
        '\u{202F}' | '\u{205F}' | '\u{3000}' => ' ',
        '\n' | '\r' | '\u{0B}' | '\u{0C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        c if c.is_control() || is_invisible(c) => return None,
        c => c,
    };
    Some(plain)
}

/// Characters that show nothing, or that only turn the reading direction.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// A typographic dash is the `--` of an option when it starts a word that goes on with a letter; else it is `-`.
pub(super) fn dashes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let starts_option =
            before.is_whitespace() && rest.peek().is_some_and(|next| next.is_alphabetic());
        match c {
            '\u{2013}' | '\u{2014}' if starts_option => plain.push_str("--"),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => plain.push('-'),
            other => plain.push(other),
        }
        before = c;
    }
    plain
}

//! The proposal as TOML.

use std::fmt::Write as _;

use crate::systems::app_db::Table;

/// How sure a choice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sure {
    /// The database itself says so.
    Certain,
    /// Names and types agree.
    Likely,
    /// By the name alone.
    Guess,
}

/// One section.
#[derive(Default)]
pub(super) struct Part {
    /// `app.schema.user`.
    pub(super) name: &'static str,
    /// Said before the section.
    pub(super) notes: Vec<String>,
    pub(super) lines: Vec<Line>,
}

/// One key of a section.
pub(super) enum Line {
    /// In force.
    Set {
        key: &'static str,
        /// As TOML.
        value: String,
        sure: Sure,
        why: String,
    },
    /// A list, each entry with its reason; entries that are not in force are told all the same.
    List {
        key: &'static str,
        entries: Vec<Entry>,
        /// Said when no entry is in force.
        empty: String,
    },
    /// Not in force: what could stand there.
    Open {
        key: &'static str,
        example: String,
        why: String,
    },
}

/// One entry of a list.
pub(super) struct Entry {
    pub(super) text: String,
    pub(super) active: bool,
    pub(super) why: String,
}

impl Line {
    pub(super) fn set(key: &'static str, value: &str, sure: Sure, why: impl Into<String>) -> Self {
        Self::Set {
            key,
            value: quoted(value),
            sure,
            why: why.into(),
        }
    }

    pub(super) fn open(key: &'static str, example: &str, why: impl Into<String>) -> Self {
        Self::Open {
            key,
            example: quoted(example),
            why: why.into(),
        }
    }
}

pub(super) const HEAD: &str = "\
# Proposed by `countersign doctor --suggest-mapping`. Read every line, correct what is wrong, and put it into the
# configuration file in the place of [app.schema]. Then run `countersign doctor`. docs/mapping.md explains every key.
# sure: the database says so. likely: name and type agree. guess: by the name alone. What begins with # is not in force.
";

pub(super) fn render(parts: &[Part]) -> String {
    let mut text = HEAD.to_owned();
    for part in parts {
        let is_empty = part.lines.is_empty();
        if is_empty && part.notes.is_empty() {
            continue;
        }
        text.push('\n');
        for note in &part.notes {
            let _ = writeln!(text, "# {}", one_line(note));
        }
        let in_force = part
            .lines
            .iter()
            .any(|line| !matches!(line, Line::Open { .. }));
        let off = if in_force { "" } else { "# " };
        if !is_empty {
            let _ = writeln!(text, "{off}[{}]", part.name);
        }
        for line in &part.lines {
            write_line(&mut text, line);
        }
    }
    text
}

fn write_line(text: &mut String, line: &Line) {
    match line {
        Line::Set {
            key,
            value,
            sure,
            why,
        } => {
            let _ = writeln!(
                text,
                "{key} = {value}  # {}: {}",
                sure.word(),
                one_line(why)
            );
        }
        Line::Open { key, example, why } => {
            let _ = writeln!(text, "# {key} = {example}  # {}", one_line(why));
        }
        Line::List {
            key,
            entries,
            empty,
        } if entries.is_empty() => {
            let _ = writeln!(text, "{key} = []  # {}", one_line(empty));
        }
        Line::List { key, entries, .. } => {
            let _ = writeln!(text, "{key} = [");
            for Entry {
                text: entry,
                active,
                why,
            } in entries
            {
                let off = if *active { "" } else { "# " };
                let _ = writeln!(text, "  {off}{},  # {}", quoted(entry), one_line(why));
            }
            text.push_str("]\n");
        }
    }
}

impl Sure {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Certain => "sure",
            Self::Likely => "likely",
            Self::Guess => "guess",
        }
    }
}

/// A table as the configuration names it.
pub(super) fn written(table: &Table, main: &str) -> String {
    if table.schema == main {
        return part(&table.name);
    }
    format!("{}.{}", part(&table.schema), part(&table.name))
}

/// A column as a list of the configuration names it.
pub(super) fn reference(table: &Table, column: &str, main: &str) -> String {
    format!("{}.{}", written(table, main), part(column))
}

/// A part that holds a dot itself is written in double quotes.
fn part(name: &str) -> String {
    if name.contains('.') {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A name may hold a line break, which would end the comment.
pub(super) fn one_line(text: &str) -> String {
    text.split(|char: char| char.is_control())
        .collect::<Vec<_>>()
        .join(" ")
}

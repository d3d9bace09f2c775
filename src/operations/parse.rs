//! From typed words to an operation with its arguments, or to a sentence that helps.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{
    argument::{Argument, Reading},
    catalogue::{self, SharedOperation},
    declaration::Declaration,
    help,
};
use crate::{
    domain::event::Asking,
    text::{ALIKE, Words, alike, meant},
};

/// Characters of a reason that are kept.
pub const REASON_CHARS: usize = 500;

/// What somebody typed, understood.
pub struct Asked {
    /// What is asked for.
    pub operation: SharedOperation,
    /// With which arguments and why.
    pub asking: Asking,
}

/// What somebody typed, not understood. The text is for them.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Misunderstood {
    /// Nothing was typed.
    #[error("{0}")]
    Nothing(String),
    #[error("There is no `{typed}`.{}", suggestion(.near.as_deref()))]
    NoSuchOperation {
        typed: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// There are other commands that begin so.
    #[error("There is no `{typed}`. These begin with `{noun}`:\n{commands}")]
    NoSuchVerb {
        typed: String,
        /// The first word, as it is known.
        noun: String,
        /// The lines of its commands.
        commands: String,
    },
    /// Only the first of two words was typed.
    #[error("`{noun}` needs a second word:\n{commands}")]
    NoVerb {
        /// The first word.
        noun: String,
        /// The lines of its commands.
        commands: String,
    },
    /// Something is missing.
    #[error("{what} is missing: `{usage}`\nfor example `{example}`")]
    Missing {
        what: String,
        /// The usage line.
        usage: String,
        /// A line that works.
        example: &'static str,
        /// The operation, so that its modal can be opened with what is there already.
        operation: &'static str,
    },
    /// Something does not fit.
    #[error("{says}: `{usage}`\nfor example `{example}`")]
    Wrong {
        /// What does not fit, and why.
        says: String,
        /// The usage line.
        usage: String,
        /// A line that works.
        example: &'static str,
    },
    #[error("the reason has {0} characters, {REASON_CHARS} at most")]
    ReasonTooLong(usize),
}

fn suggestion(near: Option<&str>) -> String {
    let Some(near) = near else {
        return " `/ops help` lists everything.".to_owned();
    };
    let usage = catalogue::find(near).map(|operation| operation.declaration().usage());
    let usage = usage.unwrap_or_else(|| format!("/ops {near}"));
    format!(" Did you mean `{usage}`?")
}

/// Understands one command line, without the leading `/ops`.
///
/// # Errors
/// [`Misunderstood`], worded for the person who typed it.
pub fn parse(words: &Words) -> Result<Asked, Misunderstood> {
    let (operation, taken) = operation(words)?;
    let asking = asking(operation.declaration(), words, taken)?;
    Ok(Asked { operation, asking })
}

/// What `/ops help …` answers: everything, or one command in full.
#[must_use]
pub fn help(words: &Words) -> String {
    let asked: Vec<String> = words
        .tokens()
        .iter()
        .skip(1)
        .map(|word| word.text.to_lowercase())
        .collect();
    let Some(noun) = asked.first().filter(|noun| *noun != help::NAME) else {
        return help::overview();
    };
    let both = asked.get(1).map(|verb| format!("{noun} {verb}"));
    let named = both.as_deref().and_then(catalogue::find);
    if let Some(operation) = named.or_else(|| catalogue::find(noun)) {
        return help::in_full(operation.declaration());
    }
    no_such(noun, both.as_deref()).to_string()
}

/// The operation that a line names, and the number of words that its name takes.
///
/// # Errors
/// [`Misunderstood::Nothing`], and what [`no_such`] says.
pub fn operation(words: &Words) -> Result<(SharedOperation, usize), Misunderstood> {
    let Some(noun) = words.get(0).map(str::to_lowercase) else {
        return Err(Misunderstood::Nothing(help::overview()));
    };
    let both = words
        .get(1)
        .map(|verb| format!("{noun} {}", verb.to_lowercase()));
    let named = both
        .as_deref()
        .and_then(|name| Some((catalogue::find(name)?, 2)));
    let named = named.or_else(|| Some((catalogue::find(&noun)?, 1)));
    named.ok_or_else(|| no_such(&noun, both.as_deref()))
}

/// What was typed instead of a name: with what is alike, or with everything that begins as it does.
fn no_such(noun: &str, both: Option<&str>) -> Misunderstood {
    if both.is_none() && nouns().contains(noun) {
        return Misunderstood::NoVerb {
            noun: noun.to_owned(),
            commands: help::of_noun(noun).join("\n"),
        };
    }
    let typed = both.unwrap_or(noun).replace('`', "'");
    if let Some(near) = both.and_then(nearest).or_else(|| nearest(noun)) {
        return Misunderstood::NoSuchOperation {
            typed,
            near: Some(near),
        };
    }
    let known: Vec<&str> = nouns().into_iter().collect();
    match meant(noun, &known) {
        Some(known) => Misunderstood::NoSuchVerb {
            typed,
            noun: known.to_owned(),
            commands: help::of_noun(known).join("\n"),
        },
        None => Misunderstood::NoSuchOperation { typed, near: None },
    }
}

/// The first words of the names that have two.
fn nouns() -> BTreeSet<&'static str> {
    let names = catalogue::all().into_iter();
    let names = names.map(|operation| operation.declaration().name);
    names
        .filter_map(|name| Some(name.split_once(' ')?.0))
        .collect()
}

/// What was typed of each argument, and where the reason begins. What is not meant for an argument that may be left out is
/// left for the next one.
pub(crate) struct Typed {
    /// Each argument's value, in the declaration's order; `None` for what is not there.
    pub values: Vec<Option<String>>,
    /// The index of the first word that no argument took.
    pub rest: usize,
    /// The argument for which something was typed that does not fit, and what is wrong with it.
    wrong: Option<(&'static Argument, String)>,
}

/// Reads the arguments as far as they fit.
pub(crate) fn typed(declaration: &Declaration, words: &Words, taken: usize) -> Typed {
    let mut typed = Typed {
        values: vec![],
        rest: taken,
        wrong: None,
    };
    for argument in declaration.arguments {
        let reading = match typed.wrong {
            None => argument.read(words, typed.rest),
            Some(_) => Reading::Nothing,
        };
        let value = match reading {
            Reading::Value(value, length) => {
                typed.rest += length;
                Some(value)
            }
            Reading::Near { says } => {
                typed.wrong = Some((argument, says));
                None
            }
            Reading::Nothing => None,
        };
        typed.values.push(value);
    }
    typed
}

fn asking(declaration: &Declaration, words: &Words, taken: usize) -> Result<Asking, Misunderstood> {
    let missing = |what: &str| Misunderstood::Missing {
        what: what.to_owned(),
        usage: declaration.usage(),
        example: declaration.example,
        operation: declaration.name,
    };
    let wrong = |says: String| Misunderstood::Wrong {
        says,
        usage: declaration.usage(),
        example: declaration.example,
    };
    let typed = typed(declaration, words, taken);
    let mut asking = Asking::default();
    for (argument, value) in declaration.arguments.iter().zip(typed.values) {
        match (value, &typed.wrong) {
            (Some(value), _) => {
                asking.arguments.insert(argument.name.to_owned(), value);
            }
            (None, Some((meant, says))) if meant.name == argument.name => {
                return Err(wrong(does_not_fit(declaration, argument, says)));
            }
            (None, _) if argument.optional => {}
            (None, _) => return Err(missing(argument.name)),
        }
    }
    let rest = words.rest_from(typed.rest).map(str::trim);
    let rest = rest.filter(|rest| !rest.is_empty());
    if declaration.needs_reason() {
        asking.reason = checked_reason(rest.ok_or_else(|| missing("the reason"))?)?;
    } else if let Some(surplus) = words.get(typed.rest) {
        let last = declaration.arguments.last().filter(|last| last.optional);
        return Err(wrong(match last.map(|last| last.check(surplus)) {
            Some(Err(says)) => says,
            _ => format!("`{surplus}` is more than it takes"),
        }));
    }
    Ok(asking)
}

fn does_not_fit(declaration: &Declaration, argument: &Argument, says: &str) -> String {
    if argument.optional && declaration.needs_reason() {
        format!("{says}; if the reason begins with it, put another word before it")
    } else {
        says.to_owned()
    }
}

/// A reason of a bearable length.
pub fn checked_reason(reason: &str) -> Result<String, Misunderstood> {
    match reason.chars().count() {
        long if long > REASON_CHARS => Err(Misunderstood::ReasonTooLong(long)),
        _ => Ok(reason.to_owned()),
    }
}

/// The name that is most like what was typed, word by word: what begins with the right noun is no reason to offer a verb
/// that nobody meant.
fn nearest(typed: &str) -> Option<String> {
    let all = catalogue::all();
    let names = all.iter().map(|operation| operation.declaration().name);
    names
        .chain([help::NAME])
        .map(|name| (of_words(typed, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// How alike two names are: as much as their words that are least alike. What follows a name of one word are arguments.
fn of_words(typed: &str, name: &str) -> f64 {
    let (typed, name): (Vec<&str>, Vec<&str>) =
        (typed.split(' ').collect(), name.split(' ').collect());
    if typed.len() < name.len() {
        return 0.0;
    }
    let pairs = typed.into_iter().zip(name);
    pairs.map(|(a, b)| alike(a, b)).fold(1.0, f64::min)
}

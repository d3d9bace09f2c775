//! From typed words to an operation with its arguments, or to a sentence that helps.

use thiserror::Error;

use super::{
    argument::Argument,
    catalogue::{self, SharedOperation},
    declaration::Declaration,
};
use crate::{domain::particulars::Asking, slack::inbound::text::Words};

/// Characters of a reason that are kept.
pub const REASON_CHARS: usize = 500;
/// How alike a wrong name and a right one must be (Jaro-Winkler, 0 to 1) to be offered.
const ALIKE: f64 = 0.8;

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
    /// There is no such operation.
    #[error("there is no `{typed}`.{}", suggestion(.near.as_deref()))]
    NoSuchOperation {
        /// What was typed.
        typed: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// Something is missing.
    #[error("{what} is missing: `{usage}`\nfor example `{example}`")]
    Missing {
        /// What.
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
    /// The reason is too long.
    #[error("the reason has {0} characters, {REASON_CHARS} at most")]
    ReasonTooLong(usize),
}

fn suggestion(near: Option<&str>) -> String {
    near.map_or_else(
        || " `/ops help` lists everything.".to_owned(),
        |near| format!(" Did you mean `{near}`?"),
    )
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

/// The operation that a line names, and the number of words that its name takes.
///
/// # Errors
/// [`Misunderstood::Nothing`] and [`Misunderstood::NoSuchOperation`].
pub fn operation(words: &Words) -> Result<(SharedOperation, usize), Misunderstood> {
    let Some(noun) = words.get(0).map(str::to_lowercase) else {
        return Err(Misunderstood::Nothing(super::help::overview()));
    };
    let both = words
        .get(1)
        .map(|verb| format!("{noun} {}", verb.to_lowercase()));
    let named = both
        .as_deref()
        .and_then(|name| Some((catalogue::find(name)?, 2)));
    let named = named.or_else(|| Some((catalogue::find(&noun)?, 1)));
    named.ok_or_else(|| {
        let near = both.as_deref().and_then(nearest).or_else(|| nearest(&noun));
        let typed = both.unwrap_or(noun);
        Misunderstood::NoSuchOperation { typed, near }
    })
}

/// What was typed of each argument, and where the reason begins. What does not fit an argument that may be left out is
/// left for the next one.
pub(crate) struct Typed {
    /// Each argument's value, in the declaration's order; `None` for what is not there.
    pub values: Vec<Option<String>>,
    /// The index of the first word that no argument took.
    pub rest: usize,
    /// What was typed for the first required argument that does not fit.
    pub wrong: Option<String>,
}

/// Reads the arguments as far as they fit.
pub(crate) fn typed(declaration: &Declaration, words: &Words, taken: usize) -> Typed {
    let mut typed = Typed {
        values: vec![],
        rest: taken,
        wrong: None,
    };
    for argument in declaration.arguments {
        let read = match typed.wrong {
            None => argument.read(words, typed.rest),
            Some(_) => None,
        };
        match read {
            Some((value, length)) => {
                typed.values.push(Some(value));
                typed.rest += length;
            }
            None => {
                typed.values.push(None);
                if !argument.optional && typed.wrong.is_none() {
                    typed.wrong = words.get(typed.rest).map(str::to_owned);
                }
            }
        }
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
            (None, _) if argument.optional => {}
            (None, Some(given)) => return Err(wrong(does_not_fit(argument, given))),
            (None, None) => return Err(missing(argument.name)),
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

fn does_not_fit(argument: &Argument, given: &str) -> String {
    argument
        .check(given)
        .err()
        .unwrap_or_else(|| format!("{} is missing", argument.name))
}

/// A reason of a bearable length.
///
/// # Errors
/// [`Misunderstood::ReasonTooLong`].
pub fn checked_reason(reason: &str) -> Result<String, Misunderstood> {
    match reason.chars().count() {
        long if long > REASON_CHARS => Err(Misunderstood::ReasonTooLong(long)),
        _ => Ok(reason.to_owned()),
    }
}

/// The operation whose name is most like what was typed.
pub(super) fn nearest(typed: &str) -> Option<String> {
    catalogue::all()
        .iter()
        .map(|operation| operation.declaration().name)
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

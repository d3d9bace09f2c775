//! From typed words to an operation with its arguments, or to a sentence that helps.

use thiserror::Error;

use super::{
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
    let Some(noun) = words.get(0).map(str::to_lowercase) else {
        return Err(Misunderstood::Nothing(overview()));
    };
    let both = words
        .get(1)
        .map(|verb| format!("{noun} {}", verb.to_lowercase()));
    let named = both
        .as_deref()
        .and_then(|name| Some((catalogue::find(name)?, 2)));
    let named = named.or_else(|| Some((catalogue::find(&noun)?, 1)));
    let Some((operation, taken)) = named else {
        let typed = both.unwrap_or(noun);
        let near = nearest(&typed);
        return Err(Misunderstood::NoSuchOperation { typed, near });
    };
    let asking = arguments(operation.declaration(), words, taken)?;
    Ok(Asked { operation, asking })
}

fn arguments(
    declaration: &Declaration,
    words: &Words,
    taken: usize,
) -> Result<Asking, Misunderstood> {
    let missing = |what: &str| Misunderstood::Missing {
        what: what.to_owned(),
        usage: declaration.usage(),
        example: declaration.example,
        operation: declaration.name,
    };
    let mut asking = Asking::default();
    for (i, argument) in declaration.arguments.iter().enumerate() {
        let value = words.get(taken + i).ok_or_else(|| missing(argument.name))?;
        asking
            .arguments
            .insert(argument.name.to_owned(), value.to_owned());
    }
    if declaration.needs_reason() {
        let reason = words
            .rest_from(taken + declaration.arguments.len())
            .map(str::trim)
            .filter(|reason| !reason.is_empty())
            .ok_or_else(|| missing("the reason"))?;
        asking.reason = checked_reason(reason)?;
    }
    Ok(asking)
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

/// Every operation with its usage and what it does.
#[must_use]
pub fn overview() -> String {
    let lines: Vec<String> = catalogue::all()
        .iter()
        .map(|operation| {
            let declaration = operation.declaration();
            format!("`{}`\n{}", declaration.usage(), declaration.summary)
        })
        .collect();
    lines.join("\n")
}

fn nearest(typed: &str) -> Option<String> {
    catalogue::all()
        .iter()
        .map(|operation| operation.declaration().name)
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

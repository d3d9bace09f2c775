//! Lists: the newest first, a page at a time.

use serde_json::json;

use super::{Outcome, shown};
use crate::stripe::{model::Object, params::Params, refusal::Refusal};

/// Entries of a page when nothing is said.
const USUAL: i64 = 10;
/// The most entries of a page.
const MOST: i64 = 100;

/// Which page is wanted.
pub(super) struct Page {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

impl Page {
    /// Takes the parameters that every list has.
    pub(super) fn take(params: &mut Params) -> Result<Self, Refusal> {
        let page = Self {
            limit: limit(params)?,
            starting_after: params.text("starting_after")?,
            ending_before: params.text("ending_before")?,
        };
        if page.starting_after.is_some() && page.ending_before.is_some() {
            let message = "Received both starting_after and ending_before parameters.";
            return Err(Refusal::malformed(None, message, "starting_after"));
        }
        Ok(page)
    }

    /// The page of these, which are all that fit and the newest first.
    pub(super) fn of<T: Object>(self, all: &[&T], url: &str) -> Outcome {
        let place = |id: &str, param| {
            let place = all.iter().position(|object| object.id() == id);
            place.ok_or_else(|| Refusal::missing(T::KIND, id, param))
        };
        let (page, has_more) = if let Some(id) = self.ending_before {
            let end = place(&id, "ending_before")?;
            let start = end.saturating_sub(self.limit);
            (&all[start..end], start > 0)
        } else {
            let start = match self.starting_after {
                None => 0,
                Some(id) => place(&id, "starting_after")? + 1,
            };
            let end = all.len().min(start + self.limit);
            (&all[start..end], end < all.len())
        };
        let data: Vec<_> = page.iter().map(|object| shown(*object)).collect();
        Ok(json!({"object": "list", "url": url, "has_more": has_more, "data": data}))
    }
}

/// How many entries a page has.
pub(super) fn limit(params: &mut Params) -> Result<usize, Refusal> {
    let limit = params.integer("limit")?.unwrap_or(USUAL);
    if (1..=MOST).contains(&limit) {
        return Ok(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    let message = format!("This value must be between 1 and {MOST} (given {limit}).");
    Err(Refusal::malformed(
        Some("parameter_invalid_integer"),
        message,
        "limit",
    ))
}

//! Search: `field:"value"` clauses joined by AND, pages by a token.

use serde_json::{Value, json};

use super::{Outcome, done, list::limit, shown};
use crate::stripe::{model::Object, params::Params, refusal::Refusal};

/// One clause of a query.
pub(super) struct Clause {
    /// For example `email`, or `metadata["order"]`.
    pub(super) field: String,
    /// What it has to be.
    pub(super) value: String,
}

/// Answers a search over `all`; `fits` says whether an object fits a clause, or that the field cannot be searched.
pub(super) fn search<T: Object>(
    all: &[T],
    params: &mut Params,
    url: &str,
    fits: impl Fn(&T, &Clause) -> Option<bool>,
) -> Outcome {
    let limit = limit(params)?;
    let page = params.text("page")?;
    let query = params.text("query")?;
    done(params)?;
    let query = query
        .ok_or_else(|| Refusal::malformed(Some("parameter_missing"), "Missing: query", "query"))?;
    let clauses = clauses(&query).ok_or_else(|| wrong(&query))?;
    let mut found = Vec::new();
    for object in all.iter().rev() {
        let mut all_fit = true;
        for clause in &clauses {
            all_fit &= fits(object, clause).ok_or_else(|| wrong(&query))?;
        }
        if all_fit {
            found.push(object);
        }
    }
    let start = match page {
        None => 0,
        Some(page) => start_of(&page, found.len())
            .ok_or_else(|| Refusal::malformed(None, format!("Invalid page: {page}"), "page"))?,
    };
    let end = found.len().min(start + limit);
    let data: Vec<Value> = found[start..end]
        .iter()
        .map(|object| shown(*object))
        .collect();
    let has_more = end < found.len();
    let next = has_more.then(|| format!("page_{end}"));
    Ok(json!({
        "object": "search_result", "url": url, "has_more": has_more, "data": data, "next_page": next
    }))
}

fn start_of(page: &str, most: usize) -> Option<usize> {
    let start: usize = page.strip_prefix("page_")?.parse().ok()?;
    (start <= most).then_some(start)
}

/// The clauses of a query; values stand in double quotes, in which a backslash escapes.
fn clauses(query: &str) -> Option<Vec<Clause>> {
    let mut rest = query.trim();
    let mut clauses = Vec::new();
    loop {
        let colon = rest.find(":\"")?;
        let field = rest[..colon].trim().to_owned();
        let (value, after) = quoted(&rest[colon + 2..])?;
        clauses.push(Clause { field, value });
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(clauses);
        }
        rest = rest
            .strip_prefix("AND ")
            .or_else(|| rest.strip_prefix("and "))?;
    }
}

/// What stands before the closing quote, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.push(letters.next()?.1),
            '"' => return Some((value, &text[at + 1..])),
            letter => value.push(letter),
        }
    }
    None
}

fn wrong(query: &str) -> Refusal {
    let message = format!("We were unable to parse your search query: {query}");
    Refusal::malformed(None, message, "query")
}

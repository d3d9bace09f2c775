//! The audit channel: one line per request, and the journal's witness.

use super::{Card, View, audience::Audience::Audit, blocks, facts, limits, status, text};
use crate::domain::Instant;

/// The line of a request in the audit channel; its thread has the events.
#[must_use]
pub fn audit_parent(view: &View<'_>) -> Card {
    let status = status::of(view, Audit);
    let line = format!("{} *{}*: {}", status.sign, facts::name(view), status.says);
    let mut about = vec![format!("asked by {}", text::asker(&view.request.requester))];
    about.extend(facts::whom(view, Audit).map(|whom| format!("about {whom}")));
    let arguments = facts::arguments(view, Audit);
    about.extend(arguments.map(|arguments| format!("with {arguments}")));
    about.push(facts::risk(view));
    let mut blocks = vec![blocks::section(&line), blocks::context(&about.join(" · "))];
    if let Some(reason) = facts::reason(view, Audit) {
        blocks.push(blocks::context(&reason));
    }
    Card::new(&line, blocks)
}

/// The head of the journal's chain, as a witness outside the database.
#[must_use]
pub fn chain_head(position: i64, hash_hex: &str, at: Instant) -> Card {
    let witness = text::code(&format!("{position}:{hash_hex}"), limits::NAME);
    let command = format!("countersign audit verify --witness {position}:{hash_hex}");
    let line = format!(
        "*Witness* of the journal at link {position}, {}\n{witness}",
        text::date(at)
    );
    let check = format!(
        "Nothing up to here has changed as long as this succeeds: {}",
        text::code(&command, limits::SENTENCE)
    );
    Card::new(
        &format!("Witness of the journal: {witness}"),
        vec![blocks::section(&line), blocks::context(&check)],
    )
}

//! What holds for every operation of the catalogue: it is planned, on record and in the audit channel, refused to whoever lacks
//! the role, and has its effect once however often a step is repeated. A new operation needs its line in
//! [`every_operation::LINES`] and nothing else here. What only reads is looked at in `reads`; the page of the commands is made by
//! `documents`.

pub mod every_operation;
mod every_rule;
pub mod in_audit;
mod on_the_page;
pub mod runbook;

use countersign::operations::{catalogue, parse};
use countersign::text::Words;

#[test]
fn every_operation_is_helped_with() {
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let words = Words::parse(&format!("help {}", declaration.name)).unwrap();
        let helped = parse::help(&words);
        assert!(helped.contains(declaration.summary), "{helped}");
    }
}

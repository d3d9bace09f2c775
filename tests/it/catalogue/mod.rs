//! What holds for every operation of the catalogue: it is planned, on record and in the audit channel, and tests show what it
//! does. The page of the commands is made by `documents`.

pub mod every_operation;
mod every_rule;
mod evidence;
mod on_the_page;
pub mod runbook;
mod sources;

use std::collections::BTreeSet;

use countersign::operations::{catalogue, help};
use countersign::slack::inbound::text::Words;
use evidence::Shown;
use sources::Sources;

#[test]
fn tests_show_that_every_operation_succeeds_is_refused_fails_and_is_repeated() {
    let sources = Sources::read();
    let all = catalogue::all();
    let mut named: BTreeSet<&str> = all.iter().map(|one| one.declaration().name).collect();
    named.insert(help::NAME);
    for name in &named {
        check(name, &sources);
    }
    let unknown = evidence::all().find(|evidence| !named.contains(evidence.operation));
    assert!(unknown.is_none(), "tests of what is not there");
}

#[test]
fn every_operation_is_helped_with() {
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let words = Words::parse(&format!("help {}", declaration.name)).unwrap();
        let helped = help::answer(&words);
        assert!(helped.contains(declaration.summary), "{helped}");
    }
}

/// Every test that is named for an operation is there and types it.
fn check(name: &str, sources: &Sources) {
    let shown = evidence::of(name).unwrap_or_else(|| panic!("no tests of {name} are named"));
    for (column, by) in shown.columns() {
        let is_said = match by {
            Shown::By(tests) => !tests.is_empty(),
            Shown::NotApplicable(why) => !why.is_empty(),
        };
        assert!(is_said, "{name}: nothing shows that {column}");
        for test in by.tests() {
            let types = sources.types(test, name);
            let types = types.unwrap_or_else(|| panic!("{name}: there is no test {test}"));
            assert!(types, "{test} does not type `/ops {name}`");
        }
    }
}

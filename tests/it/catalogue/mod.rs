//! The list of all operations: what each replaces, how much it can hurt, and that it has a plan, a record, help and
//! scenarios. The list is checked in as `docs/operations.md`; with `INSTA_UPDATE=always` it is written anew.

mod every_operation;

use std::{fs, path::Path};

use countersign::operations::{catalogue, declaration::Declaration, help};
use countersign::slack::inbound::text::Words;

/// Scenarios that an operation needs at least: it works, it is refused, and what happens when something fails or is
/// repeated.
const LEAST_SCENARIOS: usize = 3;

const HEAD: &str = "\
# The operations

Made from the declarations in `src/operations/` by `tests/it/catalogue/`, which fails when this page is out of date or an
operation lacks its plan, record, help or scenarios. Everybody's rights follow from the risk: viewers ask for what reads,
operators also for what changes, admins for everything. Sensitive and destructive operations need a second admin.

| command | replaces | risk | help | scenarios |
|---|---|---|---|---|
";

#[test]
fn the_list_of_operations_is_complete_and_current() {
    let scenarios = scenarios();
    let mut page = HEAD.to_owned();
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        page.push_str(&row(declaration, &scenarios));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        fs::write(&file, &page).unwrap();
    }
    let on_file = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        on_file, page,
        "run with INSTA_UPDATE=always and look at the difference"
    );
}

fn row(declaration: &Declaration, scenarios: &[String]) -> String {
    let name = declaration.name;
    assert!(!declaration.runbook.is_empty(), "{name} replaces nothing");
    let words = Words::parse(&format!("help {name}")).unwrap();
    let helped = help::answer(&words);
    assert!(
        helped.contains(declaration.summary),
        "{name} is not helped with"
    );
    let typed = format!("/ops {name}");
    let count = scenarios
        .iter()
        .filter(|text| text.contains(&typed))
        .count();
    assert!(
        count >= LEAST_SCENARIOS,
        "{name} has {count} scenarios that type it"
    );
    let usage = declaration.usage().replace('|', "\\|");
    let (replaces, risk) = (declaration.runbook, declaration.risk.word());
    format!("| `{usage}` | {replaces} | {risk} | yes | {count} |\n")
}

/// The text of every test, with the constants and helpers of its file.
fn scenarios() -> Vec<String> {
    let mut all = vec![];
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"),
        &mut all,
    );
    all
}

fn collect(folder: &Path, all: &mut Vec<String>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with("const "))
                .collect();
            let constants = lines.join("\n");
            let tests = text.split("#[tokio::test").skip(1);
            all.extend(tests.map(|test| with_constants(test, &constants)));
        }
    }
}

/// A test types what its file's constants say only where it names them.
fn with_constants(test: &str, constants: &str) -> String {
    let mut text = test.to_owned();
    for line in constants.lines() {
        let name = line
            .trim_start_matches("const ")
            .split(':')
            .next()
            .unwrap_or_default();
        if test.contains(name) {
            text.push_str(line);
        }
    }
    text
}

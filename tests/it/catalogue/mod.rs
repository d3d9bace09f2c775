//! The list of all operations: what each replaces, how much it can hurt, and that it has a plan, a record, help and
//! scenarios. The list is checked in as `docs/operations.md`; with `INSTA_UPDATE=always` it is written anew.

mod every_operation;
mod on_the_page;

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

/// The text of every test, with the constants of its folder.
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
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
    let is_rust =
        |path: &&std::path::PathBuf| path.extension().is_some_and(|ending| ending == "rs");
    let texts = files.iter().filter(is_rust).map(fs::read_to_string);
    let texts: Vec<String> = texts.collect::<Result<_, _>>().unwrap();
    let constants: Vec<_> = texts.iter().flat_map(|text| constants(text)).collect();
    for text in &texts {
        let tests = text.split("#[tokio::test").skip(1);
        all.extend(tests.map(|test| with_constants(test, &constants)));
    }
    for inner in folders {
        collect(&inner, all);
    }
}

/// The constants of a file: their names and all that they say.
fn constants(text: &str) -> Vec<(String, String)> {
    let parts = text.split("const ").skip(1);
    let each = parts.filter_map(|part| {
        let (name, rest) = part.split_once(": &str")?;
        let (says, _) = rest.split_once(";\n")?;
        Some((name.to_owned(), says.to_owned()))
    });
    each.collect()
}

/// A test types what the constants of its folder say only where it names them.
fn with_constants(test: &str, constants: &[(String, String)]) -> String {
    let mut text = test.to_owned();
    for (name, says) in constants {
        if test.contains(name.as_str()) {
            text.push_str(says);
        }
    }
    text
}

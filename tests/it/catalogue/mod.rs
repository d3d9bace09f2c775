//! The list of all operations: what each replaces, how much it can hurt, where its plan and its record are asserted, its
//! help, and the tests that show what it does. The list is checked in as `docs/operations.md`; with `INSTA_UPDATE=always`
//! it is written anew.

pub mod every_operation;
mod evidence;
mod on_the_page;
mod runbook;
mod sources;

use std::{collections::BTreeSet, fs, path::Path};

use countersign::operations::{catalogue, declaration::Declaration, help};
use countersign::slack::inbound::text::Words;
use evidence::{Evidence, Shown};
use sources::Sources;

const HEAD: &str = "\
# The operations

Made from the declarations in `src/operations/` and the names of the tests by `tests/it/catalogue/`, which fails when this
page is out of date or an operation lacks its section of the runbook, its help or its tests. Everybody's rights follow from
the risk: viewers ask for what reads, operators also for what changes, admins for everything. Sensitive and destructive
operations need a second admin.

The steps of the plan and the entries of the audit thread are those that
`catalogue::every_operation::every_operation_is_planned_recorded_and_told_in_the_audit_channel` saw with the sample data; what
needs an approval is cancelled there. The tests are counted by what they show: it succeeds / it is refused / a step fails /
a step is repeated / the real application. Their names are below.

| command | replaces | risk | plan | audit | help | tests |
|---|---|---|---|---|---|---|
";
/// What one scenario over all operations saw of plans and audit threads.
const SEEN: &str = "tests/it/catalogue/snapshots/it__catalogue__every_operation__plans.snap";
/// Help is answered at once, without a request.
const HELP_ROW: &str = "| `/ops help [command]` | The service itself | read | none: answered at once | none: nothing is looked at | yes |";

#[test]
fn the_list_of_operations_is_complete_and_current() {
    let sources = Sources::read();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seen = fs::read_to_string(root.join(SEEN)).unwrap();
    let mut page = HEAD.to_owned();
    let mut details = String::new();
    let mut named = BTreeSet::from(["help"]);
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        named.insert(declaration.name);
        let shown = shown(declaration.name, &sources);
        page.push_str(&format!(
            "{} {} |\n",
            row(declaration, &seen),
            counts(shown)
        ));
        details.push_str(&tests(shown));
    }
    let shown = shown("help", &sources);
    page.push_str(&format!("{HELP_ROW} {} |\n", counts(shown)));
    page.push_str(&details);
    page.push_str(&tests(shown));
    let unknown = evidence::all().find(|evidence| !named.contains(evidence.operation));
    assert!(unknown.is_none(), "tests of what is not there");
    let file = root.join("docs/operations.md");
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        fs::write(&file, &page).unwrap();
    }
    let on_file = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        on_file, page,
        "run with INSTA_UPDATE=always and look at the difference"
    );
}

fn row(declaration: &Declaration, seen: &str) -> String {
    let name = declaration.name;
    let (replaces, risk) = (declaration.runbook, declaration.risk.word());
    assert!(
        runbook::knows(replaces),
        "{name} replaces {replaces:?}, which is no heading of the runbook"
    );
    let words = Words::parse(&format!("help {name}")).unwrap();
    let helped = help::answer(&words);
    assert!(
        helped.contains(declaration.summary),
        "{name} is not helped with"
    );
    let usage = declaration.usage().replace('|', "\\|");
    let mut seen = seen.lines().filter_map(|line| line.split_once(" | "));
    let (_, seen) = seen
        .find(|(of, _)| *of == name)
        .unwrap_or_else(|| panic!("nothing asserts the plan and the record of {name}"));
    format!("| `{usage}` | {replaces} | {risk} | {seen} | yes |")
}

/// What is shown of an operation: every test is there and types it.
fn shown(name: &str, sources: &Sources) -> &'static Evidence {
    let shown = evidence::of(name).unwrap_or_else(|| panic!("no tests of {name} are named"));
    for (column, by) in shown.columns() {
        if let Shown::By(tests) = by {
            assert!(!tests.is_empty(), "{name}: nothing shows that {column}");
        }
        for test in by.tests() {
            let types = sources.types(test, name);
            let types = types.unwrap_or_else(|| panic!("{name}: there is no test {test}"));
            assert!(types, "{test} does not type `/ops {name}`");
        }
    }
    shown
}

fn counts(shown: &Evidence) -> String {
    let counts = shown.columns().map(|(_, by)| match by {
        Shown::By(tests) => tests.len().to_string(),
        Shown::NotApplicable(_) => "–".to_owned(),
    });
    counts.join(" / ")
}

fn tests(shown: &Evidence) -> String {
    let mut text = format!("\n## {}\n\n", shown.operation);
    for (column, by) in shown.columns() {
        match by {
            Shown::By(tests) => {
                text.push_str(&format!("- {column}:\n"));
                for test in *tests {
                    text.push_str(&format!("  - `{test}`\n"));
                }
            }
            Shown::NotApplicable(why) => {
                text.push_str(&format!("- {column}: not applicable, {why}\n"));
            }
        }
    }
    text
}

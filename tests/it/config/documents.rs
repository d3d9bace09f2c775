//! Documents and messages speak of what is there: commands, and keys of the mapping.

use std::{collections::BTreeSet, fs, path::Path};

use clap::CommandFactory as _;
use countersign::{config::cli::Cli, operations::catalogue};

use crate::support::{Options, World};

#[tokio::test(flavor = "multi_thread")]
async fn every_command_that_the_doctor_speaks_of_exists_and_none_is_left_out() {
    let names: BTreeSet<&str> = catalogue::all()
        .iter()
        .map(|one| one.declaration().name)
        .collect();
    let world = World::without_service(Options::default()).await;
    let report = world.doctor().await;
    let told: BTreeSet<&str> = report
        .0
        .iter()
        .filter_map(|one| one.name.strip_prefix("/ops "))
        .collect();
    assert_eq!(told, names);
    world.finish().await;
}

#[test]
fn every_command_that_a_document_or_a_message_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let names: BTreeSet<String> = catalogue::all()
        .iter()
        .map(|one| one.declaration().name.to_owned())
        .chain(["help".to_owned()])
        .collect();
    let cli: BTreeSet<String> = Cli::command()
        .get_subcommands()
        .map(|one| one.get_name().to_owned())
        .collect();
    for file in texts(root) {
        let text = fs::read_to_string(&file).unwrap();
        for command in after(&text, "/ops ") {
            assert!(
                is_operation(&command, &names),
                "{}: /ops {command}",
                file.display()
            );
        }
        for command in after(&text, "`countersign ") {
            let word = command.split(' ').next().unwrap_or_default();
            assert!(
                word.is_empty() || cli.contains(word),
                "{}: countersign {command}",
                file.display()
            );
        }
    }
}

/// The documents, and the sources that texts for people are in.
fn texts(root: &Path) -> Vec<std::path::PathBuf> {
    let mut files = vec![root.join("README.md"), root.join("ARCHITECTURE.md")];
    let mut folders = vec![root.join("docs"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|end| ["md", "rs", "sql"].iter().any(|one| end == *one))
            {
                files.push(path);
            }
        }
    }
    files
}

/// Up to two plain words after each mark.
fn after(text: &str, mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(mark) {
        let rest = &text[at + mark.len()..];
        let line = rest.lines().next().unwrap_or_default();
        let words = line
            .split(' ')
            .take(2)
            .map(|word| word.trim_end_matches(|char: char| !char.is_ascii_alphanumeric()));
        let plain = |word: &&str| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|char| char.is_ascii_lowercase() || char == '-')
        };
        found.push(words.take_while(plain).collect::<Vec<_>>().join(" "));
    }
    found
}

/// Whether the words begin with an operation's name, or with the noun of several.
fn is_operation(words: &str, names: &BTreeSet<String>) -> bool {
    let first = words.split(' ').next().unwrap_or_default();
    let whole = names.contains(words) || names.contains(first);
    let noun = names
        .iter()
        .any(|name| name.split(' ').next() == Some(first));
    words.is_empty() || whole || (noun && !words.contains(' '))
}

#[test]
fn the_guide_explains_every_key_of_the_mapping() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("docs/mapping.md")).unwrap();
    let sources = [
        "mapping.rs",
        "mapping/payment.rs",
        "mapping/records.rs",
        "mapping/export.rs",
    ];
    let mut keys = 0;
    for source in sources {
        let text = fs::read_to_string(root.join("src/systems/app_db").join(source)).unwrap();
        let (mut section, mut inside) = (String::new(), false);
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("pub struct ") {
                let name = rest.trim_end_matches(" {");
                section = snake(name.trim_end_matches("Mapping").trim_end_matches("Policy"));
                inside = name.ends_with("Mapping") || name == "ExportPolicy";
            } else if line == "}" {
                inside = false;
            } else if let Some(field) = line.strip_prefix("    pub ").filter(|_| inside) {
                let key = field.split(':').next().unwrap_or_default();
                let nested = section.is_empty() && guide.contains(&format!("[app.schema.{key}]"));
                let heading = match section.as_str() {
                    "" => "## `[app.schema]`".to_owned(),
                    section => format!("## `[app.schema.{section}]`"),
                };
                let of_section = guide.split(&heading).nth(1).unwrap_or_default();
                let of_section = of_section.split("\n## ").next().unwrap_or_default();
                let is_there = of_section.contains(&format!("| `{key}` |"));
                assert!(
                    is_there || nested,
                    "docs/mapping.md does not explain {key} under {heading}"
                );
                keys += 1;
            }
        }
    }
    assert!(keys > 60, "keys that were found: {keys}");
    for policy in ["delete", "anonymise", "keep"] {
        assert!(guide.contains(&format!("`{policy}`")), "{policy}");
    }
}

/// `TestSession` as `test_session`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for char in name.chars() {
        if char.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(char.to_ascii_lowercase());
    }
    snake
}

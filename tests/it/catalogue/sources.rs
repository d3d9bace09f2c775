//! The tests as they are written: what a test types is in its own words, in the constants that it names and in the helpers
//! that it calls.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::Path,
};

/// Folders whose constants and helpers every other one uses.
const SHARED: [&str; 2] = ["support", "catalogue"];

/// Something with a name, at the top of a file or in an `impl`.
struct Item {
    module: String,
    text: String,
    is_test: bool,
}

/// Everything with a name, by folder and name.
pub struct Sources(BTreeMap<(String, String), Vec<Item>>);

impl Sources {
    /// Reads `tests/it`.
    pub fn read() -> Self {
        let mut sources = Self(BTreeMap::new());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
        sources.folder(&root, "");
        sources
    }

    /// Whether a test types an operation; `None` when there is no such test.
    pub fn types(&self, path: &str, operation: &str) -> Option<bool> {
        let (module, name) = path.rsplit_once("::")?;
        let named = self.0.get(&(folder(module).to_owned(), name.to_owned()))?;
        let test = named.iter().find(|it| it.is_test && it.module == module)?;
        let mut seen = BTreeSet::new();
        let mut open = VecDeque::from([test]);
        while let Some(item) = open.pop_front() {
            if types(&item.text, operation) {
                return Some(true);
            }
            for word in words(&item.text) {
                let Some(found) = self.named(&item.module, word) else {
                    continue;
                };
                if seen.insert((&found.module, word)) {
                    open.push_back(found);
                }
            }
        }
        Some(false)
    }

    /// The constant or helper that a word in a module means: its own, one of its folder, or a shared one.
    fn named(&self, module: &str, word: &str) -> Option<&Item> {
        [folder(module)].into_iter().chain(SHARED).find_map(|near| {
            let all = self.0.get(&(near.to_owned(), word.to_owned()))?;
            let own = all.iter().find(|it| !it.is_test && it.module == module);
            own.or_else(|| all.iter().find(|it| !it.is_test))
        })
    }

    fn folder(&mut self, path: &Path, module: &str) {
        let mut entries: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for entry in entries {
            let stem = entry.file_stem().unwrap().to_str().unwrap();
            let within = match (module, stem) {
                ("", stem) => stem.to_owned(),
                (module, "mod") => module.to_owned(),
                (module, stem) => format!("{module}::{stem}"),
            };
            if entry.is_dir() {
                self.folder(&entry, &within);
            } else if entry.extension().is_some_and(|ending| ending == "rs") {
                self.file(&fs::read_to_string(&entry).unwrap(), &within);
            }
        }
    }

    fn file(&mut self, text: &str, module: &str) {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let head = line.trim_start().trim_start_matches("pub ");
            let head = head.trim_start_matches("async ");
            let (kind, end) = match head.split_once(' ') {
                Some(("fn", rest)) => (rest, format!("{:indent$}}}", "")),
                Some(("const", rest)) => (rest, String::new()),
                _ => continue,
            };
            let is_end = |line: &&str| match end.is_empty() {
                true => line.ends_with(';'),
                false => **line == end,
            };
            let long = lines[at..].iter().position(is_end).unwrap_or(0);
            let before = at.checked_sub(1).map_or("", |before| lines[before]);
            let item = Item {
                module: module.to_owned(),
                text: lines[at..=at + long].join("\n"),
                is_test: before.starts_with("#[tokio::test") || before.starts_with("#[test]"),
            };
            let name = words(kind).next().unwrap_or_default().to_owned();
            let place = (folder(module).to_owned(), name);
            self.0.entry(place).or_default().push(item);
        }
    }
}

fn folder(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// Whether a text types an operation, or names it as a button does.
fn types(text: &str, operation: &str) -> bool {
    let as_button = operation.contains(' ') && text.contains(&format!("\"{operation}\""));
    as_button
        || text.contains(&format!("/ops {operation}"))
        || text.contains(&format!("\"{operation} "))
}

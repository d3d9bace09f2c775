//! The settings, as they are declared.

use countersign::config::names::{self, ALIASES, Kind, Name, Need};

use super::{assert_current, assert_part_is_current, cell};

const HEAD: &str = "\
# Configuration

Made from the declarations in `src/config/names.rs`. Every setting is an environment variable, or the same name in lower case under its
section of `countersign.toml` (or of the file that `--config` names). The environment wins. The service does not start when a name is
unknown, a required setting is missing or a value is wrong, and says everything that is wrong at once. `countersign doctor` shows what is
in force and where each value came from, without secrets.

```toml
[channels]
countersign_approvals_channel = \"C0123456789\"

[roles]
countersign_admins = [\"U0123456789\", \"S0123456789\"]
```

A list is an array in the file; in the environment its entries are parted by commas or spaces. A time is written as `10m`, `4h` or
`30days`. Secrets and passwords are never shown. A vendor whose settings are missing turns its operations off, with a message that names the
settings.
";

const TAIL: &str = "
## Tables of the file

| table | what it is for |
|---|---|
| `[app.schema]` | what the app's tables and columns are called: see [mapping.md](mapping.md). `countersign doctor --suggest-mapping` prints one |
| `linked` under `[people]` | lists of Slack user ids; the accounts of one list belong to one human, who counts once |
";

#[test]
fn the_page_of_settings_is_made_from_their_declarations() {
    let mut page = HEAD.to_owned();
    let mut section = "";
    for name in names::ALL {
        if name.section != section {
            section = name.section;
            page.push_str(&format!("\n## `[{section}]`\n\n"));
            page.push_str("| setting | | default | what it is for |\n|---|---|---|---|\n");
        }
        let (env, about) = (name.env, cell(name.about));
        let (kind, default) = (kind(name.kind), default(name));
        page.push_str(&format!("| `{env}` | {kind} | {default} | {about} |\n"));
    }
    page.push_str(TAIL);
    page.push_str("\n## Other names\n\n");
    page.push_str("Names of the vendors' own tools count when ours is unset.\n\n");
    for (alias, name) in ALIASES {
        page.push_str(&format!("- `{alias}` for `{}`\n", name.env));
    }
    assert_current("docs/configuration.md", &page);
}

#[test]
fn the_settings_of_a_section_are_declared_together() {
    let mut sections: Vec<&str> = names::ALL.iter().map(|name| name.section).collect();
    sections.dedup();
    let mut once = sections.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(sections.len(), once.len(), "{sections:?}");
}

#[test]
fn the_readme_lists_the_settings_that_have_to_be_set() {
    let mut table = "| variable | section | what it is |\n|---|---|---|\n".to_owned();
    for name in names::ALL.iter().filter(|one| one.need == Need::Required) {
        let (env, section, about) = (name.env, name.section, cell(name.about));
        table.push_str(&format!("| `{env}` | `{section}` | {about} |\n"));
    }
    assert_part_is_current("README.md", "required settings", &table);
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Plain => "",
        Kind::Secret => "secret",
        Kind::Database => "database URL",
        Kind::List => "list",
    }
}

fn default(name: &Name) -> String {
    match name.need {
        Need::Required => "**required**".to_owned(),
        Need::Optional => String::new(),
        Need::Default(value) => format!("`{value}`"),
    }
}

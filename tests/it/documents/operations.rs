//! The page of the commands, for the people who type them.

use countersign::{
    domain::Risk,
    operations::{catalogue, declaration::Declaration},
};

use super::{assert_current, cell};
use crate::catalogue::runbook;

const HEAD: &str = "\
# The commands

Made from the declarations in `src/operations/`. Every command is typed as `/ops …` in any channel. What is left out is asked for in a form;
`/ops help <command>` explains one in Slack. `<…>` has to be given, `[…]` may be left out. A user is named by
the app's user id or by e-mail address. The reason is shown on the card and stays on record.

| risk | who may ask | who has to approve |
|---|---|---|
";

#[test]
fn the_page_of_commands_is_made_from_their_declarations() {
    let mut page = HEAD.to_owned();
    for risk in [Risk::Read, Risk::Change, Risk::Sensitive, Risk::Destructive] {
        let (who, gate) = (who(risk), gate(risk));
        page.push_str(&format!("| {} | {who} | {gate} |\n", risk.word()));
    }
    page.push_str("\nA single request can be of a higher risk than its command, such as a grant of many credits: its card says so.\n");
    page.push_str("\n| command | what it does | risk |\n|---|---|---|\n");
    let mut sections = String::new();
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let (usage, title) = (cell(&declaration.usage()), declaration.title);
        page.push_str(&format!(
            "| `{usage}` | {title} | {} |\n",
            declaration.risk.word()
        ));
        sections.push_str(&section(declaration));
    }
    page.push_str("| `/ops help [command]` | Explain the commands | – |\n");
    page.push_str(&sections);
    assert_current("docs/operations.md", &page);
}

#[test]
fn every_command_says_what_it_changes_how_to_undo_it_and_what_it_replaces() {
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        let name = declaration.name;
        for text in [declaration.changes, declaration.undo] {
            assert!(text.ends_with('.'), "{name}: {text:?} is no sentence");
        }
        let changes = declaration.changes != Declaration::NOTHING;
        assert!(
            changes || declaration.risk == Risk::Read,
            "{name} says that it changes nothing"
        );
        let replaces = declaration.runbook;
        assert!(
            runbook::knows(replaces),
            "{name}: {replaces:?} is no heading of the runbook"
        );
        let typed = format!("/ops {name}");
        assert!(
            declaration.example.starts_with(&typed),
            "{name}: {}",
            declaration.example
        );
    }
}

fn section(declaration: &Declaration) -> String {
    let (name, title, summary) = (declaration.name, declaration.title, declaration.summary);
    let usage = declaration.usage();
    let mut text = format!("\n## {name}\n\n{title}. {summary}\n\n```\n{usage}\n```\n\n");
    for argument in declaration.arguments {
        let optional = if argument.optional {
            ", may be left out"
        } else {
            ""
        };
        text.push_str(&format!(
            "- `{}`{optional}: {}\n",
            argument.usage(),
            argument.help
        ));
    }
    let risk = declaration.risk;
    let example = declaration.example;
    text.push_str(&format!("- Example: `{example}`\n"));
    text.push_str(&format!(
        "- Who may ask: {}. Approval: {}.\n",
        who(risk),
        gate(risk)
    ));
    text.push_str(&format!("- What it changes: {}\n", declaration.changes));
    text.push_str(&format!("- How to undo it: {}\n", declaration.undo));
    if risk != Risk::Read && !declaration.waits_when_frozen() {
        text.push_str("- It works while everything is frozen.\n");
    }
    text.push_str(&format!(
        "- Section of the runbook: {}\n",
        declaration.runbook
    ));
    text
}

fn who(risk: Risk) -> &'static str {
    match risk {
        Risk::Read => "viewers, operators and admins",
        Risk::Change => "operators and admins",
        Risk::Sensitive | Risk::Destructive => "admins",
    }
}

fn gate(risk: Risk) -> &'static str {
    match risk {
        Risk::Read => "nobody",
        Risk::Change => "nobody; whoever asks confirms what warns, or touches money or credits",
        Risk::Sensitive => "another admin",
        Risk::Destructive => {
            "another admin; what cannot be undone then waits for the cooling-off time, in which it can be stopped"
        }
    }
}

//! Help, made from the declarations.

use super::{catalogue, declaration::Declaration};
use crate::{domain::Risk, systems::Requirement};

/// As people type it.
pub(super) const NAME: &str = "help";

/// The lines of the operations whose names begin with a word.
#[must_use]
pub(super) fn of_noun(noun: &str) -> Vec<String> {
    let all = catalogue::all();
    let declarations = all.iter().map(|operation| operation.declaration());
    declarations
        .filter(|declaration| declaration.name.split(' ').next() == Some(noun))
        .map(line)
        .collect()
}

/// Every operation with its usage, in one line each.
#[must_use]
pub fn overview() -> String {
    let mut lines: Vec<String> = catalogue::all()
        .iter()
        .map(|operation| line(operation.declaration()))
        .collect();
    lines.push("`/ops help <command>` says more about one of them. Leave something out and a form asks for it.".to_owned());
    lines.join("\n")
}

fn line(declaration: &Declaration) -> String {
    format!("`{}` – {}", declaration.usage(), declaration.title)
}

/// One operation: what it takes, what it needs and who has to approve it.
pub(super) fn in_full(declaration: &Declaration) -> String {
    let mut lines = vec![
        declaration.title.to_owned(),
        format!("`{}`", declaration.usage()),
        declaration.summary.to_owned(),
    ];
    for argument in declaration.arguments {
        let optional = if argument.optional {
            " (may be left out)"
        } else {
            ""
        };
        let usage = argument.usage();
        lines.push(format!("• `{usage}`{optional}: {}", argument.help));
    }
    if declaration.needs_reason() {
        lines.push("• `<reason>`: why; it is shown on the card and stays on record.".to_owned());
    }
    let gate = match declaration.risk {
        Risk::Read => {
            "It changes nothing in the app; who asked for what is on record. The answer comes as a direct message."
        }
        Risk::Change => {
            "It is on record and can be taken back. You confirm it first where it warns or touches money or credits; otherwise it is done at once."
        }
        Risk::Sensitive => "A second admin has to approve it.",
        Risk::Destructive => {
            "A second admin has to approve it; what cannot be undone waits for the cooling-off time."
        }
    };
    lines.push(format!("Risk: {}. {gate}", declaration.risk.word()));
    let systems = declaration.requires.iter().filter_map(|it| match it {
        Requirement::System(system) => Some(system.name()),
        _ => None,
    });
    let names: Vec<&str> = systems.collect();
    if !names.is_empty() {
        lines.push(format!("Needs: {}", names.join(", ")));
    }
    lines.push(format!("For example `{}`", declaration.example));
    lines.push(format!("Replaces: {}", declaration.runbook));
    lines.join("\n")
}

//! What the app's database allows with the mapping that is in force: which names are wrong, and which commands work.

use std::fmt::Write as _;

use crate::{
    config::{
        Settings,
        doctor::Finding,
        limits,
        names::{COUNTERSIGN_LEGAL_HOLD, S3_USER_COLUMNS},
    },
    operations::{
        capability::{Capability, State},
        catalogue,
    },
    service::Parts,
    systems::app_db::{AppDbError, FindError, Snapshot, Suggestion, UserRef, WrongName},
};

const NAME: &str = "the app's database";
/// Accounts under a legal hold that are looked for.
const MOST_HELD: usize = 100;
/// Names that are listed in one finding.
const MOST_LISTED: usize = 10;

/// Everything about the app's database.
pub(super) async fn doctor(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    let at = match open(parts).await {
        Ok(at) => at,
        Err(finding) => return vec![finding],
    };
    let mut findings = vec![Finding::ok(NAME, "answers")];
    let wrong = wrong(settings, &at);
    let is_found = at.schema.table(&at.mapping.user_table()).is_some();
    if is_found {
        findings.push(accounts(&at));
    }
    findings.extend(wrong);
    let odd = at.odd_values().into_iter();
    findings.extend(odd.map(|one| Finding::warning(one.setting, one.says).hint(one.hint)));
    findings.extend(ignored(settings));
    findings.extend(hidden(parts).await);
    findings.extend(commands(parts, &at));
    if is_found {
        findings.extend(held(settings, &at).await);
    }
    findings
}

/// What makes the service useless: wrong names. A database that does not answer right now is waited for.
pub(super) async fn before_start(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    match open(parts).await {
        Ok(at) => wrong(settings, &at),
        Err(finding) => vec![finding],
    }
}

async fn open(parts: &Parts) -> Result<Snapshot, Finding> {
    let asked = tokio::time::timeout(limits::CHECK, parts.systems.app_db.open()).await;
    match asked {
        Ok(Ok(at)) => Ok(at),
        Ok(Err(error)) => Err(failed(&error)),
        Err(_) => Err(Finding::warning(NAME, "does not answer in time")),
    }
}

fn failed(error: &AppDbError) -> Finding {
    match error.is_retryable() {
        true => Finding::warning(NAME, error.in_full()),
        false => Finding::fault(NAME, error.in_full()),
    }
}

fn wrong(settings: &Settings, at: &Snapshot) -> Vec<Finding> {
    let files_by = (!settings.s3.user_columns.is_empty()).then_some(S3_USER_COLUMNS.env);
    let wrong = at.wrong_names(&settings.app.schema, files_by).into_iter();
    wrong
        .map(
            |WrongName {
                 setting,
                 says,
                 hint,
             }| Finding::fault(setting, says).hint(hint),
        )
        .collect()
}

/// The accounts as they are mapped, so that a glance shows a wrong column.
fn accounts(at: &Snapshot) -> Finding {
    let names = &at.mapping.user;
    let table = at.schema.table(&at.mapping.user_table());
    let shown = |name: &str| match table.and_then(|table| table.column(name)) {
        Some(column) => column.name.clone(),
        None => "none".to_owned(),
    };
    let mut role = shown(&names.role);
    if role != "none" {
        let _ = write!(role, " ({} is an admin)", names.admin_role);
    }
    let says = format!(
        "table {}: id {}, address {}, role {role}, blocked {}, credits {}",
        names.table,
        shown(&names.id),
        shown(&names.email),
        shown(&names.is_blocked),
        shown(&names.credits),
    );
    Finding::ok("accounts", says)
}

/// A list that another setting overrides.
fn ignored(settings: &Settings) -> Option<Finding> {
    let both =
        settings.app.schema.contains_key("user_columns") && !settings.s3.user_columns.is_empty();
    both.then(|| {
        Finding::warning(
            "[app.schema] user_columns",
            "is not used, as S3_USER_COLUMNS is set",
        )
        .hint("keep one of the two")
    })
}

async fn hidden(parts: &Parts) -> Option<Finding> {
    const NAME: &str = "row-level security";
    match parts.systems.app_db.hidden_tables().await {
        Ok(tables) if tables.is_empty() => None,
        Ok(tables) => {
            let more = tables.len().saturating_sub(MOST_LISTED);
            let mut listed = tables[..tables.len() - more].join(", ");
            if more > 0 {
                let _ = write!(listed, " and {more} more");
            }
            let says = format!(
                "hides rows of {listed} from the role of DATABASE_URL: counts would be wrong, so the database refuses \
                 commands that touch them"
            );
            Some(
                Finding::warning(NAME, says)
                    .hint("ALTER ROLE <that role> BYPASSRLS, or connect as the tables' owner"),
            )
        }
        Err(error) => Some(Finding::warning(NAME, error.in_full())),
    }
}

/// Every command: whether it works, and what it lacks.
fn commands(parts: &Parts, at: &Snapshot) -> Vec<Finding> {
    let all = catalogue::all();
    all.iter()
        .map(|operation| {
            let declaration = operation.declaration();
            let shown = format!("/ops {}", declaration.name);
            if let Err(off) = declaration.check_systems(&parts.systems) {
                return Finding::warning(shown, format!("cannot work: {off}"));
            }
            let Capability { state, says, .. } = declaration.capability(at);
            match state {
                State::Available => Finding::ok(shown, "works"),
                State::Degraded | State::Unavailable => Finding::warning(shown, says),
            }
        })
        .collect()
}

/// An id under a legal hold that no account has protects nobody: it is misspelt, or cut at a space.
async fn held(settings: &Settings, at: &Snapshot) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in settings.app.legal_hold.iter().take(MOST_HELD) {
        let found = at.find_user(&UserRef::Id(id.clone())).await;
        if matches!(found, Err(FindError::NotFound)) {
            let says = format!("names {id}, and no account has this id");
            findings.push(
                Finding::warning(COUNTERSIGN_LEGAL_HOLD.env, says)
                    .hint("correct it, or take it out when the account was deleted; ids are parted by commas or spaces"),
            );
        }
    }
    findings
}

/// What the terminal shows beside a proposed mapping.
pub(in crate::service) fn told_of(
    suggestion: &Suggestion,
    database: &str,
    has_schema: bool,
) -> String {
    let mut text = format!(
        "\nlooked at {database}: tables: {}\n",
        suggestion.at.schema.tables.len()
    );
    let Some(accounts) = &suggestion.accounts else {
        text.push_str(
            "no table of accounts was found. If this is the app's database, name the table by hand: docs/mapping.md\n",
        );
        return text;
    };
    let _ = writeln!(text, "accounts: {accounts}. With the mapping above:");
    for operation in catalogue::all() {
        let declaration = operation.declaration();
        if !declaration.requires.iter().any(|it| it.is_of_app()) {
            continue;
        }
        let Capability { state, says, .. } = declaration.capability(&suggestion.at);
        let name = declaration.name;
        let _ = match state {
            State::Available => writeln!(text, "  works         /ops {name}"),
            State::Degraded => writeln!(text, "  in part       /ops {name}: {says}"),
            State::Unavailable => writeln!(text, "  does not work /ops {name}: {says}"),
        };
    }
    let place = match has_schema {
        true => "The configuration file has [app.schema] already: put this in its place",
        false => "Add it to the configuration file",
    };
    let _ = writeln!(text, "{place}, then run `countersign doctor`.");
    text
}

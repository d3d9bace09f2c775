//! What the app's database allows with the mapping that is in force: which names are wrong, and which commands work.

use std::fmt::Write as _;

use crate::{
    config::{
        Settings,
        doctor::Finding,
        limits,
        names::{COUNTERSIGN_LEGAL_HOLD, S3_USER_COLUMNS},
    },
    operations::catalogue,
    service::Parts,
    systems::app_db::{
        AppDbError, Capability, Schema, State, Suggestion, UserRef, WrongName, capabilities,
        odd_values, wrong_names,
    },
};

const NAME: &str = "the app's database";
/// Accounts under a legal hold that are looked for.
const MOST_HELD: usize = 100;
/// Names that are listed in one finding.
const MOST_LISTED: usize = 10;

/// Everything about the app's database.
pub(super) async fn doctor(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    let app_db = &parts.systems.app_db;
    let schema = match schema(parts).await {
        Ok(schema) => schema,
        Err(finding) => return vec![finding],
    };
    let mut findings = vec![Finding::ok(NAME, "answers")];
    let wrong = wrong(settings, parts, &schema);
    let is_found = schema.table(&app_db.mapping().user_table()).is_some();
    if is_found {
        findings.push(accounts(parts, &schema));
    }
    findings.extend(wrong);
    let odd = odd_values(&schema, app_db.mapping()).into_iter();
    findings.extend(odd.map(|one| Finding::warning(one.setting, one.says).hint(one.hint)));
    findings.extend(ignored(settings));
    findings.extend(hidden(parts).await);
    findings.extend(commands(parts, &schema));
    if is_found {
        findings.extend(held(settings, parts).await);
    }
    findings
}

/// What makes the service useless: wrong names. A database that does not answer right now is waited for.
pub(super) async fn before_start(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    match schema(parts).await {
        Ok(schema) => wrong(settings, parts, &schema),
        Err(finding) => vec![finding],
    }
}

async fn schema(parts: &Parts) -> Result<Schema, Finding> {
    let asked = tokio::time::timeout(limits::CHECK, parts.systems.app_db.schema()).await;
    match asked {
        Ok(Ok(schema)) => Ok(schema),
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

fn wrong(settings: &Settings, parts: &Parts, schema: &Schema) -> Vec<Finding> {
    let files_by = (!settings.s3.user_columns.is_empty()).then_some(S3_USER_COLUMNS.env);
    let mapping = parts.systems.app_db.mapping();
    let wrong = wrong_names(schema, mapping, &settings.app.schema, files_by).into_iter();
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
fn accounts(parts: &Parts, schema: &Schema) -> Finding {
    let mapping = parts.systems.app_db.mapping();
    let names = &mapping.user;
    let table = schema.table(&mapping.user_table());
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
fn commands(parts: &Parts, schema: &Schema) -> Vec<Finding> {
    let able = capabilities(schema, parts.systems.app_db.mapping());
    let all = catalogue::all();
    all.iter()
        .map(|operation| {
            let declaration = operation.declaration();
            let name = declaration.name;
            let shown = format!("/ops {name}");
            let mut needed = declaration.requires.iter();
            let off = needed.find_map(|system| parts.systems.check(*system).err());
            if let Some(off) = off {
                return Finding::warning(shown, format!("cannot work: {off}"));
            }
            match able.iter().find(|one| one.operation == name) {
                None
                | Some(Capability {
                    state: State::Available,
                    ..
                }) => Finding::ok(shown, "works"),
                Some(capability) => Finding::warning(shown, capability.says.clone()),
            }
        })
        .collect()
}

/// An id under a legal hold that no account has protects nobody: it is misspelt, or cut at a space.
async fn held(settings: &Settings, parts: &Parts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for id in settings.app.legal_hold.iter().take(MOST_HELD) {
        let found = parts
            .systems
            .app_db
            .find_user(&UserRef::Id(id.clone()))
            .await;
        if matches!(found, Err(crate::systems::app_db::FindError::NotFound)) {
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
        suggestion.schema.tables.len()
    );
    let Some(accounts) = &suggestion.accounts else {
        text.push_str(
            "no table of accounts was found. If this is the app's database, name the table by hand: docs/mapping.md\n",
        );
        return text;
    };
    let _ = writeln!(text, "accounts: {accounts}. With the mapping above:");
    for capability in capabilities(&suggestion.schema, &suggestion.mapping) {
        let Capability {
            operation,
            state,
            says,
            ..
        } = capability;
        let _ = match state {
            State::Available => writeln!(text, "  works         /ops {operation}"),
            State::Degraded => writeln!(text, "  in part       /ops {operation}: {says}"),
            State::Unavailable => writeln!(text, "  does not work /ops {operation}: {says}"),
        };
    }
    let place = match has_schema {
        true => "The configuration file has [app.schema] already: put this in its place",
        false => "Add it to the configuration file",
    };
    let _ = writeln!(text, "{place}, then run `countersign doctor`.");
    text
}

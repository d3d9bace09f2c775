//! Looks at everything that an erasure would touch, inside one transaction: the plan shows it, the erasure acts on it.

mod addresses;
mod checks;
mod hidden;
mod others;
mod probe;
mod trial;

use sqlx::PgConnection;

pub(super) use checks::is_covered;
pub(super) use trial::overwritten;

use super::{
    AppDbError, AppUser, Limits, Snapshot, UserRef,
    accounts::Accounts,
    admins::is_last,
    graph::{self, Graph, ROOT, Scope},
    rows::{self, Collected},
    sessions::may_end_sessions,
    traces::{self, Traces, When, Who},
    user::{FindError, find},
};
use crate::domain::plan::Warning;

/// What was found. The rows themselves are in the transaction's temporary tables.
pub(super) struct Survey<'a> {
    pub(super) user_id: String,
    pub(super) email: Option<String>,
    pub(super) graph: Graph<'a>,
    pub(super) collected: Collected,
    /// By edge whose rows stay: how many lose their link.
    pub(super) left_behind: Vec<(usize, i64)>,
    pub(super) blockers: Vec<String>,
    pub(super) warnings: Vec<Warning>,
}

/// What the transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Only look: from here on the transaction cannot change anything but its temporary tables.
    Look,
    /// As [`Intent::Look`], for the rows alone: what no key shows is not searched for.
    LookAtRows,
    /// Delete afterwards: the account is locked, and the admins' rows with it.
    Erase,
}

/// Surveys the account. The transaction must see one moment of the database from beginning to end (REPEATABLE READ).
pub(super) async fn survey<'a>(
    connection: &mut PgConnection,
    at: &'a Snapshot,
    user_id: &str,
    intent: Intent,
) -> Result<Survey<'a>, AppDbError> {
    let user = account(connection, at, user_id).await?;
    let graph = graph::build(at)?;
    rows::prepare(connection, &graph).await?;
    if intent == Intent::Look {
        trial::prepare(connection, &graph).await?;
    }
    if intent != Intent::Erase {
        sqlx::raw_sql("SET TRANSACTION READ ONLY")
            .execute(&mut *connection)
            .await?;
    }
    let mut blockers = [graph.blockers.clone(), graph.unreadable.clone()].concat();
    let erases = intent == Intent::Erase;
    match is_last(connection, at, user_id, erases).await {
        Ok(false) => {}
        Ok(true) => {
            blockers.push("this is the last admin who can act: promote somebody else first".into());
        }
        Err(AppDbError::Blocked(why)) => blockers.push(why),
        Err(error) => return Err(error),
    }
    blockers.extend(cannot_block(at)?);
    let collected = rows::collect(connection, &graph, user_id, user.email.as_deref()).await?;
    if collected.rows[ROOT] != 1 {
        return Err(AppDbError::Changed(format!(
            "there is no account {user_id} any more"
        )));
    }
    let left_behind = rows::count_left_behind(connection, &graph).await?;
    let mut survey = Survey {
        user_id: user.id,
        email: user.email,
        graph,
        collected,
        left_behind,
        blockers,
        warnings: Vec::new(),
    };
    checks::check(&mut survey);
    match intent {
        Intent::Look => {
            trial::run(connection, &mut survey).await?;
            hidden::look(connection, &mut survey).await?;
        }
        Intent::LookAtRows => {}
        Intent::Erase => survey.blockers.extend(addresses::undecided(&survey)),
    }
    Ok(survey)
}

/// What our role may not do that the block before an erasure does.
fn cannot_block(at: &Snapshot) -> Result<Vec<String>, AppDbError> {
    let accounts = Accounts::of(at)?;
    let flag = accounts.flag().map(|flag| flag.name.as_str());
    let flag: Vec<&str> = flag.into_iter().collect();
    let checks = [at.may_update(accounts.table, &flag), may_end_sessions(at)];
    Ok(checks
        .into_iter()
        .filter_map(|check| check.err().map(|error| error.to_string()))
        .collect())
}

impl Survey<'_> {
    /// Searches for what names the account beyond the rows that were surveyed.
    pub(super) async fn search(
        &self,
        connection: &mut PgConnection,
        limits: Limits,
    ) -> Result<Traces, AppDbError> {
        let who = Who {
            id: &self.user_id,
            email: self.email.as_deref(),
        };
        traces::search(connection, &self.graph, who, When::Surveyed, limits).await
    }
}

/// Surveys everything that is the person's own, to be handed out. From here on the transaction cannot change anything but
/// its temporary tables. What would forbid an erasure is a warning here: it is left out.
pub(super) async fn survey_export<'a>(
    connection: &mut PgConnection,
    at: &'a Snapshot,
    user_id: &str,
) -> Result<Survey<'a>, AppDbError> {
    let user = account(connection, at, user_id).await?;
    let graph = graph::build_for(Scope::Export, at)?;
    rows::prepare(connection, &graph).await?;
    sqlx::raw_sql("SET TRANSACTION READ ONLY")
        .execute(&mut *connection)
        .await?;
    let collected = rows::collect(connection, &graph, user_id, user.email.as_deref()).await?;
    let mut survey = Survey {
        user_id: user.id,
        email: user.email,
        left_behind: rows::count_left_behind(connection, &graph).await?,
        warnings: [
            numbered("left_out_of_export", &graph.blockers),
            not_exported(&graph),
        ]
        .concat(),
        graph,
        collected,
        blockers: Vec::new(),
    };
    hidden::look(connection, &mut survey).await?;
    let blockers = std::mem::take(&mut survey.blockers);
    // What would forbid an erasure is a warning of an export.
    let left_out = numbered("rows_left_out_of_export", &blockers);
    survey.warnings.extend(left_out);
    Ok(survey)
}

/// One more of them is news, in whatever words.
fn numbered(code: &str, texts: &[String]) -> Vec<Warning> {
    let each = texts.iter().enumerate();
    each.map(|(at, text)| Warning::new(code, text).about((at + 1).to_string()))
        .collect()
}

fn not_exported(graph: &Graph<'_>) -> Vec<Warning> {
    let unreadable = graph.unreadable.iter();
    let texts: Vec<String> = unreadable
        .map(|why| format!("not exported: {why}"))
        .collect();
    numbered("not_readable", &texts)
}

async fn account(
    connection: &mut PgConnection,
    at: &Snapshot,
    user_id: &str,
) -> Result<AppUser, AppDbError> {
    match find(connection, at, &UserRef::Id(user_id.into())).await {
        Ok(user) => Ok(user),
        Err(FindError::Db(error)) => Err(error),
        Err(_) => Err(AppDbError::Changed(format!(
            "there is no account {user_id} any more"
        ))),
    }
}

/// Surveys what names an account that is gone: rows that the app wrote after it was erased, from what it still knew.
pub(super) async fn survey_late<'a>(
    connection: &mut PgConnection,
    at: &'a Snapshot,
    user_id: &str,
    email: Option<&str>,
) -> Result<Survey<'a>, AppDbError> {
    let graph = graph::build(at)?;
    rows::prepare(connection, &graph).await?;
    let collected = rows::collect_late(connection, &graph, user_id, email).await?;
    let mut survey = Survey {
        user_id: user_id.to_owned(),
        email: email.map(str::to_owned),
        blockers: [graph.blockers.clone(), graph.unreadable.clone()].concat(),
        left_behind: rows::count_left_behind(connection, &graph).await?,
        graph,
        collected,
        warnings: Vec::new(),
    };
    checks::check(&mut survey);
    Ok(survey)
}

//! Rows that hold the person's address: whose each of them is.
//!
//! An address alone proves little. A row is taken by its address only when it belongs to nobody else by a key (see
//! [`owners`]) and when no other account could be meant by the address.

mod owners;
mod unlinked;

use sqlx::{PgConnection, Row};

use crate::systems::app_db::{
    AppDbError,
    accounts::Accounts,
    graph::{Graph, LooseColumn, Node, holds_email},
    sql::{ident, query},
};
use owners::OF_OTHERS;

/// The temporary table of rows that hold the address and that no key leads to.
const ADDRESSED: &str = "pg_temp.countersign_addressed";

/// Creates the temporary table.
const CREATE: &str = "CREATE TEMP TABLE countersign_addressed
    (loose int, part oid, place tid, spelling text, verdict int, path text) ON COMMIT DROP;";

/// Whose a row is that holds the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::systems::app_db) enum Verdict {
    /// The person's.
    Theirs,
    /// The person's as far as is known, but other tables depend on it and nobody decided about it.
    Undecided,
    /// Another account's: the address is spelled as that account spells it.
    SpelledAsOthers,
    /// Another account has the same address.
    Shared,
    /// Another account's address differs in letter case only, and the row is spelled like neither.
    ThirdSpelling,
    /// Another account's, by a key.
    OfOthers,
}

const VERDICTS: [Verdict; 6] = [
    Verdict::Theirs,
    Verdict::Undecided,
    Verdict::SpelledAsOthers,
    Verdict::Shared,
    Verdict::ThirdSpelling,
    Verdict::OfOthers,
];

/// Rows of one column with one verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::systems::app_db) struct Addressed {
    /// The column: an index into the graph's loose columns.
    pub(in crate::systems::app_db) loose: usize,
    pub(in crate::systems::app_db) verdict: Verdict,
    /// The keys by which they belong to another account: `Recipient.envelopeId → Envelope.userId`.
    pub(in crate::systems::app_db) path: Option<String>,
    pub(in crate::systems::app_db) rows: i64,
}

/// The person whose rows are looked for.
#[derive(Clone, Copy)]
pub(in crate::systems::app_db) struct Person<'a> {
    pub(in crate::systems::app_db) user_id: &'a str,
    pub(in crate::systems::app_db) email: &'a str,
    /// Whether the rows that keys lead to are in the slots.
    pub(in crate::systems::app_db) is_collected: bool,
}

/// The addresses of other accounts that differ from the person's in letter case at most.
pub(in crate::systems::app_db) struct Namesakes(Vec<String>);

impl Namesakes {
    pub(in crate::systems::app_db) fn exist(&self) -> bool {
        !self.0.is_empty()
    }
}

/// Makes the temporary tables.
pub(in crate::systems::app_db) async fn prepare(
    connection: &mut PgConnection,
) -> Result<(), sqlx::Error> {
    let text = format!("{CREATE}{}", owners::CREATE);
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(connection)
        .await?;
    Ok(())
}

/// Finds the rows that hold the address and writes down whose each is.
pub(in crate::systems::app_db) async fn find(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    person: Person<'_>,
) -> Result<Namesakes, AppDbError> {
    let accounts = Accounts::of(graph.at)?;
    let namesakes = namesakes(connection, &accounts, person).await?;
    for (index, column) in graph.loose.iter().enumerate() {
        let text = format!(
            "INSERT INTO {ADDRESSED} SELECT {index}, t.tableoid, t.ctid, t.{}::text, 0, NULL FROM {} t WHERE {}{}",
            ident(&column.column),
            graph.at.schema.tables[column.table].source(),
            holds_email(&column.column, "t"),
            and_not_collected(graph, column, person.is_collected)
        );
        query(text)
            .bind(person.email)
            .execute(&mut *connection)
            .await?;
    }
    for (index, column) in graph.loose.iter().enumerate() {
        owners::begin(connection, column.table, index).await?;
    }
    owners::climb(connection, graph, &accounts, person).await?;
    let text = format!(
        "UPDATE {ADDRESSED} a SET path = o.path FROM {OF_OTHERS} o WHERE o.part = a.part AND o.place = a.place"
    );
    query(text).execute(&mut *connection).await?;
    for (index, column) in graph.loose.iter().enumerate() {
        let text = format!(
            "UPDATE {ADDRESSED} SET verdict = {} WHERE loose = {index}",
            verdict(graph, &accounts, column, &namesakes, person)
        );
        query(text)
            .bind(person.email)
            .bind(&namesakes.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(namesakes)
}

/// The person's rows of one column, for a query over the table as `t`.
pub(super) fn theirs(loose: usize) -> String {
    let theirs = number(Verdict::Theirs);
    format!(
        "JOIN {ADDRESSED} a ON a.loose = {loose} AND a.verdict = {theirs} AND t.tableoid = a.part AND t.ctid = a.place"
    )
}

/// Counts them by column, verdict and path. Rows that were collected after all are counted only where the address led to
/// them.
pub(in crate::systems::app_db) async fn count(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    is_collected: bool,
) -> Result<Vec<Addressed>, AppDbError> {
    let theirs = number(Verdict::Theirs);
    let parts: Vec<String> = graph
        .loose
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let not_collected = and_not_collected(graph, column, is_collected);
            let source = graph.at.schema.tables[column.table].source();
            format!(
                "SELECT {index}::int8, a.verdict::int8, a.path, count(*) FROM {ADDRESSED} a
                 JOIN {source} t ON t.tableoid = a.part AND t.ctid = a.place
                 WHERE a.loose = {index} AND (a.verdict = {theirs} OR (true{not_collected})) GROUP BY 2, 3"
            )
        })
        .collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!("{} ORDER BY 1, 2, 3", parts.join(" UNION ALL "));
    let mut found = Vec::new();
    for row in query(text).fetch_all(connection).await? {
        let at = |value: i64| usize::try_from(value).unwrap_or(usize::MAX);
        let Some(&verdict) = VERDICTS.get(at(row.try_get(1)?)) else {
            continue;
        };
        found.push(Addressed {
            loose: at(row.try_get(0)?),
            verdict,
            path: row.try_get(2)?,
            rows: row.try_get(3)?,
        });
    }
    Ok(found)
}

async fn namesakes(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    person: Person<'_>,
) -> Result<Namesakes, AppDbError> {
    let email = accounts.column("u", "email")?;
    let text = format!(
        "SELECT DISTINCT {email}::text FROM {} u WHERE lower({email}::text) = lower($1::text) AND NOT {}",
        accounts.table.source(),
        accounts.id_is("u", 2)
    );
    let rows = query(text)
        .bind(person.email)
        .bind(person.user_id)
        .fetch_all(connection)
        .await?;
    let all: Result<Vec<String>, sqlx::Error> = rows.iter().map(|row| row.try_get(0)).collect();
    Ok(Namesakes(all?))
}

fn and_not_collected(graph: &Graph<'_>, column: &LooseColumn, is_collected: bool) -> String {
    let node = graph.node_of(column.table).filter(|_| is_collected);
    node.map_or_else(String::new, |node| {
        format!(
            " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        )
    })
}

/// The verdict on a row of the column as SQL: `$1` is the person's address, `$2` those of the namesakes.
fn verdict(
    graph: &Graph<'_>,
    accounts: &Accounts<'_>,
    column: &LooseColumn,
    namesakes: &Namesakes,
    person: Person<'_>,
) -> String {
    let found = match column.collects {
        true => number(Verdict::Theirs),
        false => number(Verdict::Undecided),
    };
    let others = number(Verdict::OfOthers);
    let by_key = match graph.is_decided(column.table) {
        true => "false",
        false => "path IS NOT NULL",
    };
    let shared = number(Verdict::Shared);
    // Where the app ignores letter case, a spelling says nothing about whose a row is.
    let ignores_case = |table: usize, name: &str| {
        let found = graph.at.schema.tables[table].column(name);
        found.is_some_and(|column| column.ignores_case)
    };
    let is_blind = ignores_case(column.table, &column.column)
        || accounts
            .has(&graph.at.mapping.user.email)
            .is_some_and(|email| email.ignores_case);
    let is_shared = namesakes.0.iter().any(|other| other == person.email);
    let (exact, other) = match is_shared {
        true => (shared, shared),
        false => (found, number(Verdict::ThirdSpelling)),
    };
    if !namesakes.exist() {
        format!("CASE WHEN {by_key} THEN {others} ELSE {found} END")
    } else if is_blind {
        format!("CASE WHEN {by_key} THEN {others} ELSE {shared} END")
    } else {
        let spelled = number(Verdict::SpelledAsOthers);
        format!(
            "CASE WHEN spelling <> $1::text AND spelling = ANY($2::text[]) THEN {spelled}
                  WHEN {by_key} THEN {others} WHEN spelling = $1::text THEN {exact} ELSE {other} END"
        )
    }
}

fn number(verdict: Verdict) -> usize {
    let mut all = VERDICTS.iter();
    all.position(|one| *one == verdict).unwrap_or_default()
}

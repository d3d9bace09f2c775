//! Collects the rows of a [`Graph`] into temporary tables that vanish with the transaction: set by set, never row by
//! row, until nothing new is found. Each row is there once, however many keys lead to it.

mod addressed;
mod left_behind;
mod search;

use sqlx::PgConnection;

use super::{
    AppDbError,
    accounts::Accounts,
    graph::{Graph, Node, ROOT, is_address},
    sql::query,
};
use search::Search;

pub(super) use addressed::{
    Addressed, Person, Verdict, count as count_addressed, find as find_addressed,
    prepare as prepare_addressed,
};
pub(super) use left_behind::{count_left_behind, is_left_behind};

/// The rows that were found, by number. The rows themselves are in the nodes' slots.
pub(super) struct Collected {
    /// By node.
    pub(super) rows: Vec<i64>,
    /// By node: rows that only the e-mail address led to, or that belong to such rows.
    pub(super) by_address: Vec<i64>,
    /// By edge: rows that this key was the first to lead to.
    pub(super) over: Vec<i64>,
    /// By node: what led to its first rows.
    pub(super) first: Vec<Option<Way>>,
    /// By loose column: rows that only the e-mail address led to.
    pub(super) loose: Vec<i64>,
    /// Rows that hold the address and that no key leads to, by column and by whose they are.
    pub(super) addressed: Vec<Addressed>,
    /// Whether another account has this address, or one that differs in letter case only.
    pub(super) has_namesake: bool,
}

/// What led to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A key: the index of its edge.
    Key(usize),
    /// The address in a column: its index among the loose ones.
    Address(usize),
}

impl Collected {
    /// How the first rows of a node were found, for people: `User ← Envelope.userId ← Recipient.envelopeId`. Of a node
    /// without rows, how the schema leads there.
    pub(super) fn via(&self, graph: &Graph<'_>, node: usize) -> String {
        match self.first[node] {
            None => graph.nodes[node].via.clone(),
            Some(Way::Address(loose)) => graph.loose[loose].via(graph.at),
            Some(Way::Key(edge)) => {
                let edge = &graph.edges[edge];
                let label = edge.link.label(graph.at);
                format!("{} ← {label}", self.via(graph, edge.parent))
            }
        }
    }
}

/// Makes the temporary tables, in one round trip.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
) -> Result<(), sqlx::Error> {
    let mut text = String::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let slot = Node::slot(index);
        let carried: Vec<String> = super::sql::columns("t", &node.carried)
            .iter()
            .enumerate()
            .map(|(position, column)| format!("{column} AS c{position}"))
            .collect();
        let key: Vec<String> = (0..node.key_width)
            .map(|position| format!("c{position}"))
            .collect();
        text.push_str(&format!(
            "CREATE TEMP TABLE {slot} ON COMMIT DROP AS SELECT {}, 0 AS round FROM {} t WITH NO DATA;
             CREATE UNIQUE INDEX ON {slot} ({});",
            carried.join(", "),
            graph.table(index).source(),
            key.join(", ")
        ));
    }
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&mut *connection)
        .await?;
    addressed::prepare(connection).await
}

/// Collects everything that belongs to the account.
pub(super) async fn collect(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: Option<&str>,
) -> Result<Collected, AppDbError> {
    let accounts = Accounts::of(graph.at)?;
    let root = format!(
        "INSERT INTO {} SELECT {}, 0 FROM {} t WHERE {}",
        Node::slot(ROOT),
        graph.nodes[ROOT].select("t"),
        accounts.table.source(),
        accounts.id_is("t", 1)
    );
    let mut search = Search::new(graph, connection);
    search.add(ROOT, query(root).bind(user_id)).await?;
    follow(search, user_id, email).await
}

/// Collects what names an account whose row is gone: its id stands where the row would be, so that the same keys and
/// columns lead to the same rows. Columns of the account other than its id are not known any more.
pub(super) async fn collect_late(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: Option<&str>,
) -> Result<Collected, AppDbError> {
    let accounts = Accounts::of(graph.at)?;
    let mut search = Search::new(graph, connection);
    let id = &graph.at.mapping.user.id;
    let carried = &graph.nodes[ROOT].carried;
    let position = carried.iter().position(|name| name == id);
    if let (Some(position), Some(column)) = (position, accounts.has(id)) {
        let root = format!(
            "INSERT INTO {} (c{position}, round) VALUES (CAST($1::text AS {}), 0)",
            Node::slot(ROOT),
            column.type_name
        );
        search.add(ROOT, query(root).bind(user_id)).await?;
    }
    let mut collected = follow(search, user_id, email).await?;
    collected.rows[ROOT] = 0;
    Ok(collected)
}

/// Follows keys from the account, then addresses, then keys from there.
async fn follow(
    mut search: Search<'_, '_>,
    user_id: &str,
    email: Option<&str>,
) -> Result<Collected, AppDbError> {
    let graph = search.graph;
    search.exhaust().await?;
    let by_key = search.rows.clone();
    let mut loose = vec![0; graph.loose.len()];
    let mut addressed = Vec::new();
    let mut has_namesake = false;
    if let Some(email) = email.filter(|email| is_address(email)) {
        let person = Person {
            user_id,
            email,
            is_collected: true,
        };
        has_namesake = addressed::find(search.connection, graph, person)
            .await?
            .exist();
        for index in 0..graph.loose.len() {
            loose[index] = search.take_addressed(index).await?;
        }
        search.exhaust().await?;
        addressed = addressed::count(search.connection, graph, true).await?;
    }
    let by_address = search.rows.iter().zip(&by_key);
    Ok(Collected {
        by_address: by_address.map(|(all, by_key)| all - by_key).collect(),
        rows: search.rows,
        over: search.over,
        first: search.first,
        loose,
        addressed,
        has_namesake,
    })
}

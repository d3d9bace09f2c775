//! Collects the rows of a [`Graph`] into temporary tables that vanish with the transaction: set by set, never row by
//! row, until nothing new is found. Each row is there once, however many keys lead to it.

mod left_behind;
mod search;

use sqlx::PgConnection;

use super::{
    AppDbError,
    graph::{Graph, Node, ROOT},
    loose::{holds_email, names_nobody_else},
    sql::{count, query},
    user::Accounts,
};
use search::Search;

pub(super) use left_behind::{count_left_behind, is_left_behind};

/// How many rows each node has.
pub(super) struct Collected {
    /// By node.
    pub(super) rows: Vec<i64>,
    /// By loose column: rows that only the e-mail address led to.
    pub(super) loose: Vec<i64>,
    /// Whether another account's address differs from this one in letter case only.
    pub(super) has_twin: bool,
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
        .execute(connection)
        .await?;
    Ok(())
}

/// Collects everything that belongs to the account.
pub(super) async fn collect(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: Option<&str>,
) -> Result<Collected, AppDbError> {
    let accounts = Accounts::of(graph.schema, graph.mapping)?;
    let root = format!(
        "INSERT INTO {} SELECT {}, 0 FROM {} t WHERE {}",
        Node::slot(ROOT),
        graph.nodes[ROOT].select("t"),
        accounts.table.source(),
        accounts.id_is("t", 1)
    );
    let mut search = Search::new(graph, connection);
    search.add(ROOT, query(root).bind(user_id)).await?;
    // The account's own address is one of those that are counted.
    follow(search, &accounts, email, 1).await
}

/// Collects what names an account whose row is gone: its id stands where the row would be, so that the same keys and
/// columns lead to the same rows. Columns of the account other than its id are not known any more. The address leads to
/// nothing when an account that was made since has it: then nobody can say whose a row without a key is.
pub(super) async fn collect_late(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: Option<&str>,
) -> Result<Collected, AppDbError> {
    let accounts = Accounts::of(graph.schema, graph.mapping)?;
    let mut search = Search::new(graph, connection);
    let id = &graph.mapping.user.id;
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
    let email = match email {
        Some(email) if has_exactly(search.connection, graph, user_id, email).await? => None,
        email => email,
    };
    let mut collected = follow(search, &accounts, email, 0).await?;
    collected.rows[ROOT] = 0;
    Ok(collected)
}

/// Follows keys from the account, then addresses, then keys from there. `own` accounts with this address are the person's.
async fn follow(
    mut search: Search<'_, '_>,
    accounts: &Accounts<'_>,
    email: Option<&str>,
    own: i64,
) -> Result<Collected, AppDbError> {
    let graph = search.graph;
    search.exhaust().await?;
    let has_twin = match email {
        Some(email) => with_address(search.connection, accounts, graph, email).await? > own,
        None => false,
    };
    let mut loose = vec![0; graph.loose.len()];
    for (index, column) in graph
        .loose
        .iter()
        .enumerate()
        .filter(|(_, column)| column.collects)
    {
        let (Some(email), Some(node)) = (email, graph.node_of(column.table)) else {
            continue;
        };
        let text = format!(
            "INSERT INTO {} SELECT {}, {} FROM {} t WHERE {} AND {} ON CONFLICT DO NOTHING",
            Node::slot(node),
            graph.nodes[node].select("t"),
            search.round,
            graph.table(node).source(),
            holds_email(&column.column, "t", has_twin),
            names_nobody_else(graph, column.table, "t")
        );
        loose[index] = search.add(node, query(text).bind(email)).await?;
    }
    search.exhaust().await?;
    Ok(Collected {
        rows: search.rows,
        loose,
        has_twin,
    })
}

/// Accounts with this address in any letter case.
async fn with_address(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    graph: &Graph<'_>,
    email: &str,
) -> Result<i64, AppDbError> {
    let column = accounts.column("t", &graph.mapping.user.email)?;
    let text = format!(
        "SELECT count(*) FROM {} t WHERE lower({column}::text) = lower($1::text)",
        accounts.table.source()
    );
    Ok(count(query(text).bind(email), connection).await?)
}

/// Whether another account has exactly this address.
pub(super) async fn has_exactly(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
    user_id: &str,
    email: &str,
) -> Result<bool, AppDbError> {
    let accounts = Accounts::of(graph.schema, graph.mapping)?;
    let text = format!(
        "SELECT count(*) FROM {} t WHERE {}::text = $1::text AND {}::text <> $2::text",
        accounts.table.source(),
        accounts.column("t", &graph.mapping.user.email)?,
        accounts.column("t", &graph.mapping.user.id)?
    );
    let others = count(query(text).bind(email).bind(user_id), connection).await?;
    Ok(others > 0)
}

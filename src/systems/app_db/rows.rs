//! Collects the rows of a [`Graph`] into temporary tables that vanish with the transaction: set by set, never row by
//! row, until nothing new is found. Each row is there once, however many keys lead to it.

use sqlx::PgConnection;

use super::{
    AppDbError, Mapping, Table,
    graph::{Edge, Fate, Graph, Node, ROOT},
    loose::{holds_email, names_nobody_else},
    sql::{count, ident, query},
    user::Accounts,
};

/// Rounds after which the search is given up. Each round follows every key once; keys from a table to itself are
/// followed to their end within one round, so real data need about as many rounds as there are tables in a chain.
const MAX_ROUNDS: i32 = 1_000;

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
    let mut search = Search {
        graph,
        connection,
        rows: vec![0; graph.nodes.len()],
        fresh: vec![false; graph.nodes.len()],
        round: 0,
    };
    let root = format!(
        "INSERT INTO {} SELECT {}, 0 FROM {} t WHERE {}",
        Node::slot(ROOT),
        graph.nodes[ROOT].select("t"),
        accounts.table.source(),
        accounts.id_is("t", 1)
    );
    search.add(ROOT, query(root).bind(user_id)).await?;
    search.exhaust().await?;
    let has_twin = match email {
        Some(email) => has_twin(search.connection, &accounts, graph, email).await?,
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

struct Search<'s, 'a> {
    graph: &'s Graph<'a>,
    connection: &'s mut PgConnection,
    rows: Vec<i64>,
    /// Nodes with rows of the current round.
    fresh: Vec<bool>,
    round: i32,
}

impl Search<'_, '_> {
    async fn add(
        &mut self,
        node: usize,
        query: sqlx::query::Query<'_, sqlx::Postgres, sqlx::postgres::PgArguments>,
    ) -> Result<i64, sqlx::Error> {
        let done = query.execute(&mut *self.connection).await?;
        let added = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX);
        self.rows[node] += added;
        self.fresh[node] |= added > 0;
        Ok(added)
    }

    /// Follows keys until a round finds nothing.
    async fn exhaust(&mut self) -> Result<(), AppDbError> {
        while self.fresh.contains(&true) {
            if self.round >= MAX_ROUNDS {
                return Err(AppDbError::Blocked(format!(
                    "the account's rows form a chain over more than {MAX_ROUNDS} keys"
                )));
            }
            let fresh = std::mem::replace(&mut self.fresh, vec![false; self.graph.nodes.len()]);
            for edge in &self.graph.edges {
                if edge.fate == Fate::Collect && fresh[edge.parent] {
                    self.follow(edge).await?;
                }
            }
            self.round += 1;
        }
        Ok(())
    }

    async fn follow(&mut self, edge: &Edge) -> Result<(), AppDbError> {
        let Some(child) = edge.child_node else {
            return Ok(());
        };
        let text = if child == edge.parent {
            self.descend(edge)
        } else {
            format!(
                "INSERT INTO {} SELECT {}, {} FROM {} t JOIN {} g ON {} WHERE g.round = {} ON CONFLICT DO NOTHING",
                Node::slot(child),
                self.graph.nodes[child].select("t"),
                self.round + 1,
                edge.link.source,
                Node::slot(edge.parent),
                self.graph.points_to(edge, "t", "g"),
                self.round,
            )
        };
        self.add(child, query(text)).await?;
        Ok(())
    }

    /// A key from a table to itself: followed to its end in one statement. UNION drops repeated rows, so circles end.
    fn descend(&self, edge: &Edge) -> String {
        let node = &self.graph.nodes[edge.parent];
        let slot = Node::slot(edge.parent);
        let carried: Vec<String> = (0..node.carried.len())
            .map(|position| format!("c{position}"))
            .collect();
        let carried = carried.join(", ");
        format!(
            "WITH RECURSIVE below ({carried}) AS (
                SELECT {carried} FROM {slot} WHERE round = {round}
                UNION SELECT {columns} FROM {source} t JOIN below g ON {points_to})
             INSERT INTO {slot} SELECT {carried}, {next} FROM below ON CONFLICT DO NOTHING",
            round = self.round,
            next = self.round + 1,
            columns = node.select("t"),
            source = edge.link.source,
            points_to = self.graph.points_to(edge, "t", "g"),
        )
    }
}

async fn has_twin(
    connection: &mut PgConnection,
    accounts: &Accounts<'_>,
    graph: &Graph<'_>,
    email: &str,
) -> Result<bool, AppDbError> {
    let column = accounts.column("t", &graph.mapping.user.email)?;
    let text = format!(
        "SELECT count(*) FROM {} t WHERE lower({column}::text) = lower($1::text)",
        accounts.table.source()
    );
    Ok(count(query(text).bind(email), connection).await? > 1)
}

/// Rows that a key leads to and that are not collected: those that stay with the link cut. One query for all edges.
pub(super) async fn count_left_behind(
    connection: &mut PgConnection,
    graph: &Graph<'_>,
) -> Result<Vec<(usize, i64)>, sqlx::Error> {
    let parts: Vec<String> = graph
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.fate != Fate::Collect)
        .map(|(index, edge)| format!("SELECT {index}::int8, ({})", left_behind(graph, edge)))
        .collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let counts: Vec<(i64, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(parts.join(" UNION ALL ")))
        .persistent(false)
        .fetch_all(connection)
        .await?;
    Ok(counts
        .into_iter()
        .filter_map(|(index, rows)| Some((usize::try_from(index).ok()?, rows)))
        .collect())
}

fn left_behind(graph: &Graph<'_>, edge: &Edge) -> String {
    format!(
        "SELECT count(*) FROM {} t WHERE {}",
        edge.link.source,
        is_left_behind(graph, edge)
    )
}

/// The condition that a row points to a collected row and is not collected itself.
pub(super) fn is_left_behind(graph: &Graph<'_>, edge: &Edge) -> String {
    let not_collected = edge.child_node.map_or_else(String::new, |node| {
        format!(
            " AND NOT EXISTS (SELECT 1 FROM {} mine WHERE {})",
            Node::slot(node),
            graph.nodes[node].is_row("t", "mine")
        )
    });
    format!(
        "EXISTS (SELECT 1 FROM {} g WHERE {}){not_collected}",
        Node::slot(edge.parent),
        graph.points_to(edge, "t", "g")
    )
}

/// `, "updatedAt" = now()` when the table has such a column: Prisma sets it in the app, the database does not.
pub(super) fn touch(table: &Table, mapping: &Mapping) -> String {
    let name = &mapping.user.updated_at;
    match table.column(name).filter(|column| !column.generated) {
        Some(column) if column.type_name == "pg_catalog.timestamp" => {
            format!(", {} = now() AT TIME ZONE 'UTC'", ident(name))
        }
        Some(column) if column.type_name == "pg_catalog.timestamptz" => {
            format!(", {} = now()", ident(name))
        }
        _ => String::new(),
    }
}

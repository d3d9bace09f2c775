//! Follows keys round by round, until a round finds nothing new.

use sqlx::PgConnection;

use super::{Way, addressed};
use crate::systems::app_db::{
    AppDbError,
    graph::{Edge, Fate, Graph, Node},
    sql::query,
};

/// Rounds after which the search is given up. Each round follows every key once; keys from a table to itself are
/// followed to their end within one round, so real data need about as many rounds as there are tables in a chain.
const MAX_ROUNDS: i32 = 1_000;

/// A search under way.
pub(super) struct Search<'s, 'a> {
    pub(super) graph: &'s Graph<'a>,
    pub(super) connection: &'s mut PgConnection,
    /// Rows found so far, by node.
    pub(super) rows: Vec<i64>,
    /// Rows that each key was the first to lead to.
    pub(super) over: Vec<i64>,
    /// What led to the first rows of each node.
    pub(super) first: Vec<Option<Way>>,
    /// Nodes with rows of the current round.
    fresh: Vec<bool>,
    pub(super) round: i32,
}

impl<'s, 'a> Search<'s, 'a> {
    pub(super) fn new(graph: &'s Graph<'a>, connection: &'s mut PgConnection) -> Self {
        Self {
            graph,
            connection,
            rows: vec![0; graph.nodes.len()],
            over: vec![0; graph.edges.len()],
            first: vec![None; graph.nodes.len()],
            fresh: vec![false; graph.nodes.len()],
            round: 0,
        }
    }

    /// Runs an insert into a node's slot.
    pub(super) async fn add(
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
    pub(super) async fn exhaust(&mut self) -> Result<(), AppDbError> {
        while self.fresh.contains(&true) {
            if self.round >= MAX_ROUNDS {
                return Err(AppDbError::Blocked(format!(
                    "the account's rows form a chain over more than {MAX_ROUNDS} keys"
                )));
            }
            let fresh = std::mem::replace(&mut self.fresh, vec![false; self.graph.nodes.len()]);
            for (index, edge) in self.graph.edges.iter().enumerate() {
                if edge.fate == Fate::Collect && fresh[edge.parent] {
                    self.over[index] += self.follow(index, edge).await?;
                }
            }
            self.round += 1;
        }
        Ok(())
    }

    /// Takes the rows of a loose column that are the person's.
    pub(super) async fn take_addressed(&mut self, loose: usize) -> Result<i64, AppDbError> {
        let column = &self.graph.loose[loose];
        let Some(node) = self.graph.node_of(column.table).filter(|_| column.collects) else {
            return Ok(0);
        };
        let text = format!(
            "INSERT INTO {} SELECT {}, {} FROM {} t {} ON CONFLICT DO NOTHING",
            Node::slot(node),
            self.graph.nodes[node].select("t"),
            self.round,
            self.graph.table(node).source(),
            addressed::theirs(loose)
        );
        let added = self.add(node, query(text)).await?;
        self.led(node, added, Way::Address(loose));
        Ok(added)
    }

    fn led(&mut self, node: usize, added: i64, way: Way) {
        if added > 0 {
            self.first[node].get_or_insert(way);
        }
    }

    async fn follow(&mut self, index: usize, edge: &Edge) -> Result<i64, AppDbError> {
        let Some(child) = edge.child_node else {
            return Ok(0);
        };
        let text = if child == edge.parent {
            self.descend(edge)
        } else {
            format!(
                "INSERT INTO {} SELECT {}, {} FROM {} t JOIN {} g ON {} WHERE g.round = {}{} ON CONFLICT DO NOTHING",
                Node::slot(child),
                self.graph.nodes[child].select("t"),
                self.round + 1,
                edge.link.source,
                Node::slot(edge.parent),
                self.graph.points_to(edge, "t", "g"),
                self.round,
                self.and_own(edge),
            )
        };
        let added = self.add(child, query(text)).await?;
        self.led(child, added, Way::Key(index));
        Ok(added)
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
                UNION SELECT {columns} FROM {source} t JOIN below g ON {points_to}{and_own})
             INSERT INTO {slot} SELECT {carried}, {next} FROM below ON CONFLICT DO NOTHING",
            round = self.round,
            next = self.round + 1,
            columns = node.select("t"),
            source = edge.link.source,
            points_to = self.graph.points_to(edge, "t", "g"),
            and_own = self.and_own(edge),
        )
    }

    fn and_own(&self, edge: &Edge) -> String {
        let own = self.graph.is_own(edge, "t");
        own.map_or_else(String::new, |own| format!(" AND {own}"))
    }
}

//! Rows that an erasure takes, or an export hands out, although keys say that they are other people's too.

use super::{Survey, probe::Probe};
use crate::domain::plan::Warning;
use crate::systems::app_db::{
    graph::{Fate, Graph, Link, Node, ROOT, Scope, identifies},
    schema::OnDelete,
};

/// Rows between a row that goes and the row that names an account, at most.
const MAX_BETWEEN: usize = 3;
/// Ways from rows that go to other accounts that are looked at, at most.
const MAX_WAYS: usize = 100;

/// Counts such rows, with what is said of them.
pub(super) fn probes(survey: &Survey<'_>) -> Vec<Probe> {
    match survey.graph.scope {
        Scope::Erasure => {
            let others = Others { survey };
            let mut probes = others.named_directly();
            probes.extend(others.named_through_others());
            probes
        }
        Scope::Export => {
            let mut probes = below_references(survey);
            probes.extend(with_a_strangers_address(survey));
            probes
        }
    }
}

/// Rows that only refer to rows of the person, and are taken all the same because a policy decides about their table.
pub(super) fn taken_by_policy(survey: &Survey<'_>) -> Vec<Warning> {
    let graph = &survey.graph;
    let edges = graph.edges.iter().zip(&survey.collected.over);
    edges
        .filter(|(edge, rows)| {
            edge.fate == Fate::Collect
                && edge.parent != ROOT
                && edge.link.only_refers()
                && **rows > 0
        })
        .map(|(edge, rows)| {
            let label = edge.link.label(graph.at);
            let table = graph.at.label_at(edge.child);
            let why = match graph.scope {
                Scope::Erasure => format!("they are part of the erasure because of [app.schema.tables.{table}]"),
                Scope::Export => "they are exported because of include_tables in [app.schema.export]".to_owned(),
            };
            let says =
                format!("rows of {table} that only refer to rows of this account ({label}, {}): {rows}; {why}", edge.link.on_delete);
            Warning::new("referring_rows_by_policy", says).about(label)
        })
        .collect()
}

struct Others<'s, 'a> {
    survey: &'s Survey<'a>,
}

impl<'s, 'a> Others<'s, 'a> {
    fn graph(&self) -> &'s Graph<'a> {
        &self.survey.graph
    }

    /// The nodes with rows that are deleted or changed, without the account.
    fn nodes(&self) -> impl Iterator<Item = usize> {
        let rows = &self.survey.collected.rows;
        (1..rows.len()).filter(|node| rows[*node] > 0)
    }

    /// Rows that name another account by a key of their own.
    fn named_directly(&self) -> Vec<Probe> {
        let graph = self.graph();
        let mut probes = Vec::new();
        for node in self.nodes() {
            let keys = graph.links.iter().filter(|link| self.is_to_account(link));
            for key in keys.filter(|link| link.child == graph.nodes[node].table) {
                if !self.came_over(node, key) {
                    let condition = names_another(graph, key, "t");
                    probes.push(self.probe(node, &condition, &[key]));
                }
            }
        }
        probes
    }

    /// Rows that name nobody themselves, or this account not, and point to another account's row: a member, a profile, a
    /// row that goes with the other account.
    fn named_through_others(&self) -> Vec<Probe> {
        let graph = self.graph();
        let mut probes = Vec::new();
        for node in self.nodes() {
            let table = graph.nodes[node].table;
            for first in graph.links.iter().filter(|link| link.child == table) {
                if self.is_to_account(first)
                    || first.parent == table
                    || self.is_pure_way(node, first)
                {
                    continue;
                }
                for way in self.ways(first) {
                    if probes.len() == MAX_WAYS {
                        probes.push(not_all());
                        return probes;
                    }
                    let condition = format!(
                        "{}{}",
                        points_to_anothers(graph, &way),
                        self.and_not_named(table)
                    );
                    probes.push(self.probe(node, &condition, &way));
                }
            }
        }
        probes
    }

    /// The keys from a row to an account that begin with this one. From the second on, each row belongs to the row above.
    fn ways(&self, first: &'s Link) -> Vec<Vec<&'s Link>> {
        let links = &self.graph().links;
        let mut found = Vec::new();
        let mut open = vec![vec![first]];
        while let Some(way) = open.pop() {
            let Some(last) = way.last() else {
                continue;
            };
            if !self.graph().at.schema.tables[last.parent].may_select || self.is_home(last.parent) {
                continue;
            }
            for next in links
                .iter()
                .filter(|link| link.child == last.parent && self.belongs(link))
            {
                let is_new =
                    way.iter().all(|link| link.child != next.parent) && next.parent != next.child;
                let longer = [&way[..], &[next]].concat();
                if self.is_to_account(next) {
                    found.push(longer);
                } else if is_new
                    && longer.len() <= MAX_BETWEEN
                    && found.len() + open.len() < MAX_WAYS
                {
                    open.push(longer);
                }
            }
        }
        found.sort_by_key(Vec::len);
        found
    }

    /// Whether accounts live in rows of the table (tenants): then a row there is not its owner's alone.
    fn is_home(&self, table: usize) -> bool {
        let root = self.graph().nodes[ROOT].table;
        let mut links = self.graph().links.iter();
        links.any(|link| link.child == root && link.parent == table && !link.only_refers())
    }

    fn is_to_account(&self, link: &Link) -> bool {
        link.parent == self.graph().nodes[ROOT].table
    }

    /// Whether rows with this key belong to what it points to: they go with it, or stand for it.
    fn belongs(&self, link: &Link) -> bool {
        let table = &self.graph().at.schema.tables[link.child];
        link.on_delete == OnDelete::Cascade
            || (!link.only_refers() && identifies(table, &link.columns))
    }

    /// Whether every row of the node came over this key, and so points to a row that was collected.
    fn came_over(&self, node: usize, link: &Link) -> bool {
        let edges = self.graph().edges.iter().zip(&self.survey.collected.over);
        let mut same =
            edges.filter(|(edge, _)| edge.child_node == Some(node) && edge.link == *link);
        same.any(|(_, over)| *over == self.survey.collected.rows[node])
    }

    /// Whether every row of the node came over this key from rows that name nobody else: then there is nothing to count.
    fn is_pure_way(&self, node: usize, link: &Link) -> bool {
        self.came_over(node, link)
            && self
                .graph()
                .node_of(link.parent)
                .is_some_and(|above| self.is_pure(above, &[node]))
    }

    /// Whether no row of the node can name another account, as far as the keys tell over which rows were found.
    fn is_pure(&self, node: usize, below: &[usize]) -> bool {
        let table = self.graph().nodes[node].table;
        let mut links = self.graph().links.iter().filter(|link| link.child == table);
        links.all(|link| {
            if self.is_to_account(link) {
                return self.came_over(node, link);
            }
            let above = self
                .graph()
                .node_of(link.parent)
                .filter(|above| !below.contains(above) && *above != node);
            let is_pure = |above: usize| self.is_pure(above, &[below, &[node]].concat());
            self.ways(link).is_empty() || (self.came_over(node, link) && above.is_some_and(is_pure))
        })
    }

    /// The condition that the row does not name this account itself.
    fn and_not_named(&self, table: usize) -> String {
        let root = Node::slot(ROOT);
        let edges = self.graph().account_edges(table);
        edges
            .map(|edge| {
                let points_to = self.graph().points_to(edge, "t", "me");
                format!(" AND NOT EXISTS (SELECT 1 FROM {root} me WHERE {points_to})")
            })
            .collect()
    }

    fn probe(&self, node: usize, condition: &str, way: &[&Link]) -> Probe {
        let graph = self.graph();
        let found = &graph.nodes[node];
        let label = graph.label(node);
        let keys: Vec<String> = way.iter().map(|link| link.label(graph.at)).collect();
        let keys = keys.join(" → ");
        let what = match found.stays() {
            true => "kept with changes",
            false => "deleted",
        };
        Probe {
            sql: format!(
                "SELECT count(*) FROM {} t JOIN {} mine ON {} WHERE {condition}",
                graph.table(node).source(),
                Node::slot(node),
                found.is_row("t", "mine")
            ),
            says: Box::new(move |rows| {
                let says = format!(
                    "rows of {label} that will be {what} belong to other accounts ({keys}): {rows}"
                );
                // The same keys may lead to rows that go and to rows that stay.
                Warning::new("rows_of_others", says).about(format!("{keys}, {what}"))
            }),
        }
    }
}

/// What is said when there are more ways than are looked at.
fn not_all() -> Probe {
    Probe {
        sql: "SELECT 1::int8".to_owned(),
        says: Box::new(|_| {
            let says = format!(
                "whether rows that will be deleted belong to other accounts was looked at for the {MAX_WAYS} shortest ways \
                 over keys, and there are more"
            );
            Warning::new("rows_of_others_not_all_looked_at", says)
        }),
    }
}

/// The condition that a row names an account and not this one.
fn names_another(graph: &Graph<'_>, link: &Link, alias: &str) -> String {
    let edges = graph.account_edges(link.child);
    let this: Vec<String> = edges
        .filter(|edge| edge.link == *link)
        .map(|edge| {
            let points_to = graph.points_to(edge, alias, "me");
            format!(
                " AND NOT EXISTS (SELECT 1 FROM {} me WHERE {points_to})",
                Node::slot(ROOT)
            )
        })
        .collect();
    format!("{}{}", link.is_set(alias), this.concat())
}

/// The condition that the keys lead from a row to one that names another account.
fn points_to_anothers(graph: &Graph<'_>, way: &[&Link]) -> String {
    let Some((last, between)) = way.split_last() else {
        return "false".to_owned();
    };
    let mut condition = names_another(graph, last, &format!("p{}", between.len()));
    for (height, link) in between.iter().enumerate().rev() {
        let child = match height {
            0 => "t".to_owned(),
            _ => format!("p{height}"),
        };
        let parent = format!("p{}", height + 1);
        condition = format!(
            "EXISTS (SELECT 1 FROM {} {parent} WHERE {} AND {condition})",
            graph.at.schema.tables[link.parent].source(),
            link.joins(&child, &parent)
        );
    }
    condition
}

/// Rows that are exported because they only refer to the account, and that hold somebody else's address: a contact whom
/// the person entered.
fn with_a_strangers_address(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
    let edges = graph.edges.iter().zip(&survey.collected.over);
    let referring = edges.filter(|(edge, rows)| {
        edge.fate == Fate::Collect && edge.parent == ROOT && edge.link.only_refers() && **rows > 0
    });
    let mut probes = Vec::new();
    for (edge, _) in referring {
        let stranger = graph.carries_a_strangers_address(edge.child, "t");
        let (Some(node), Some(stranger)) = (edge.child_node, stranger) else {
            continue;
        };
        let label = graph.label(node);
        let by = edge.link.label(graph.at);
        probes.push(Probe {
            sql: format!(
                "SELECT count(*) FROM {} t JOIN {} mine ON {} JOIN {} me ON {} WHERE {stranger}",
                graph.table(node).source(),
                Node::slot(node),
                graph.nodes[node].is_row("t", "mine"),
                Node::slot(ROOT),
                graph.points_to(edge, "t", "me")
            ),
            says: Box::new(move |rows| {
                let says = format!(
                    "rows of {label} that are exported because {by} refers to this account, and that hold somebody else's \
                     e-mail address: {rows}; look whether they are this person's"
                );
                Warning::new("rows_with_other_address", says).about(&by)
            }),
        });
    }
    probes
}

/// Rows that are exported because they belong to rows that only refer to the account: a project that the person once made
/// is theirs to read, and its related rows may be the team's.
fn below_references(survey: &Survey<'_>) -> Vec<Probe> {
    let graph = &survey.graph;
    let edges = graph.edges.iter().zip(&survey.collected.over);
    let below = edges.filter(|(edge, rows)| {
        edge.fate == Fate::Collect
            && edge.parent != ROOT
            && **rows > 0
            && edge.child_node != Some(edge.parent)
    });
    let mut probes = Vec::new();
    for (edge, _) in below {
        let (Some(node), parent) = (edge.child_node, edge.parent) else {
            continue;
        };
        let table = graph.nodes[parent].table;
        let keys: Vec<_> = graph.account_edges(table).collect();
        let names_me = |only_refers: bool| {
            let of_kind = keys
                .iter()
                .filter(|key| key.link.only_refers() == only_refers);
            let each: Vec<String> = of_kind.map(|key| graph.points_to(key, "p", "me")).collect();
            (!each.is_empty()).then(|| {
                format!(
                    "EXISTS (SELECT 1 FROM {} me WHERE {})",
                    Node::slot(ROOT),
                    each.join(" OR ")
                )
            })
        };
        let Some(refers) = names_me(true) else {
            continue;
        };
        let owns = names_me(false).unwrap_or_else(|| "false".to_owned());
        let (label, above) = (graph.label(node), graph.label(parent));
        let by = edge.link.label(graph.at);
        probes.push(Probe {
            sql: format!(
                "SELECT count(*) FROM {} t JOIN {} mine ON {} JOIN {} p ON {} WHERE {refers} AND NOT {owns}{}",
                graph.table(node).source(),
                Node::slot(node),
                graph.nodes[node].is_row("t", "mine"),
                graph.table(parent).source(),
                edge.link.joins("t", "p"),
                Others { survey }.and_not_named(edge.child)
            ),
            says: Box::new(move |rows| {
                let says = format!(
                    "rows of {label} that are exported because they belong to rows of {above}, which only refer to this account \
                     and would outlive it: {rows}; look whether they are this person's"
                );
                Warning::new("rows_below_referring_rows", says).about(&by)
            }),
        });
    }
    probes
}

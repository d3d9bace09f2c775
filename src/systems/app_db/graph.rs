//! Which tables an erasure reaches from the account, and over which keys. Worked out from the schema alone.

mod build;
mod loose;
mod owner;
mod unreadable;

use super::{
    Column, Schema, Snapshot, Table,
    mapping::Policy,
    schema::{ForeignKey, OnDelete},
    sql::{EQUALS, ident},
};

pub(super) use build::{build, build_for};
pub(super) use loose::{LooseColumn, holds_email, is_address, is_named_like_email};
pub(super) use owner::identifies;

/// The account's node: always the first.
pub(super) const ROOT: usize = 0;

/// What the rows are collected for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// To be erased: what keys leave alone stays, and so do the related rows of rows that a policy keeps.
    Erasure,
    /// To be handed to the person: every key to the account is followed, whatever it does on a delete, and no row is
    /// taken that another person has a share in without naming this one.
    Export,
}

impl Scope {
    /// What happens to rows that are not collected: they …
    pub(super) fn left_alone(self) -> &'static str {
        match self {
            Self::Erasure => "stay",
            Self::Export => "are not exported",
        }
    }
}

/// The tables with rows to collect, and the keys that lead to them.
pub(super) struct Graph<'a> {
    pub(super) scope: Scope,
    pub(super) at: &'a Snapshot,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) edges: Vec<Edge>,
    /// Every key and configured link of the schema whose table below can be read, also those that no account leads to.
    pub(super) links: Vec<Link>,
    pub(super) loose: Vec<LooseColumn>,
    /// What makes an erasure impossible whatever the rows are.
    pub(super) blockers: Vec<String>,
    /// Tables that are left out because our role may not read them, though rows of the person may be in them: a sentence
    /// for each, which makes an erasure impossible too.
    pub(super) unreadable: Vec<String>,
}

/// A table whose rows are collected.
pub(super) struct Node<'a> {
    /// Its index in the schema.
    pub(super) table: usize,
    /// What the configuration says about it.
    pub(super) policy: Option<&'a Policy>,
    /// How it is reached, for people: `User ← TestSession.userId ← Response.sessionId`.
    pub(super) via: String,
    /// How many of `carried` identify a row.
    pub(super) key_width: usize,
    /// The columns that are remembered of each row: its key, then what keys of other tables point to.
    pub(super) carried: Vec<String>,
    /// The operators that compare values of the key's columns.
    pub(super) equals: Vec<String>,
}

/// What is done with the rows that a key leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// They are collected: deleted, or kept and cut off where their table's policy says so.
    Collect,
    /// They stay, and the database itself cuts the link: the key is a reference, it makes them nobody's property.
    LeftByDatabase,
    /// They are other people's accounts, or rows that a key would leave if their table had inherited it: they stay, and we
    /// cut the link.
    Unlink,
}

/// A key from a table below to a table whose rows are deleted.
pub(super) struct Edge {
    pub(super) fate: Fate,
    /// The table below: its index in the schema.
    pub(super) child: usize,
    /// Its node, when its rows are collected over this or another key.
    pub(super) child_node: Option<usize>,
    /// The node above.
    pub(super) parent: usize,
    pub(super) link: Link,
}

/// A foreign key, or a column that the configuration declares to be one.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) child: usize,
    pub(super) parent: usize,
    /// What to read the rows below from: the table, or the one partition that has the key.
    pub(super) source: String,
    pub(super) columns: Vec<String>,
    pub(super) references: Vec<String>,
    /// The operators that compare the latter with the former, both as text where `casts` says so.
    pub(super) equals: Vec<String>,
    /// By pair of columns: whether Postgres does not know them to be of one type. A cast keeps an index from being used, so
    /// only these are cast.
    pub(super) casts: Vec<bool>,
    pub(super) on_delete: OnDelete,
    pub(super) set_columns: Vec<String>,
    pub(super) match_full: bool,
    /// `false` when Postgres knows nothing of it, so that the types may differ.
    pub(super) declared: bool,
    /// Whether it is the key of a table that this one inherits from. Postgres does not hold this table's rows to it.
    pub(super) inherited: bool,
}

impl Link {
    /// Whether the key only refers to the row above: the row below outlives it.
    pub(super) fn only_refers(&self) -> bool {
        matches!(self.on_delete, OnDelete::SetNull | OnDelete::SetDefault)
    }

    /// `t."fk" = p."id" AND …`: the row below points to the row above.
    pub(super) fn joins(&self, child: &str, parent: &str) -> String {
        self.pairs(child, |reference| format!("{parent}.{}", ident(reference)))
    }

    /// The same with each column of the row above as `above` gives it.
    fn pairs(&self, child: &str, above: impl Fn(&str) -> String) -> String {
        let operators = self.equals.iter().zip(&self.casts);
        let pairs = self.columns.iter().zip(&self.references).zip(operators);
        let parts: Vec<String> = pairs
            .map(|((column, reference), (equals, casts))| {
                let (above, column) = (above(reference), ident(column));
                match casts {
                    true => format!("{above}::text {EQUALS} {child}.{column}::text"),
                    false => format!("{above} {equals} {child}.{column}"),
                }
            })
            .collect();
        parts.join(" AND ")
    }

    /// A reference of one column to another that no key declares.
    pub(super) fn undeclared(
        schema: &Schema,
        (child, column): (usize, &Column),
        (parent, reference): (usize, &Column),
    ) -> Self {
        Self {
            child,
            parent,
            source: schema.tables[child].source(),
            columns: vec![column.name.clone()],
            references: vec![reference.name.clone()],
            equals: vec![reference.equals.clone()],
            casts: vec![column.type_name != reference.type_name],
            on_delete: OnDelete::NoAction,
            set_columns: Vec::new(),
            match_full: false,
            declared: false,
            inherited: false,
        }
    }

    /// `(t."fk" IS NOT NULL AND …)`: the row below points to something.
    pub(super) fn is_set(&self, child: &str) -> String {
        let columns = self.columns.iter();
        let parts: Vec<String> = columns
            .map(|name| format!("{child}.{} IS NOT NULL", ident(name)))
            .collect();
        format!("({})", parts.join(" AND "))
    }

    pub(super) fn of(key: &ForeignKey, schema: &Schema) -> Self {
        let source = key
            .child_partition
            .clone()
            .unwrap_or_else(|| schema.tables[key.child].source());
        Self {
            child: key.child,
            parent: key.parent,
            source,
            columns: key.columns.clone(),
            references: key.references.clone(),
            equals: key.equals.clone(),
            casts: vec![false; key.columns.len()],
            on_delete: key.on_delete,
            set_columns: key.set_columns.clone(),
            match_full: key.match_full,
            declared: true,
            inherited: false,
        }
    }

    /// The same reference in the rows of a table that inherits from this one's.
    fn inherited_by(&self, heir: usize, schema: &Schema) -> Self {
        let type_of = |table: usize, name: &str| {
            let column = schema.tables[table].column(name);
            column.map(|column| &column.type_name)
        };
        // What an heir inherits is of its ancestor's type.
        let casts = self.columns.iter().map(|name| {
            let types = [heir, self.child].map(|table| type_of(table, name));
            types[0] != types[1]
        });
        Self {
            child: heir,
            casts: casts.collect(),
            source: schema.tables[heir].source(),
            declared: false,
            inherited: true,
            ..self.clone()
        }
    }

    fn is_same_reference(&self, other: &Self) -> bool {
        self.child == other.child && self.parent == other.parent && self.columns == other.columns
    }

    /// `Child.column`, for people.
    pub(super) fn label(&self, at: &Snapshot) -> String {
        let child = at.label_at(self.child);
        match self.columns.as_slice() {
            [column] => format!("{child}.{column}"),
            several => format!("{child}.({})", several.join(", ")),
        }
    }

    /// The columns that can be made NULL to cut the link; `None` when none can.
    pub(super) fn cut(&self, schema: &Schema) -> Option<Vec<&str>> {
        let table = &schema.tables[self.child];
        let nullable: Vec<&str> = self
            .columns
            .iter()
            .filter(|name| {
                table
                    .column(name)
                    .is_some_and(|c| c.nullable && !c.generated)
            })
            .map(String::as_str)
            .collect();
        let enough = if self.match_full {
            nullable.len() == self.columns.len()
        } else {
            !nullable.is_empty()
        };
        enough.then_some(nullable)
    }
}

impl Node<'_> {
    /// The temporary table that holds this node's rows.
    pub(super) fn slot(index: usize) -> String {
        format!("pg_temp.countersign_rows_{index}")
    }

    /// Whether the rows stay in their table.
    pub(super) fn stays(&self) -> bool {
        self.policy.is_some_and(Policy::keeps_rows)
    }

    /// `t."a", t."b"`: what is remembered of a row.
    pub(super) fn select(&self, alias: &str) -> String {
        super::sql::columns(alias, &self.carried).join(", ")
    }

    /// `t."a" = g.c0 AND …`: the remembered row is this one.
    pub(super) fn is_row(&self, table: &str, slot: &str) -> String {
        let parts: Vec<String> = self.carried[..self.key_width]
            .iter()
            .enumerate()
            .zip(&self.equals)
            .map(|((position, name), equals)| {
                format!("{table}.{} {equals} {slot}.c{position}", ident(name))
            })
            .collect();
        parts.join(" AND ")
    }

    /// Where a column is among the remembered ones. Columns that keys point to always are.
    fn position(&self, column: &str) -> usize {
        self.carried
            .iter()
            .position(|name| name == column)
            .unwrap_or_default()
    }
}

impl<'a> Graph<'a> {
    pub(super) fn table(&self, node: usize) -> &'a Table {
        &self.at.schema.tables[self.nodes[node].table]
    }

    pub(super) fn label(&self, node: usize) -> String {
        self.at.label(self.table(node))
    }

    pub(super) fn node_of(&self, table: usize) -> Option<usize> {
        self.nodes.iter().position(|node| node.table == table)
    }

    /// `g.c1 = t."fk" AND …`: a row below points to a remembered row above.
    pub(super) fn points_to(&self, edge: &Edge, child: &str, slot: &str) -> String {
        let parent = &self.nodes[edge.parent];
        let remembered = |reference: &str| format!("{slot}.c{}", parent.position(reference));
        edge.link.pairs(child, remembered)
    }

    /// The keys over which the rows of a node are collected.
    pub(super) fn edges_into(&self, node: usize) -> impl Iterator<Item = &Edge> {
        self.edges
            .iter()
            .filter(move |edge| edge.fate == Fate::Collect && edge.child_node == Some(node))
    }

    /// Whether the configuration decides about rows of a table that also belong to somebody else: a policy for an erasure,
    /// `include_tables` for an export.
    pub(super) fn is_decided(&self, table: usize) -> bool {
        let is_it = |name: &String| self.at.position(name) == Some(table);
        match self.scope {
            Scope::Erasure => self.at.mapping.tables.keys().any(is_it),
            Scope::Export => self.at.mapping.export.include_tables.iter().any(is_it),
        }
    }

    /// The keys with which a table names accounts.
    pub(super) fn account_edges(&self, table: usize) -> impl Iterator<Item = &Edge> {
        self.edges
            .iter()
            .filter(move |edge| edge.parent == ROOT && edge.child == table)
    }
}

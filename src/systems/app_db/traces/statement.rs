//! The one statement that searches a table.

use sqlx::postgres::PgRow;

use super::{
    Mention, Searched, When,
    columns::{Form, SearchedColumn},
    needle::Needle,
    numbers,
};
use crate::systems::app_db::{
    graph::{Fate, Graph, Link, Node, ROOT},
    sql::ident,
};

/// Columns that are put together by one call.
const MOST_ARGUMENTS: usize = 90;

/// A statement with what its numbers are about: five of each column.
pub(super) struct Statement {
    text: String,
    columns: Vec<(String, bool)>,
}

/// What is looked for in one column: expressions that give 2 where it holds nothing else, 1 where it holds it among other
/// things, 0 where it does not.
struct Looked<'a> {
    column: &'a SearchedColumn,
    /// Of a column of keys that have others too: the condition that none of these keys is complete.
    incomplete: Option<String>,
    id: Option<String>,
    email: Option<String>,
    /// Whether rows that the erasure takes care of do not count.
    but_mine: bool,
}

impl Statement {
    /// `None` when no column of the table can hold it.
    pub(super) fn of(
        graph: &Graph<'_>,
        table: &Searched,
        needle: &Needle,
        when: When,
    ) -> Option<Self> {
        let node = graph
            .node_of(table.table)
            .filter(|_| when == When::Surveyed);
        let looked: Vec<Looked<'_>> = table
            .columns
            .iter()
            .map(|column| Looked {
                column,
                incomplete: incomplete(graph, table.table, &column.name),
                id: id_in(graph, table.table, column, needle),
                email: email_in(graph, table.table, column, needle),
                but_mine: node.is_some_and(|node| takes_care(graph, node, &column.name)),
            })
            .filter(|one| one.id.is_some() || one.email.is_some())
            .collect();
        if looked.is_empty() {
            return None;
        }
        let found = &graph.at.schema.tables[table.table];
        let label = graph.at.label(found);
        let named = |one: &Looked<'_>| {
            let single = matches!(one.column.form, Form::Text | Form::Uuid | Form::Number);
            (format!("{label}.{}", one.column.name), single)
        };
        Some(Self {
            text: text(graph, &found.source(), node, &looked, needle),
            columns: looked.iter().map(named).collect(),
        })
    }

    pub(super) fn text(&self) -> String {
        self.text.clone()
    }

    /// The columns that hold it.
    pub(super) fn read(&self, row: &PgRow) -> Result<Vec<Mention>, sqlx::Error> {
        let mut mentions = Vec::new();
        for (position, (label, single)) in self.columns.iter().enumerate() {
            let [rows, ids, addresses, exact_ids, exact_addresses] = numbers(row, position * 5)?;
            if rows > 0 {
                mentions.push(Mention {
                    label: label.clone(),
                    single: *single,
                    rows,
                    ids,
                    addresses,
                    exact_ids,
                    exact_addresses,
                });
            }
        }
        Ok(mentions)
    }
}

/// What is read of a column. A complete key says what it holds: the rows are found by it.
fn read_column(one: &Looked<'_>) -> String {
    let name = ident(&one.column.name);
    match &one.incomplete {
        Some(incomplete) => format!("CASE WHEN {incomplete} THEN t.{name} END AS {name}"),
        None => format!("t.{name}"),
    }
}

/// The condition that no key of several columns to an account, of which this one holds the id, is complete. Postgres
/// follows an incomplete one nowhere. `None` when the column is part of no such key, or a key of its own.
fn incomplete(graph: &Graph<'_>, table: usize, column: &String) -> Option<String> {
    let keys = keys_with(graph, table, column);
    let is_only = |link: &&Link| link.columns.len() == 1;
    if keys.iter().any(is_only) || !keys.iter().any(|link| holds_id(graph, link, column)) {
        return None;
    }
    let each = keys.iter().map(|link| format!("NOT {}", link.is_set("t")));
    Some(each.collect::<Vec<_>>().join(" AND "))
}

/// The keys to accounts that a column is part of.
fn keys_with<'g>(graph: &'g Graph<'_>, table: usize, column: &String) -> Vec<&'g Link> {
    let links = graph.account_edges(table).map(|edge| &edge.link);
    links.filter(|link| link.columns.contains(column)).collect()
}

/// Whether the column is the one of the key that holds the account's id.
fn holds_id(graph: &Graph<'_>, link: &Link, column: &String) -> bool {
    let mut pairs = link.columns.iter().zip(&link.references);
    pairs.any(|(name, reference)| name == column && *reference == graph.at.mapping.user.id)
}

/// A row's columns as one text are looked through first, which is several times quicker than a look at each of them; only
/// rows in which something is found are looked at column by column. OFFSET 0 keeps Postgres from doing either more than once.
/// The parameters are named once where nothing is read, so that each of them has a type.
fn text(
    graph: &Graph<'_>,
    source: &str,
    node: Option<usize>,
    looked: &[Looked<'_>],
    needle: &Needle,
) -> String {
    let key = node.map(|node| (node, &graph.nodes[node]));
    let key_columns = key.map_or(&[][..], |(_, key)| &key.carried[..key.key_width]);
    let keys = key_columns.iter().enumerate();
    let mut read: Vec<String> = keys
        .map(|(position, name)| format!("t.{} AS countersign_k{position}", ident(name)))
        .collect();
    read.extend(looked.iter().map(read_column));
    let (as_one, hits) = hits(looked, needle);
    read.extend(as_one);
    let mut codes: Vec<String> = (0..key_columns.len())
        .map(|position| format!("t.countersign_k{position} AS k{position}"))
        .collect();
    let mut counts: Vec<String> = Vec::new();
    for (position, one) in looked.iter().enumerate() {
        let mut code = |letter: char, looked: &Option<String>| match looked {
            Some(looked) => {
                codes.push(format!("{looked} AS {letter}{position}"));
                format!("s.{letter}{position}")
            }
            None => "0".to_owned(),
        };
        let (id, email) = (code('i', &one.id), code('e', &one.email));
        let but_mine = match one.but_mine {
            true => " AND mine.round IS NULL",
            false => "",
        };
        for condition in [
            format!("({id} > 0 OR {email} > 0)"),
            format!("{id} > 0"),
            format!("{email} > 0"),
            format!("{id} = 2"),
            format!("{email} = 2"),
        ] {
            counts.push(format!("count(*) FILTER (WHERE {condition}{but_mine})"));
        }
    }
    let join = key.map_or_else(String::new, |(node, key)| {
        let pairs = (0..key.key_width).zip(&key.equals);
        let pairs =
            pairs.map(|(position, equals)| format!("s.k{position} {equals} mine.c{position}"));
        let pairs: Vec<String> = pairs.collect();
        format!(
            " LEFT JOIN {} mine ON {}",
            Node::slot(node),
            pairs.join(" AND ")
        )
    });
    format!(
        "WITH needle AS (SELECT $1::text, $2::text, $3::text, $4::text, $5::text)
         SELECT {} FROM (SELECT {} FROM (SELECT {} FROM {source} t OFFSET 0) t WHERE {} OFFSET 0) s{join}",
        counts.join(", "),
        codes.join(", "),
        read.join(", "),
        hits.join(" OR ")
    )
}

/// The columns as one text, when there is anything to look for in it, and the conditions of which a row with anything in it
/// meets one. A short id is in so much that its columns are looked at themselves.
fn hits(looked: &[Looked<'_>], needle: &Needle) -> (Option<String>, Vec<String>) {
    let mut hits = Vec::new();
    let in_one = |one: &&Looked<'_>| one.email.is_some() || needle.is_telling;
    let columns: Vec<String> = looked
        .iter()
        .filter(in_one)
        .map(|one| format!("t.{}", ident(&one.column.name)))
        .collect();
    let is_in = |parameter: &str| {
        format!("strpos(t.countersign_text, lower({parameter}::text COLLATE \"C\")) > 0")
    };
    if looked.iter().any(|one| one.email.is_some()) {
        hits.push(is_in("$3"));
    }
    if needle.is_telling {
        hits.push(is_in("$1"));
    } else {
        let ids = looked.iter().filter_map(|one| one.id.as_ref());
        hits.extend(ids.map(|code| format!("({code}) > 0")));
    }
    // A function takes a hundred arguments at most.
    let parts: Vec<String> = columns
        .chunks(MOST_ARGUMENTS)
        .map(|columns| format!("concat_ws(E'\\n', {})", columns.join(", ")))
        .collect();
    let as_one = (!parts.is_empty()).then(|| {
        let parts = parts.join(" || E'\\n' || ");
        format!("lower(({parts}) COLLATE \"C\") AS countersign_text")
    });
    (as_one, hits)
}

/// Where a key, the configuration or the account itself says what the column holds, nothing is searched for. Of a key of
/// several columns only what is incomplete is read (see [`incomplete`]).
fn id_in(
    graph: &Graph<'_>,
    table: usize,
    column: &SearchedColumn,
    needle: &Needle,
) -> Option<String> {
    let name = &column.name;
    let is_own_id = table == graph.nodes[ROOT].table && *name == graph.at.mapping.user.id;
    let is_in_key = !keys_with(graph, table, name).is_empty();
    let is_id_of_incomplete = incomplete(graph, table, name).is_some();
    if is_own_id || is_in_key && !is_id_of_incomplete {
        return None;
    }
    let is_named =
        is_id_of_incomplete || needle.names.refer(name) && !is_linked(graph, table, name);
    if !needle.is_telling && !is_named {
        // In a document a name inside says what a value is.
        let looks_inside = column.form == Form::Document;
        return looks_inside.then(|| code(&column.text("t"), "$1", "$5", false));
    }
    match column.form {
        Form::Text => Some(code(&folded(column, needle.is_uuid), "$1", "$2", true)),
        Form::List | Form::Document => {
            Some(code(&folded(column, needle.is_uuid), "$1", "$2", false))
        }
        Form::Uuid => needle.is_uuid.then(|| {
            let text = column.text("t");
            format!("CASE WHEN {text} = $1::text THEN 2 ELSE 0 END")
        }),
        Form::Number => needle.is_number.then(|| {
            let number = ident(name);
            format!("CASE WHEN t.{number} = $1::text::numeric THEN 2 ELSE 0 END")
        }),
    }
}

/// An address alone in a column for addresses is not searched for here: the rows are looked at one by one there, and those
/// that stay are told.
fn email_in(
    graph: &Graph<'_>,
    table: usize,
    column: &SearchedColumn,
    needle: &Needle,
) -> Option<String> {
    let is_own = table == graph.nodes[ROOT].table && column.name == graph.at.mapping.user.email;
    let can_hold = matches!(column.form, Form::Text | Form::List | Form::Document);
    if is_own || !can_hold || !needle.has_email() {
        return None;
    }
    let text = folded(column, !needle.is_exact);
    let mut loose = graph.loose.iter();
    let is_loose = loose.any(|one| one.table == table && one.column == column.name);
    if is_loose {
        let alone = format!("coalesce({text} = $3::text, false)");
        let code = code(&text, "$3", "$4", false);
        return Some(format!("CASE WHEN {alone} THEN 0 ELSE {code} END"));
    }
    Some(code(&text, "$3", "$4", column.form == Form::Text))
}

fn folded(column: &SearchedColumn, folds: bool) -> String {
    let text = column.text("t");
    if folds {
        format!("lower({text})")
    } else {
        text
    }
}

/// The quick comparison comes first: a regular expression is asked only about what holds the text somewhere.
fn code(text: &str, needle: &str, pattern: &str, can_be_alone: bool) -> String {
    let alone = if can_be_alone {
        format!("WHEN {text} = {needle}::text THEN 2 ")
    } else {
        String::new()
    };
    format!(
        "CASE WHEN strpos({text}, {needle}::text) > 0 THEN CASE {alone}WHEN {text} ~ {pattern}::text THEN 1 ELSE 0 END ELSE 0 END"
    )
}

/// Whether a key or the configuration says that the column refers to something else than an account.
pub(super) fn is_linked(graph: &Graph<'_>, table: usize, column: &String) -> bool {
    let mut keys = graph.at.schema.foreign_keys.iter();
    let mut links = graph.at.mapping.link_columns.iter();
    keys.any(|key| key.child == table && key.columns.contains(column))
        || links.any(|link| {
            link.column.column == *column && graph.at.position_of(&link.column) == Some(table)
        })
}

/// Whether a collected row loses what it holds in the column: it goes, or its policy or a cut key empties the column.
fn takes_care(graph: &Graph<'_>, node: usize, column: &str) -> bool {
    let found = &graph.nodes[node];
    if !found.stays() {
        return true;
    }
    let mut overwritten = found
        .policy
        .into_iter()
        .flat_map(|policy| policy.assignments());
    let mut cut = graph.edges.iter().filter(|edge| {
        edge.child_node == Some(node) && matches!(edge.fate, Fate::Collect | Fate::Unlink)
    });
    overwritten.any(|(name, _)| name == column)
        || cut.any(|edge| edge.link.columns.iter().any(|name| name == column))
}

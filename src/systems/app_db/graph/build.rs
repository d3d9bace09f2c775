//! Builds a [`Graph`]: breadth first from the account over the keys that point to what is deleted.

use super::{Edge, Fate, Graph, Link, LooseColumn, Node, ROOT, Scope, loose, unreadable};
use crate::systems::app_db::{
    AppDbError, Kind, LinkColumn, Snapshot, accounts::Accounts, sql::EQUALS,
};

/// Works out which tables an erasure reaches.
pub(in crate::systems::app_db) fn build<'a>(at: &'a Snapshot) -> Result<Graph<'a>, AppDbError> {
    build_for(Scope::Erasure, at)
}

/// Works out which tables are reached for this purpose.
pub(in crate::systems::app_db) fn build_for<'a>(
    scope: Scope,
    at: &'a Snapshot,
) -> Result<Graph<'a>, AppDbError> {
    Accounts::of(at)?;
    let may_read = |table: usize| at.schema.tables[table].may_select;
    let links = links(at);
    let (loose, unread_loose): (Vec<_>, Vec<_>) = loose::columns(at, &links)
        .into_iter()
        .partition(|column| may_read(column.table));
    let (links, unread_links): (Vec<_>, Vec<_>) =
        links.into_iter().partition(|link| may_read(link.child));
    let mut graph = Graph {
        scope,
        at,
        nodes: Vec::new(),
        edges: Vec::new(),
        blockers: at.faults(),
        unreadable: Vec::new(),
        links,
        loose,
    };
    let Some(root) = at.position(&at.mapping.user.table) else {
        return Ok(graph);
    };
    add_node(&mut graph, root, at.label_at(root));
    let seeds: Vec<(usize, String)> = graph
        .loose
        .iter()
        .filter(|column| column.collects)
        .map(|column| (column.table, column.via(at)))
        .collect();
    let links = graph.links.clone();
    walk(&mut graph, &links, seeds);
    remember_columns(&mut graph);
    graph.unreadable = unreadable::told(&graph, &unread_links, &unread_loose);
    Ok(graph)
}

/// The foreign keys, the links that the configuration declares, and the keys that tables would have inherited.
fn links(at: &Snapshot) -> Vec<Link> {
    let declared = at.schema.foreign_keys.iter();
    let declared = declared.map(|key| Link::of(key, &at.schema));
    let configured = at
        .mapping
        .link_columns
        .iter()
        .filter_map(|link| configured(at, link));
    let mut links: Vec<Link> = declared.chain(configured).collect();
    for &(heir, ancestor) in &at.schema.heirs {
        let inherited: Vec<Link> = links
            .iter()
            .filter(|link| link.child == ancestor && link.declared)
            .map(|link| link.inherited_by(heir, &at.schema))
            .filter(|new| !links.iter().any(|old| old.is_same_reference(new)))
            .collect();
        links.extend(inherited);
    }
    links
}

fn configured(at: &Snapshot, link: &LinkColumn) -> Option<Link> {
    let child = at.position_of(&link.column)?;
    let column = at.schema.tables[child].column(&link.column.column)?;
    let (parent, reference) = match &link.target {
        None => (at.position(&at.mapping.user.table)?, &at.mapping.user.id),
        Some(target) => (at.position_of(target)?, &target.column),
    };
    let reference = at.schema.tables[parent].column(reference)?;
    Some(Link::undeclared(
        &at.schema,
        (child, column),
        (parent, reference),
    ))
}

fn add_node(graph: &mut Graph<'_>, table: usize, via: String) -> usize {
    if let Some(node) = graph.node_of(table) {
        return node;
    }
    let found = &graph.at.schema.tables[table];
    let name = graph.at.mapping.tables.iter().find(|(name, _)| {
        let name = graph.at.mapping.table_ref(name);
        name.schema == found.schema && name.name == found.name
    });
    graph.nodes.push(Node {
        table,
        policy: name
            .map(|(_, policy)| policy)
            // The account itself has no policy, and an export takes rows as they are.
            .filter(|_| !graph.nodes.is_empty() && graph.scope == Scope::Erasure),
        via,
        key_width: 0,
        carried: Vec::new(),
        equals: Vec::new(),
    });
    graph.nodes.len() - 1
}

fn walk(graph: &mut Graph<'_>, links: &[Link], seeds: Vec<(usize, String)>) {
    let mut seeds = seeds.into_iter();
    let mut next = ROOT;
    loop {
        while next < graph.nodes.len() {
            expand(graph, links, next);
            next += 1;
        }
        // Tables with loose rows come after everything that keys lead to, so that a key's path is told first.
        let Some((table, via)) = seeds.next() else {
            break;
        };
        add_node(graph, table, via);
    }
    for index in 0..graph.edges.len() {
        graph.edges[index].child_node = graph.node_of(graph.edges[index].child);
    }
}

fn expand(graph: &mut Graph<'_>, links: &[Link], parent: usize) {
    if graph.nodes[parent].stays() {
        return;
    }
    let table = graph.nodes[parent].table;
    for link in links.iter().filter(|link| link.parent == table) {
        let fate = match fate(graph, parent, link) {
            // The database does nothing for a key that it does not hold the table to.
            Fate::LeftByDatabase if link.inherited => Fate::Unlink,
            fate => fate,
        };
        if fate == Fate::Collect {
            let label = link.label(graph.at);
            let via = format!("{} ← {label}", graph.nodes[parent].via);
            add_node(graph, link.child, via);
        }
        graph.edges.push(Edge {
            fate,
            child: link.child,
            child_node: None,
            parent,
            link: link.clone(),
        });
    }
}

fn fate(graph: &Graph<'_>, parent: usize, link: &Link) -> Fate {
    let is_accounts = graph.nodes[ROOT].table == link.child;
    match (is_accounts, link.only_refers()) {
        (true, true) => Fate::LeftByDatabase,
        (true, false) => Fate::Unlink,
        (false, false) => Fate::Collect,
        (false, true) if graph.is_decided(link.child) => Fate::Collect,
        // A row that names the account itself is the person's, however the key ends: it is exported, and it goes when it
        // would keep the person's address (see `Graph::is_own`). A row that only refers to a row of the person is not.
        (false, true) if parent == ROOT => match graph.scope {
            Scope::Export => Fate::Collect,
            Scope::Erasure if holds_email(graph, link.child) => Fate::Collect,
            Scope::Erasure => Fate::LeftByDatabase,
        },
        (false, true) => Fate::LeftByDatabase,
    }
}

fn holds_email(graph: &Graph<'_>, table: usize) -> bool {
    let mut columns = graph.loose.iter();
    columns.any(|column: &LooseColumn| column.table == table && column.collects)
}

/// Chooses how each node's rows are recognised: by primary key, by another unique key, or by their place in the table,
/// which holds for one transaction.
fn remember_columns(graph: &mut Graph<'_>) {
    for index in 0..graph.nodes.len() {
        let table = graph.table(index);
        let never_null = |columns: &&Vec<String>| {
            columns
                .iter()
                .all(|name| table.column(name).is_some_and(|c| !c.nullable))
        };
        let unique = table.uniques.iter().find(never_null);
        let mut carried = if !table.primary_key.is_empty() {
            table.primary_key.clone()
        } else if let Some(columns) = unique.filter(|_| table.kind != Kind::Partitioned) {
            columns.clone()
        } else {
            vec!["tableoid".to_owned(), "ctid".to_owned()]
        };
        let equals = carried.iter().map(|name| {
            let column = table.column(name);
            column.map_or_else(|| EQUALS.to_owned(), |column| column.equals.clone())
        });
        let equals = equals.collect();
        graph.nodes[index].equals = equals;
        graph.nodes[index].key_width = carried.len();
        for edge in graph.edges.iter().filter(|edge| edge.parent == index) {
            for reference in &edge.link.references {
                if !carried.contains(reference) {
                    carried.push(reference.clone());
                }
            }
        }
        graph.nodes[index].carried = carried;
    }
}

//! The order in which tables are emptied: those below before those above, tables in a circle together.

use std::collections::BTreeSet;

use crate::systems::app_db::graph::Graph;

/// Groups of nodes with rows to delete, child first.
pub(super) fn child_first(graph: &Graph<'_>, rows: &[i64]) -> Vec<Vec<usize>> {
    let deletes = |node: usize| !graph.nodes[node].stays() && rows[node] > 0;
    let keys: Vec<(usize, usize)> = graph
        .edges
        .iter()
        .filter_map(|edge| edge.child_node.map(|child| (edge.parent, child)))
        .collect();
    let mut groups: Vec<(BTreeSet<usize>, Vec<usize>)> = Vec::new();
    for node in (0..graph.nodes.len()).filter(|&node| deletes(node)) {
        let below = below(node, &keys);
        match groups.iter_mut().find(|(set, _)| *set == below) {
            Some((_, group)) => group.push(node),
            None => groups.push((below, vec![node])),
        }
    }
    // What is below a table is a proper part of what is below a table above it.
    groups.sort_by_key(|(below, _)| below.len());
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The node itself and every node that keys lead to from it. Two nodes have the same set only in a circle.
fn below(node: usize, keys: &[(usize, usize)]) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([node]);
    let mut open = vec![node];
    while let Some(parent) = open.pop() {
        for &(_, child) in keys.iter().filter(|(above, _)| *above == parent) {
            if found.insert(child) {
                open.push(child);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_has_one_set() {
        let keys = [(0, 1), (1, 2), (2, 1), (2, 3)];
        assert_eq!(below(1, &keys), below(2, &keys));
        assert_eq!(below(0, &keys), BTreeSet::from([0, 1, 2, 3]));
        assert_eq!(below(3, &keys), BTreeSet::from([3]));
    }
}

//! Which part of a tree is content.

use crate::dom::{Dom, NodeId, Visit, Walk};

/// A set of nodes of one tree.
#[derive(Debug, Clone, Default)]
pub struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    /// An empty set with room for all nodes of the tree.
    #[must_use]
    pub fn of(dom: &Dom) -> Self {
        Self { words: vec![0; dom.len().div_ceil(64)] }
    }

    /// Adds a node.
    pub fn insert(&mut self, id: NodeId) {
        let (word, bit) = (id.index() / 64, id.index() % 64);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Adds all nodes of the other set.
    pub fn union(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// Whether the node is in the set.
    #[must_use]
    pub fn contains(&self, id: NodeId) -> bool {
        self.words.get(id.index() / 64).is_some_and(|word| word & (1 << (id.index() % 64)) != 0)
    }
}

/// Subtrees to keep, and subtrees within them to leave out: what the writers write.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    roots: Vec<NodeId>,
    dropped: NodeSet,
}

impl Selection {
    /// Keeps the given subtrees, in the given order. A root inside another root is kept once.
    #[must_use]
    pub fn new(dom: &Dom, roots: impl IntoIterator<Item = NodeId>) -> Self {
        let mut selected = NodeSet::of(dom);
        let mut roots: Vec<NodeId> = roots.into_iter().collect();
        roots.retain(|&root| {
            let first = !selected.contains(root);
            selected.insert(root);
            first
        });
        roots.retain(|&root| !dom.ancestors(root).any(|ancestor| selected.contains(ancestor)));
        Self { roots, dropped: NodeSet::of(dom) }
    }

    /// Leaves out the node and all below it.
    pub fn drop_subtree(&mut self, id: NodeId) {
        self.dropped.insert(id);
    }

    /// Whether [`Selection::drop_subtree`] was called for this very node.
    #[must_use]
    pub fn is_dropped(&self, id: NodeId) -> bool {
        self.dropped.contains(id)
    }

    /// The subtrees kept.
    #[must_use]
    pub fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    /// Walks over all that is kept; dropped subtrees are neither entered nor left.
    #[must_use]
    pub fn walk<'s>(&'s self, dom: &'s Dom) -> SelectionWalk<'s> {
        SelectionWalk { dom, selection: self, roots: self.roots.iter(), walk: None, passed_over: Vec::new() }
    }
}

/// Iterator over what a [`Selection`] keeps.
#[derive(Debug, Clone)]
pub struct SelectionWalk<'s> {
    dom: &'s Dom,
    selection: &'s Selection,
    roots: std::slice::Iter<'s, NodeId>,
    walk: Option<Walk<'s>>,
    passed_over: Vec<NodeId>,
}

impl SelectionWalk<'_> {
    /// The dropped subtrees between the last visit and the one before, in document order.
    pub(crate) fn passed_over(&self) -> &[NodeId] {
        &self.passed_over
    }

    /// Called after [`Visit::Enter`]: passes over what is below that node, as [`Walk::skip_children`] does.
    pub fn skip_children(&mut self) {
        if let Some(walk) = &mut self.walk {
            walk.skip_children();
        }
    }
}

impl Iterator for SelectionWalk<'_> {
    type Item = Visit;

    fn next(&mut self) -> Option<Visit> {
        self.passed_over.clear();
        loop {
            let Some(walk) = &mut self.walk else {
                self.walk = Some(self.dom.walk(*self.roots.next()?));
                continue;
            };
            match walk.next() {
                Some(Visit::Enter(id)) if self.selection.is_dropped(id) => {
                    walk.skip_subtree(id);
                    self.passed_over.push(id);
                }
                Some(visit) => return Some(visit),
                None => self.walk = None,
            }
        }
    }
}

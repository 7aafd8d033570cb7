//! What every part of a page amounts to: words, links, prose.

use html5ever::local_name;
use riptide_html::{Dom, NodeId, NodeSet, Visit, is_inline};

use crate::words::{self, Tally};

/// A run of text shorter than this is a label or a caption rather than prose.
const PROSE_WORDS: u32 = 10;
/// A run of text with a larger share of its words in links is navigation rather than prose.
const PROSE_LINK_SHARE: f32 = 0.4;

/// Sums over the visible text of a subtree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measure {
    /// Words.
    pub(super) words: u32,
    /// Words inside links.
    pub(super) link_words: u32,
    /// Words in runs of text that read like sentences.
    pub(super) prose: u32,
    /// Links.
    pub(super) links: u32,
    /// Sentence ends and commas.
    punctuation: u32,
}

impl Measure {
    /// Share of the words that are inside links, 0 to 1.
    pub(super) fn link_share(&self) -> f32 {
        if self.words == 0 { 0.0 } else { self.link_words as f32 / self.words as f32 }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.words += other.words;
        self.link_words += other.link_words;
        self.prose += other.prose;
        self.links += other.links;
        self.punctuation += other.punctuation;
    }
}

/// The [`Measure`] of every node.
pub(super) struct Measures {
    nodes: Vec<Measure>,
}

/// A run of text between two block boundaries.
#[derive(Default)]
struct Run {
    tally: Tally,
    link_words: u32,
    last: Option<NodeId>,
}

impl Measures {
    /// Measures all that `excluded` leaves, in one pass.
    pub(super) fn of(dom: &Dom, root: NodeId, excluded: &NodeSet) -> Self {
        Self::sum(dom, root, excluded, |_, text| words::tally(text))
    }

    /// Measures what is left when more is excluded than when this was measured, without counting words again.
    pub(super) fn without(&self, dom: &Dom, root: NodeId, excluded: &NodeSet) -> Self {
        Self::sum(dom, root, excluded, |node, _| {
            let Measure { words, punctuation, .. } = self.get(node);
            Tally { words, punctuation }
        })
    }

    fn sum(dom: &Dom, root: NodeId, excluded: &NodeSet, tally: impl Fn(NodeId, &str) -> Tally) -> Self {
        let mut measures = Self { nodes: vec![Measure::default(); dom.len()] };
        let mut walk = dom.walk(root);
        let mut run = Run::default();
        let mut links = 0_u32;
        while let Some(visit) = walk.next() {
            match visit {
                Visit::Enter(node) if excluded.contains(node) => {
                    walk.skip_children();
                }
                Visit::Enter(node) => {
                    if let Some(text) = dom.text(node) {
                        let tally = tally(node, text);
                        run.tally.add(tally);
                        if links > 0 {
                            run.link_words += tally.words;
                        }
                        run.last = Some(node);
                        measures.add(
                            node,
                            Measure {
                                words: tally.words,
                                punctuation: tally.punctuation,
                                link_words: if links > 0 { tally.words } else { 0 },
                                ..Measure::default()
                            },
                        );
                        measures.carry_up(dom, node, root);
                    } else if is_link(dom, node) {
                        links += 1;
                        measures.add(node, Measure { links: 1, ..Measure::default() });
                    } else if !is_inline(dom, node) {
                        measures.end_run(&mut run, dom, root);
                    }
                }
                Visit::Leave(node) => {
                    if is_link(dom, node) && !excluded.contains(node) {
                        links = links.saturating_sub(1);
                    } else if !is_inline(dom, node) {
                        measures.end_run(&mut run, dom, root);
                    }
                    measures.carry_up(dom, node, root);
                }
            }
        }
        measures
    }

    /// The measure of a node.
    pub(super) fn get(&self, node: NodeId) -> Measure {
        self.nodes.get(node.index()).copied().unwrap_or_default()
    }

    fn add(&mut self, node: NodeId, measure: Measure) {
        if let Some(sum) = self.nodes.get_mut(node.index()) {
            sum.add(measure);
        }
    }

    fn carry_up(&mut self, dom: &Dom, node: NodeId, root: NodeId) {
        if node != root
            && let Some(parent) = dom.parent(node)
        {
            self.add(parent, self.get(node));
        }
    }

    /// Books the prose of a finished run with the element that holds its last text.
    fn end_run(&mut self, run: &mut Run, dom: &Dom, root: NodeId) {
        let Run { tally, link_words, last } = std::mem::take(run);
        let is_prose = tally.words >= PROSE_WORDS
            && tally.punctuation > 0
            && (link_words as f32) < PROSE_LINK_SHARE * tally.words as f32;
        if let Some(last) = last
            && is_prose
            && last != root
        {
            // The text node itself was carried up already; its nearest open ancestor was not.
            let holder = dom.ancestors(last).find(|&node| !is_inline(dom, node));
            if let Some(holder) = holder {
                self.add(holder, Measure { prose: tally.words, ..Measure::default() });
            }
        }
    }
}

fn is_link(dom: &Dom, node: NodeId) -> bool {
    dom.is_html(node, &local_name!("a")) && dom.attribute(node, &local_name!("href")).is_some()
}

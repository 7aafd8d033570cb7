//! From kept blocks to the part of the tree that the writers write, and back.

use riptide_html::{Dom, NodeId, NodeSet, Selection, Visit, is_inline, is_unread};

use super::blocks::PageBlocks;
use super::lexicon::{HIDDEN, TAG_NOSCRIPT};

/// A hidden part with a larger share of the page's prose than this is its content, waiting for a script to show it.
const DOMINANT_PROSE: f32 = 0.6;
/// The same for a share of all the page's words.
const DOMINANT_WORDS: f32 = 0.7;

/// Text nodes below a node: those of kept blocks, and all.
#[derive(Clone, Copy, Default)]
struct Texts {
    kept: u32,
    all: u32,
}

/// The smallest element around all kept blocks, without the blocks that are not kept. What has no text, such as images, goes
/// with the text before it, or after it where none is before it.
pub(super) fn of_kept(page: &PageBlocks<'_>, kept: &[bool]) -> Selection {
    let dom = page.dom;
    let texts = count_texts(page, kept);
    let texts_of = |node: NodeId| texts.get(node.index()).copied().unwrap_or_default();
    let root = root_of_kept(page, texts_of);
    let mut selection = Selection::new(dom, [root]);
    let mut walk = dom.walk(root);
    let mut is_last_kept = None;
    // Before the first text, all that stands without text under one parent has the same text after it.
    let mut ahead: Option<(Option<NodeId>, bool)> = None;
    while let Some(visit) = walk.next() {
        let Visit::Enter(node) = visit else { continue };
        let Texts { kept, all } = texts_of(node);
        if all > 0 {
            if kept == 0 {
                selection.drop_subtree(node);
            }
            if kept == 0 || kept == all {
                is_last_kept = Some(kept > 0);
                walk.skip_children();
            }
        } else if dom.element(node).is_some() {
            let parent = dom.parent(node);
            let known = ahead.filter(|&(of, _)| of == parent).map(|(_, is_kept)| is_kept);
            let is_kept = is_last_kept.or(known).unwrap_or_else(|| {
                let mut after = std::iter::successors(dom.next_sibling(node), |&next| dom.next_sibling(next));
                let is_kept =
                    after.find(|&next| texts_of(next).all > 0).is_none_or(|next| texts_of(next).kept > 0);
                ahead = Some((parent, is_kept));
                is_kept
            });
            if !is_kept {
                selection.drop_subtree(node);
            }
            walk.skip_children();
        }
    }
    selection
}

fn count_texts(page: &PageBlocks<'_>, kept: &[bool]) -> Vec<Texts> {
    let dom = page.dom;
    let mut texts = vec![Texts::default(); dom.len()];
    for (block, &is_kept) in page.blocks.iter().zip(kept) {
        for node in page.texts.get(block.texts.clone()).unwrap_or_default() {
            if let Some(own) = texts.get_mut(node.index()) {
                *own = Texts { kept: is_kept.into(), all: 1 };
            }
        }
    }
    for visit in dom.walk(page.body) {
        let done = match visit {
            Visit::Leave(node) => node,
            Visit::Enter(node) if dom.text(node).is_some() => node,
            Visit::Enter(_) => continue,
        };
        let below = texts.get(done.index()).copied().unwrap_or_default();
        if let Some(above) = dom.parent(done).and_then(|parent| texts.get_mut(parent.index())) {
            above.kept += below.kept;
            above.all += below.all;
        }
    }
    texts
}

fn root_of_kept(page: &PageBlocks<'_>, texts_of: impl Fn(NodeId) -> Texts) -> NodeId {
    let dom = page.dom;
    let all = texts_of(page.body).kept;
    let mut root = page.body;
    while all > 0
        && let Some(child) = dom.children(root).find(|&child| texts_of(child).kept == all)
        && !is_inline(dom, child)
    {
        root = child;
    }
    root
}

/// The blocks that the markup leaves in sight.
pub(super) fn visible(page: &PageBlocks<'_>) -> Vec<bool> {
    let whole = page.sums(page.body);
    let is_out_of_sight = |node: NodeId| {
        let part = page.sums(node);
        page.roles(node) & (HIDDEN | TAG_NOSCRIPT) != 0
            && part.prose as f32 <= DOMINANT_PROSE * whole.prose as f32
            && part.words as f32 <= DOMINANT_WORDS * whole.words as f32
    };
    page.blocks.iter().map(|block| !page.way_up(block).any(is_out_of_sight)).collect()
}

/// Subtrees without what is excluded of them.
pub(super) fn of_roots(dom: &Dom, roots: Vec<NodeId>, excluded: &NodeSet) -> Selection {
    let mut selection = Selection::new(dom, roots);
    for root in selection.roots().to_vec() {
        let mut walk = dom.walk(root);
        while let Some(visit) = walk.next() {
            if let Visit::Enter(node) = visit
                && excluded.contains(node)
                && !is_unread(dom, node)
            {
                selection.drop_subtree(node);
                walk.skip_children();
            }
        }
    }
    selection
}

/// The blocks whose first text a selection keeps.
pub(super) fn kept_by(page: &PageBlocks<'_>, selection: &Selection) -> Vec<bool> {
    let mut texts = NodeSet::of(page.dom);
    for visit in selection.walk(page.dom) {
        if let Visit::Enter(node) = visit
            && page.dom.text(node).is_some()
        {
            texts.insert(node);
        }
    }
    let first_text = |texts: &std::ops::Range<usize>| page.texts.get(texts.start).copied();
    page.blocks
        .iter()
        .map(|block| first_text(&block.texts).is_some_and(|node| texts.contains(node)))
        .collect()
}

//! The choice of a page's main content: which subtrees to keep, and what to leave out of them.
//!
//! What markup calls boilerplate goes first ([`boilerplate`]); then the smallest element that holds nearly all of the
//! remaining prose is the content's root; lists of links inside it go last. Where that leaves too little of the page, the
//! choice is repeated with more trust in the page ([`Rung`]).

mod boilerplate;
mod measure;
#[cfg(test)]
mod tests;

use html5ever::local_name;
use riptide_html::{Dom, NodeId, NodeSet, Selection, Visit, is_inline, is_unread};
use riptide_types::Focus;

use boilerplate::{Policy, Verdict};
use measure::{Measure, Measures};

/// An element is passed by for its heaviest child if that holds at least this share of its weight.
const DESCENT_SHARE: f32 = 0.85;
/// How much a word counts that is not prose, when weight is compared.
const LABEL_WEIGHT: f32 = 0.1;
/// A container with a larger share of its words in links is a list of links.
const LINK_LIST_SHARE: f32 = 0.75;
/// A list of links with a larger share of the content's words is the content.
const LINK_LIST_MAXIMUM: f32 = 0.4;
/// A choice with fewer words is suspect.
const ENOUGH_WORDS: u32 = 40;
/// A choice with a smaller share of the page's prose is suspect.
const ENOUGH_PROSE: f32 = 0.25;
/// A choice with a larger share of the page's words is right however short it is.
const ENOUGH_OF_ALL: f32 = 0.5;

/// The steps of the fallback ladder, from the strictest choice to the most lenient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rung {
    /// Names and landmarks are trusted, comments left out.
    Strict,
    /// Comments and posts may be the content.
    Discussion,
    /// The body without navigation, footers and dialogs.
    Landmarks,
    /// All visible text.
    Everything,
}

/// What was chosen, and what the choice amounts to.
pub(crate) struct Choice {
    /// The content.
    pub(crate) selection: Selection,
    /// The step of the ladder that gave it.
    pub(crate) rung: Rung,
    /// Words kept.
    pub(crate) words: u32,
    /// Words kept that read like sentences.
    pub(crate) prose: u32,
    /// Words of the whole page that read like sentences.
    pub(crate) page_prose: u32,
}

/// Chooses the main content. `discussion` tells that comments and posts are what the page is for.
pub(crate) fn choose(dom: &Dom, discussion: bool, focus: Focus) -> Choice {
    let body = body(dom);
    let unread = unread(dom);
    let page = Measures::of(dom, body, &unread);
    let climb = Climb { dom, body, focus, unread: &unread, page: &page };
    let rungs = if discussion {
        [Rung::Discussion, Rung::Landmarks, Rung::Everything].as_slice()
    } else {
        [Rung::Strict, Rung::Discussion, Rung::Landmarks, Rung::Everything].as_slice()
    };
    rungs
        .iter()
        .map(|&rung| climb.attempt(rung))
        .find(|choice| climb.is_enough(choice))
        .unwrap_or_else(|| climb.attempt(Rung::Everything))
}

/// All that a reader sees of the page.
pub(crate) fn everything(dom: &Dom) -> Choice {
    let body = body(dom);
    let unread = unread(dom);
    let page = Measures::of(dom, body, &unread);
    Climb { dom, body, focus: Focus::Recall, unread: &unread, page: &page }.attempt(Rung::Everything)
}

/// What the given subtrees hold, but for `dropped`.
pub(crate) fn of_roots(dom: &Dom, roots: Vec<NodeId>, dropped: &NodeSet) -> Choice {
    let mut excluded = unread(dom);
    excluded.union(dropped);
    let measures = Measures::of(dom, dom.document(), &excluded);
    let selection = selection(dom, roots, &excluded);
    let (words, prose) = selection
        .roots()
        .iter()
        .map(|&root| measures.get(root))
        .fold((0, 0), |(words, prose), measure| (words + measure.words, prose + measure.prose));
    Choice { selection, rung: Rung::Strict, words, prose, page_prose: prose }
}

/// The `body` element, or the whole document where there is none.
pub(crate) fn body(dom: &Dom) -> NodeId {
    dom.find_html(&local_name!("body")).unwrap_or(dom.document())
}

/// The elements that hold nothing to read. They are not measured; a selection keeps them for the media among them.
fn unread(dom: &Dom) -> NodeSet {
    let mut set = NodeSet::of(dom);
    for node in dom.descendants(dom.document()) {
        if is_unread(dom, node) {
            set.insert(node);
        }
    }
    set
}

/// One page on its way down the ladder.
struct Climb<'d> {
    dom: &'d Dom,
    body: NodeId,
    focus: Focus,
    unread: &'d NodeSet,
    page: &'d Measures,
}

impl Climb<'_> {
    fn is_enough(&self, choice: &Choice) -> bool {
        let page = self.page.get(self.body);
        let words = choice.words as f32;
        choice.words > 0
            && (choice.words >= ENOUGH_WORDS && words >= ENOUGH_PROSE * page.prose as f32
                || words >= ENOUGH_OF_ALL * page.words as f32)
    }

    fn attempt(&self, rung: Rung) -> Choice {
        let mut excluded = self.unread.clone();
        let policy = match rung {
            Rung::Strict => Policy::Names { discussion: false, least: self.least_verdict() },
            Rung::Discussion => Policy::Names { discussion: true, least: self.least_verdict() },
            Rung::Landmarks => Policy::Landmarks,
            Rung::Everything => Policy::Hidden,
        };
        boilerplate::mark(self.dom, self.body, self.page, policy, &mut excluded);
        let measures = self.page.without(self.dom, self.body, &excluded);
        let by_names = matches!(policy, Policy::Names { .. });
        let root = if by_names && self.focus != Focus::Recall { self.descend(&measures) } else { self.body };
        let kept = measures.get(root);
        let left_out = if by_names {
            self.leave_out_link_lists(root, &measures, &mut excluded)
        } else {
            Measure::default()
        };
        Choice {
            selection: selection(self.dom, vec![root], &excluded),
            rung,
            words: kept.words - left_out.words,
            prose: kept.prose - left_out.prose,
            page_prose: self.page.get(self.body).prose,
        }
    }

    fn least_verdict(&self) -> Verdict {
        if self.focus == Focus::Precision { Verdict::Doubtful } else { Verdict::Boilerplate }
    }

    /// The smallest element that holds nearly all the prose.
    fn descend(&self, measures: &Measures) -> NodeId {
        let weight = |node| {
            let measure = measures.get(node);
            measure.prose as f32 + LABEL_WEIGHT * measure.words as f32
        };
        let mut at = self.body;
        while let Some(child) = self
            .dom
            .children(at)
            .filter(|&child| self.dom.element(child).is_some())
            .max_by(|&one, &other| weight(one).total_cmp(&weight(other)))
            && weight(child) > 0.0
            && weight(child) >= DESCENT_SHARE * weight(at)
        {
            at = child;
        }
        at
    }

    /// Returns what the lists amount to.
    fn leave_out_link_lists(&self, root: NodeId, measures: &Measures, excluded: &mut NodeSet) -> Measure {
        let mut left_out = Measure::default();
        let most = LINK_LIST_MAXIMUM * measures.get(root).words as f32;
        let mut walk = self.dom.walk(root);
        while let Some(visit) = walk.next() {
            let Visit::Enter(node) = visit else { continue };
            if excluded.contains(node) {
                walk.skip_children();
                continue;
            }
            let measure = measures.get(node);
            if node != root
                && measure.links > 1
                && !is_inline(self.dom, node)
                && measure.link_share() > LINK_LIST_SHARE
                && (measure.words as f32) < most
            {
                excluded.insert(node);
                left_out.add(measure);
                walk.skip_children();
            }
        }
        left_out
    }
}

fn selection(dom: &Dom, roots: Vec<NodeId>, excluded: &NodeSet) -> Selection {
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

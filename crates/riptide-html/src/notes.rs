//! Footnotes: references in the text, and the notes that they lead to.

use html5ever::local_name;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::dom::{Dom, NodeId, Visit};
use crate::fold::folded;
use crate::selection::Selection;
use crate::tags::{Kind, kind};

/// The footnotes of which both ends are in the selection.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// The `a` elements that refer, and the elements that are notes, with their labels.
    references: FxHashMap<NodeId, String>,
    notes: FxHashMap<NodeId, String>,
    /// What links that lead back from a note may name.
    places: FxHashSet<String>,
}

/// A link within the page that may refer to a note.
struct Candidate<'d> {
    link: NodeId,
    target: &'d str,
    label: String,
}

impl Notes {
    pub(crate) fn of(dom: &Dom, selection: &Selection) -> Self {
        let candidates = candidates(dom, selection);
        if candidates.is_empty() {
            return Self::default();
        }
        let targets = targets(dom, selection, &candidates);
        let mut notes = Self::default();
        let mut labels: FxHashMap<String, NodeId> = FxHashMap::default();
        let mut verdicts: FxHashMap<NodeId, bool> = FxHashMap::default();
        for Candidate { link, target, label } in candidates {
            let Some(note) = targets.get(target).and_then(|&target| note_of(dom, target)) else { continue };
            // What comes before the reference, or around it, is what a link leads back to.
            let follows = note > link;
            let can_be_written = *verdicts.entry(note).or_insert_with(|| can_be_written(dom, note));
            // A label leads to one note, and a note has one label.
            let is_first = !labels.contains_key(&label) && !notes.notes.contains_key(&note);
            let is_known = labels.get(&label) == Some(&note);
            if !follows || !can_be_written || !(is_first || is_known) {
                continue;
            }
            for place in [Some(link), dom.parent(link)].into_iter().flatten() {
                let names =
                    [dom.attribute(place, &local_name!("id")), dom.attribute(place, &local_name!("name"))];
                notes.places.extend(names.into_iter().flatten().map(str::to_owned));
            }
            labels.insert(label.clone(), note);
            notes.notes.insert(note, label.clone());
            notes.references.insert(link, label);
        }
        notes
    }

    /// The label of the note that a link refers to.
    pub(crate) fn reference(&self, link: NodeId) -> Option<&str> {
        self.references.get(&link).map(String::as_str)
    }

    /// The label of an element that is a note.
    pub(crate) fn note(&self, id: NodeId) -> Option<&str> {
        self.notes.get(&id).map(String::as_str)
    }

    /// Whether a link in a note leads back to a reference, or has no words of its own.
    pub(crate) fn leads_back(&self, dom: &Dom, link: NodeId) -> bool {
        fragment(dom, link).is_some_and(|target| {
            self.places.contains(target)
                || short_text(dom, link).is_some_and(|text| !text.chars().any(char::is_alphanumeric))
        })
    }
}

fn candidates<'d>(dom: &'d Dom, selection: &Selection) -> Vec<Candidate<'d>> {
    let mut candidates = Vec::new();
    for visit in selection.walk(dom) {
        if let Visit::Enter(link) = visit
            && dom.is_html(link, &local_name!("a"))
            && let Some(target) = fragment(dom, link)
            && is_raised(dom, link)
            && let Some(label) = label(dom, link)
        {
            candidates.push(Candidate { link, target, label });
        }
    }
    candidates
}

/// The elements that the candidates lead to, by their ids.
fn targets<'d>(
    dom: &'d Dom,
    selection: &Selection,
    candidates: &[Candidate<'d>],
) -> FxHashMap<&'d str, NodeId> {
    let wanted: FxHashSet<&str> = candidates.iter().map(|candidate| candidate.target).collect();
    let mut targets = FxHashMap::default();
    for visit in selection.walk(dom) {
        if let Visit::Enter(id) = visit
            && let Some(name) = dom.attribute(id, &local_name!("id"))
            && wanted.contains(name)
        {
            targets.entry(name).or_insert(id);
        }
    }
    targets
}

fn fragment(dom: &Dom, link: NodeId) -> Option<&str> {
    dom.attribute(link, &local_name!("href"))?.strip_prefix('#').filter(|fragment| !fragment.is_empty())
}

/// Whether a link is set as superscript, or says itself that it refers to a note.
fn is_raised(dom: &Dom, link: NodeId) -> bool {
    let is_sup = |id| dom.is_html(id, &local_name!("sup"));
    dom.parent(link).is_some_and(is_sup)
        || dom.children(link).any(is_sup)
        || dom.attribute(link, &local_name!("role")) == Some("doc-noteref")
}

/// The text of a link that holds few elements.
fn short_text(dom: &Dom, link: NodeId) -> Option<String> {
    const MOST: usize = 8;
    dom.descendants(link).nth(MOST).is_none().then(|| folded(&dom.text_content(link)))
}

/// What stands for the note in the text, without its brackets: a number or a few letters.
fn label(dom: &Dom, link: NodeId) -> Option<String> {
    const LONGEST: usize = 8;
    let text = short_text(dom, link)?;
    let label = text.trim_matches(['[', ']', '(', ')']);
    let is_label =
        (1..=LONGEST).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_label.then(|| label.to_owned())
}

/// The block that an element begins: itself, or the item or paragraph that it is the first thing in.
fn note_of(dom: &Dom, target: NodeId) -> Option<NodeId> {
    const DEEPEST: usize = 4;
    let mut note = target;
    for _ in 0..DEEPEST {
        let parent = dom.parent(note)?;
        let is_first = dom.previous_sibling(note).is_none_or(|before| {
            dom.previous_sibling(before).is_none()
                && dom.text(before).is_some_and(|text| text.trim_ascii().is_empty())
        });
        match kind(dom, note) {
            Kind::Item => return Some(note),
            Kind::Block if !(is_first && kind(dom, parent) == Kind::Item) => {
                let may_be_note = dom.html_name(note).is_some_and(|name| {
                    matches!(*name, local_name!("p") | local_name!("div") | local_name!("aside"))
                });
                return may_be_note.then_some(note);
            }
            // A reference stands behind what it refers from; what begins a paragraph is a note's own mark.
            kind if kind.is_block() && kind != Kind::Block => return None,
            _ if !is_first => return None,
            _ => note = parent,
        }
    }
    None
}

/// Whether nothing but its own list holds a note, and nothing but text a note that is no item.
fn can_be_written(dom: &Dom, note: NodeId) -> bool {
    let stands_free = dom.ancestors(note).all(|id| {
        !matches!(
            kind(dom, id),
            Kind::Quote | Kind::Item | Kind::Cell | Kind::Heading(_) | Kind::Preformatted | Kind::Term
        )
    });
    let is_text = |id| !kind(dom, id).is_block() || matches!(kind(dom, id), Kind::Block | Kind::LineBreak);
    stands_free && (kind(dom, note) == Kind::Item || dom.descendants(note).all(is_text))
}

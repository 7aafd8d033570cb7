//! The readers' comments beside the main content.

use html5ever::{LocalName, local_name};
use riptide_html::NodeId;
use riptide_types::Comment;
use rustc_hash::FxHashMap;

use super::blocks::PageBlocks;
use super::lexicon::{BUTTON, COMMENT, FORM, META, PROFILE, SHARE, TAG_BUTTON, TAG_FORM};
use super::text::count_words;

/// A longer line beside a comment does not name its author.
const AUTHOR_WORDS: u32 = 5;
/// Nodes at the beginning of a comment that may tell who wrote it and when.
const HEAD: usize = 60;

/// Collects the comments among the blocks that are not kept, in document order.
pub(super) fn of_rest(page: &PageBlocks<'_>, kept: &[bool]) -> Vec<Comment> {
    let mut places: FxHashMap<NodeId, usize> = FxHashMap::default();
    let mut comments: Vec<Comment> = Vec::new();
    for (block, _) in page.blocks.iter().zip(kept).filter(|(_, kept)| !**kept) {
        let Some(record) = page.way_up(block).find(|&node| is_comment(page, node)) else { continue };
        let roles = page
            .way_up(block)
            .take_while(|&node| node != record)
            .fold(0, |roles, node| roles | page.roles(node));
        let at = *places.entry(record).or_insert_with(|| {
            let (author, published) = (author(page, record), published(page, record));
            comments.push(Comment { author, published, text: String::new() });
            comments.len() - 1
        });
        if let Some(comment) = comments.get_mut(at)
            && roles & (BUTTON | TAG_BUTTON | SHARE | META | PROFILE) == 0
        {
            if !comment.text.is_empty() {
                comment.text.push_str("\n\n");
            }
            comment.text.push_str(&page.text_of(block));
        }
    }
    comments.retain(|comment| !comment.text.is_empty());
    comments
}

/// Whether an element is one comment: named so, and one of several or an item of a list.
fn is_comment(page: &PageBlocks<'_>, node: NodeId) -> bool {
    let roles = page.roles(node);
    let is_item = matches!(page.dom.html_name(node), Some(&local_name!("li") | &local_name!("article")));
    roles & COMMENT != 0 && roles & (FORM | TAG_FORM) == 0 && (is_item || page.siblings(node).alike > 1)
}

/// The first short line in the head of a comment that holds no number.
fn author(page: &PageBlocks<'_>, record: NodeId) -> Option<String> {
    let dom = page.dom;
    let names_author = |node: NodeId| {
        dom.is_html(node, &local_name!("cite"))
            || std::iter::once(node)
                .chain(dom.ancestors(node))
                .take_while(|&above| above != record)
                .any(|above| page.roles(above) & (META | PROFILE) != 0)
    };
    head(page, record)
        .filter(|&node| dom.element(node).is_some() && names_author(node))
        .map(|node| dom.text_content(node).split_whitespace().collect::<Vec<_>>().join(" "))
        .find(|line| {
            (1..=AUTHOR_WORDS).contains(&count_words(line)) && !line.contains(|c: char| c.is_ascii_digit())
        })
        .map(|line| line.trim_end_matches(':').trim_end_matches(" says").to_owned())
}

/// What the first `time` element of a comment says.
fn published(page: &PageBlocks<'_>, record: NodeId) -> Option<String> {
    let dom = page.dom;
    let time = head(page, record).find(|&node| dom.is_html(node, &local_name!("time")))?;
    dom.attribute(time, &LocalName::from("datetime")).map(|moment| moment.trim().to_owned())
}

/// The first nodes of a comment.
fn head(page: &PageBlocks<'_>, record: NodeId) -> impl Iterator<Item = NodeId> {
    page.dom.descendants(record).take(HEAD)
}

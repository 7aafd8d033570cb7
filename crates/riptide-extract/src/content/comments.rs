//! The readers' comments beside the main content.

use html5ever::{LocalName, local_name};
use riptide_html::NodeId;
use riptide_types::Comment;

use super::blocks::{Block, PageBlocks};
use super::lexicon::{BUTTON, COMMENT, FORM, META, PROFILE, SHARE, TAG_BUTTON, TAG_FORM};

/// A longer line beside a comment does not name its author.
const AUTHOR_WORDS: u32 = 6;

/// Collects the comments among the blocks that are not kept, in document order.
pub(super) fn of_rest(page: &PageBlocks<'_>, kept: &[bool]) -> Vec<Comment> {
    let mut records: Vec<(NodeId, Comment)> = Vec::new();
    for (block, _) in page.blocks.iter().zip(kept).filter(|(_, kept)| !**kept) {
        let Some(record) = page.way_up(block).find(|&node| is_comment(page, node)) else { continue };
        let roles = page
            .way_up(block)
            .take_while(|&node| node != record)
            .fold(0, |roles, node| roles | page.roles(node));
        let known = records.iter().rposition(|(node, _)| *node == record);
        let at = known.unwrap_or_else(|| {
            let published = published(page, record);
            records.push((record, Comment { published, ..Comment::default() }));
            records.len() - 1
        });
        if let Some((_, comment)) = records.get_mut(at) {
            add(comment, block, roles, &page.text_of(block));
        }
    }
    records.into_iter().map(|(_, comment)| comment).filter(|comment| !comment.text.is_empty()).collect()
}

fn add(comment: &mut Comment, block: &Block, roles: u64, text: &str) {
    if roles & (BUTTON | TAG_BUTTON | SHARE) != 0 {
        return;
    }
    if roles & (META | PROFILE) != 0 {
        let may_name = block.stats.words <= AUTHOR_WORDS && block.stats.digits == 0;
        if comment.author.is_none() && may_name && block.stats.words > 0 {
            comment.author = Some(text.trim_end_matches(" says:").trim_end_matches(':').to_owned());
        }
        return;
    }
    if !comment.text.is_empty() {
        comment.text.push_str("\n\n");
    }
    comment.text.push_str(text);
}

/// Whether an element is one comment: named so, and one of several or an item of a list.
fn is_comment(page: &PageBlocks<'_>, node: NodeId) -> bool {
    let roles = page.roles(node);
    let is_item = matches!(page.dom.html_name(node), Some(&local_name!("li") | &local_name!("article")));
    roles & COMMENT != 0 && roles & (FORM | TAG_FORM) == 0 && (is_item || page.siblings(node).alike > 1)
}

/// What the first `time` element of a comment says.
fn published(page: &PageBlocks<'_>, record: NodeId) -> Option<String> {
    let time = page.dom.descendants(record).find(|&node| page.dom.is_html(node, &local_name!("time")))?;
    page.dom.attribute(time, &LocalName::from("datetime")).map(|moment| moment.trim().to_owned())
}

//! The hyperlinks of the content.

use html5ever::local_name;
use riptide_types::Link;

use crate::base::BaseUrl;
use crate::decoration::is_decoration;
use crate::dom::{Dom, NodeId, Visit};
use crate::fold::Fold;
use crate::selection::Selection;
use crate::tags::{Kind, kind};

/// The links of the selection in document order. Links that lead to no place (`javascript:` and their like) are none.
#[must_use]
pub fn links(dom: &Dom, selection: &Selection, base: &BaseUrl) -> Vec<Link> {
    let mut links = Vec::new();
    // The link that is open, and its place in the list: links do not nest.
    let mut open: Option<(NodeId, Link)> = None;
    let mut fold = Fold::new();
    let mut walk = selection.walk(dom);
    while let Some(visit) = walk.next() {
        match visit {
            Visit::Enter(id) => {
                if let (Some(text), Some((_, link))) = (dom.text(id), &mut open) {
                    fold.push(text, |piece| link.text.push_str(piece));
                    continue;
                }
                match kind(dom, id) {
                    _ if is_decoration(dom, selection, Some(base), id) => walk.skip_children(),
                    Kind::Unread => walk.skip_children(),
                    Kind::Link if open.is_none() => {
                        if let Some(url) = link_url(dom, id, base) {
                            open = Some((id, Link { url, text: String::new(), rel: rel(dom, id) }));
                            fold.start_line();
                        }
                    }
                    kind if kind.is_block() => fold.space(),
                    _ => {}
                }
            }
            Visit::Leave(id) => {
                if kind(dom, id).is_block() {
                    fold.space();
                }
                if open.as_ref().is_some_and(|(node, _)| *node == id) {
                    links.extend(open.take().map(|(_, link)| link));
                }
            }
        }
    }
    links
}

/// The absolute URL that an `a` element leads to.
pub(crate) fn link_url(dom: &Dom, id: NodeId, base: &BaseUrl) -> Option<String> {
    base.resolve(dom.attribute(id, &local_name!("href"))?)
}

fn rel(dom: &Dom, id: NodeId) -> String {
    let mut words = String::new();
    for word in dom.attribute(id, &local_name!("rel")).unwrap_or_default().split_ascii_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn links_come_with_text_and_relation_in_document_order() {
        let dom = parse(
            "<div>x <a href='/a' rel=' nofollow  ugc'> One <b>two</b>\n</a> y <a href='javascript:x'>no</a><a name=n>no</a>
            <a href='#f'><h3>Title</h3><p>text</p><script>no</script></a></div>",
        );
        let selection = Selection::new(&dom, [dom.document()]);
        let base = BaseUrl::of(&dom, "https://a.example/p");
        let link =
            |url: &str, text: &str, rel: &str| Link { url: url.into(), text: text.into(), rel: rel.into() };
        assert_eq!(
            links(&dom, &selection, &base),
            [
                link("https://a.example/a", "One two", "nofollow ugc"),
                link("https://a.example/p#f", "Title text", ""),
            ]
        );
    }

    #[test]
    fn dropped_parts_and_decoration_have_no_links() {
        let dom =
            parse("<nav><a href='/n'>n</a></nav><main><h2>M<a href='#m'>¶</a></h2><a href='/m'>m</a></main>");
        let mut selection = Selection::new(&dom, [dom.document()]);
        selection.drop_subtree(dom.find_html(&local_name!("nav")).unwrap());
        let base = BaseUrl::of(&dom, "https://a.example/");
        let urls: Vec<String> = links(&dom, &selection, &base).into_iter().map(|link| link.url).collect();
        assert_eq!(urls, ["https://a.example/m"]);
    }
}

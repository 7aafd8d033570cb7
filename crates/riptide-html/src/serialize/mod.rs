//! Content as clean HTML: elements and attributes that mean something to a reader, and no others.

mod formula;

use html5ever::{LocalName, local_name};

use crate::base::BaseUrl;
use crate::code::{is_line_of_code, numbers_lines};
use crate::decoration::is_decoration;
use crate::dom::{Dom, NodeId, Visit};
use crate::links::link_url;
use crate::markdown::language;
use crate::math;
use crate::media::{image_url, stream_url};
use crate::parts::touches_part;
use crate::selection::Selection;
use crate::tags::{Kind, is_block_by_style, kind};

/// The selection as HTML (serialised as in HTML §13.3) that is safe to show: no scripts, styles, event handlers, forms,
/// frames or SVG, and only absolute URLs that lead to a place. Formulas are MathML with their TeX as annotation. Elements of no
/// meaning give way to their content, with a space where a style set them apart.
#[must_use]
pub fn to_html(dom: &Dom, selection: &Selection, base: &BaseUrl) -> String {
    let mut writer = HtmlWriter {
        dom,
        base,
        out: String::new(),
        open: Vec::new(),
        open_code: 0,
        open_pre: 0,
        line: Line::default(),
    };
    let mut walk = selection.walk(dom);
    while let Some(visit) = walk.next() {
        writer.line.is_parted |=
            walk.passed_over().iter().any(|&id| dom.element(id).is_some() && kind(dom, id) != Kind::Unread);
        match visit {
            Visit::Enter(id) => {
                if let Some(text) = dom.text(id) {
                    writer.text(text);
                } else if dom.element(id).is_some() {
                    let kind = kind(dom, id);
                    let is_within = !writer.open.is_empty();
                    let is_unread = kind == Kind::Unread && !is_stream(dom, id)
                        || is_decoration(dom, selection, Some(base), id)
                        || writer.open_pre > 0 && numbers_lines(dom, id);
                    if is_within && is_unread {
                        writer.line.is_parted = true;
                        walk.skip_children();
                        writer.open.push((Kind::Unread, None));
                    } else if kind == Kind::Formula
                        && let Some(formula) = math::formula(dom, id)
                    {
                        formula::write(&mut writer.out, dom, id, &formula);
                        writer.line = Line::default();
                        walk.skip_children();
                        writer.open.push((kind, None));
                    } else {
                        writer.enter(id, kind);
                        if is_stream(dom, id) {
                            walk.skip_children();
                        }
                    }
                }
            }
            Visit::Leave(id) => {
                if dom.element(id).is_some() {
                    writer.leave(id);
                }
            }
        }
    }
    writer.out
}

struct HtmlWriter<'d> {
    dom: &'d Dom,
    base: &'d BaseUrl,
    out: String,
    /// The open elements: how they are treated, and the end tag that is due.
    open: Vec<(Kind, Option<&'static str>)>,
    /// How many of them are code, and how many of those preformatted.
    open_code: usize,
    open_pre: usize,
    line: Line,
}

/// What is known of the line of text at hand.
#[derive(Default)]
struct Line {
    /// Its last character.
    last: Option<char>,
    /// What stood behind that is not written, or set apart by its style.
    is_parted: bool,
    /// An element that is a line of code has ended: what follows stands on the next.
    has_ended: bool,
    /// Where the line of code at hand begins, in bytes of the outcome.
    start: usize,
}

impl HtmlWriter<'_> {
    fn text(&mut self, text: &str) {
        if std::mem::take(&mut self.line.has_ended) && !text.starts_with('\n') {
            self.out.push('\n');
        }
        let touches =
            self.line.last.is_some_and(char::is_alphanumeric) && text.starts_with(char::is_alphanumeric);
        if std::mem::take(&mut self.line.is_parted) && touches && self.open_code == 0 {
            self.out.push(' ');
        }
        escape_text(&mut self.out, text);
        self.line.last = text.chars().next_back();
    }

    fn enter(&mut self, id: NodeId, kind: Kind) {
        match kind {
            Kind::Inline if self.open_pre > 0 && is_line_of_code(self.dom, id) => {
                if self.line.has_ended || self.line.last.is_some_and(|last| last != '\n') {
                    self.out.push('\n');
                }
                self.line = Line { last: Some('\n'), start: self.out.len(), ..Line::default() };
            }
            Kind::Inline | Kind::Link
                if touches_part(self.dom, id, self.line.last) && self.open_code == 0 =>
            {
                self.out.push(' ');
            }
            Kind::Block if is_block_by_style(self.dom, id) => self.line.is_parted = true,
            Kind::Image => self.line.is_parted = true,
            _ if kind.is_block() => self.line = Line::default(),
            _ => {}
        }
        let name = self.kept_name(id, kind);
        self.open.push((kind, name.filter(|name| !is_void(name))));
        self.open_code += usize::from(is_code(kind));
        self.open_pre += usize::from(kind == Kind::Preformatted);
        let Some(name) = name else { return };
        self.out.push('<');
        self.out.push_str(name);
        self.addresses(id, kind);
        self.plain_attributes(id);
        if kind == Kind::Preformatted
            && let Some(language) = language(self.dom, id)
        {
            push_attribute(&mut self.out, "class", &format!("language-{language}"));
        }
        self.out.push('>');
        // The parser drops a line end right behind the tag.
        if kind == Kind::Preformatted
            && self
                .dom
                .first_child(id)
                .and_then(|child| self.dom.text(child))
                .is_some_and(|text| text.starts_with('\n'))
        {
            self.out.push('\n');
        }
    }

    fn leave(&mut self, id: NodeId) {
        let Some((kind, name)) = self.open.pop() else { return };
        self.open_code -= usize::from(is_code(kind));
        self.open_pre -= usize::from(kind == Kind::Preformatted);
        if let Some(name) = name {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        match kind {
            Kind::Inline if self.open_pre > 0 && is_line_of_code(self.dom, id) => {
                let ends_itself = self.line.last == Some('\n') && self.out.len() > self.line.start;
                self.line.has_ended = !ends_itself;
            }
            Kind::Block if is_block_by_style(self.dom, id) => self.line.is_parted = true,
            _ if kind.is_block() => self.line = Line::default(),
            _ => {}
        }
    }

    /// The name that an element is written with, if it is.
    fn kept_name(&self, id: NodeId, kind: Kind) -> Option<&'static str> {
        let has = |name| self.dom.attribute(id, &name).is_some();
        match kind {
            Kind::Preformatted => Some("pre"),
            Kind::Link if link_url(self.dom, id, self.base).is_none() && !has(local_name!("id")) => None,
            Kind::Image if image_url(self.dom, id, self.base).is_none() => None,
            Kind::Unread if is_stream(self.dom, id) => {
                stream_url(self.dom, id, self.base)?;
                self.dom.html_name(id).and_then(kept_element)
            }
            kind => {
                let name = self.dom.html_name(id)?;
                match kept_element(name) {
                    None if is_block_by_style(self.dom, id) => None,
                    None if kind.is_block() && !is_page(name) => Some("div"),
                    kept => kept,
                }
            }
        }
    }

    fn addresses(&mut self, id: NodeId, kind: Kind) {
        let (name, url) = match kind {
            Kind::Link => ("href", link_url(self.dom, id, self.base)),
            Kind::Image => ("src", image_url(self.dom, id, self.base)),
            Kind::Unread => {
                self.out.push_str(" controls");
                ("src", stream_url(self.dom, id, self.base))
            }
            Kind::Quote | Kind::Quotation => (
                "cite",
                self.dom.attribute(id, &local_name!("cite")).and_then(|cite| self.base.resolve(cite)),
            ),
            _ => return,
        };
        if let Some(url) = url {
            push_attribute(&mut self.out, name, &url);
        }
    }

    fn plain_attributes(&mut self, id: NodeId) {
        let Some(element) = self.dom.html_name(id) else { return };
        for attribute in self.dom.attributes(id) {
            if let Some(name) = kept_attribute(element, &attribute.name.local) {
                push_attribute(&mut self.out, name, &attribute.value);
            }
        }
    }
}

fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(out, value, true);
    out.push('"');
}

fn escape_text(out: &mut String, text: &str) {
    escape(out, text, false);
}

/// "Escaping a string" of HTML §13.3.
fn escape(out: &mut String, text: &str, is_attribute: bool) {
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        let (reference, length) = match byte {
            b'&' => ("&amp;", 1),
            b'<' => ("&lt;", 1),
            b'>' => ("&gt;", 1),
            b'"' if is_attribute => ("&quot;", 1),
            0xc2 if text.as_bytes().get(at + 1) == Some(&0xa0) => ("&nbsp;", 2),
            _ => continue,
        };
        out.push_str(text.get(copied..at).unwrap_or_default());
        out.push_str(reference);
        copied = at + length;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
}

fn is_code(kind: Kind) -> bool {
    matches!(kind, Kind::Code | Kind::Preformatted)
}

fn is_stream(dom: &Dom, id: NodeId) -> bool {
    dom.is_html(id, &local_name!("video")) || dom.is_html(id, &local_name!("audio"))
}

fn is_void(name: &str) -> bool {
    matches!(name, "br" | "hr" | "img" | "wbr")
}

/// Elements that are the page rather than content.
fn is_page(name: &LocalName) -> bool {
    matches!(*name, local_name!("html") | local_name!("body"))
}

/// Attributes that are kept on an element, as a name. Addresses are not among them: they are made absolute.
fn kept_attribute(element: &LocalName, attribute: &LocalName) -> Option<&'static str> {
    /// Elements, none for all of them, and the attribute that they keep.
    const KEPT: &[(&[&str], &str)] = &[
        (&[], "id"),
        (&[], "lang"),
        (&[], "dir"),
        (&[], "title"),
        (&["img"], "alt"),
        (&["img", "video"], "width"),
        (&["img", "video"], "height"),
        (&["td", "th"], "colspan"),
        (&["td", "th"], "rowspan"),
        (&["th"], "scope"),
        (&["td", "th"], "headers"),
        (&["ol"], "start"),
        (&["ol"], "reversed"),
        (&["ol"], "type"),
        (&["li"], "value"),
        (&["time", "ins", "del"], "datetime"),
        (&["a"], "rel"),
        (&["a"], "hreflang"),
        (&["details"], "open"),
        (&["data"], "value"),
    ];
    KEPT.iter()
        .find(|(elements, name)| {
            **name == **attribute && (elements.is_empty() || elements.contains(&&**element))
        })
        .map(|(_, name)| *name)
}

/// Elements that are kept, in order of their names.
#[rustfmt::skip]
const KEPT_ELEMENTS: &[&str] = &[
    "a", "abbr", "address", "article", "aside", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption",
    "cite", "code", "data", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li",
    "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "search", "section",
    "small", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time",
    "tr", "u", "ul", "var", "video", "wbr",
];

/// The name of an element that is kept.
fn kept_element(name: &LocalName) -> Option<&'static str> {
    KEPT_ELEMENTS.binary_search(&&**name).ok().and_then(|at| KEPT_ELEMENTS.get(at)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn clean(html: &str) -> String {
        let dom = parse(html);
        let base = BaseUrl::of(&dom, "https://a.example/p/");
        to_html(&dom, &Selection::new(&dom, dom.find_html(&local_name!("body"))), &base)
    }

    #[test]
    fn only_what_means_something_is_kept() {
        let cases = [
            (
                "<p class=x style='color:red' onclick=alert(1) id=n>a &lt; b &amp; c&nbsp;d</p>",
                "<p id=\"n\">a &lt; b &amp; c&nbsp;d</p>",
            ),
            (
                "<a href='/x?a=1&amp;b=2' target=_blank rel=nofollow>l</a>",
                "<a href=\"https://a.example/x?a=1&amp;b=2\" rel=\"nofollow\">l</a>",
            ),
            ("<a href='javascript:alert(1)'>no</a>", "no"),
            (
                "<img src=i.png onerror=x alt='a \"b\"'><img src='data:x'>",
                "<img src=\"https://a.example/p/i.png\" alt=\"a &quot;b&quot;\">",
            ),
            (
                "<script>x</script><style>y</style><iframe src=z></iframe><svg><script>x</script></svg><template>t</template>",
                "",
            ),
            (
                "<form action=x><input name=y><button>Go</button><select><option>1</select></form>",
                "<div>Go</div>",
            ),
            ("<x-card><font color=red><span>t</span></font></x-card><center>c</center>", "t<div>c</div>"),
            (
                "<pre class='language-rust'>\n\nfn x() {}</pre>",
                "<pre class=\"language-rust\">\n\nfn x() {}</pre>",
            ),
            (
                "<table><tr><td colspan=2 bgcolor=red>c</table>",
                "<table><tbody><tr><td colspan=\"2\">c</td></tr></tbody></table>",
            ),
            (
                "<video><source src=v.mp4><p>no player</p></video>",
                "<video controls src=\"https://a.example/p/v.mp4\"></video>",
            ),
            ("a<br>b<hr><!-- c -->", "a<br>b<hr>"),
            (
                "<div><span>Author</span><span>J. B. M</span></div><code><span>a</span><span>Bc</span></code>",
                "<div>Author J. B. M</div><code>aBc</code>",
            ),
            (
                "<p>one<img src=/i/blank.gif>two <span style='display:block'>three</span>four</p>",
                "<p>one two three four</p>",
            ),
            (
                "<pre><i class=linenumber>1</i><span class=line>a</span><span class=line></span><span class=line>b</span></pre>",
                "<pre>a\n\nb</pre>",
            ),
            (
                "<blockquote><cite>Anna wrote:</cite>The mill",
                "<blockquote><cite>Anna wrote:</cite>The mill</blockquote>",
            ),
            ("<tt><span>ab</span><span>Cdef</span></tt>", "abCdef"),
            ("<blockquote cite=/s>q</blockquote>", "<blockquote cite=\"https://a.example/s\">q</blockquote>"),
        ];
        for (html, expected) in cases {
            assert_eq!(clean(html), expected, "{html}");
        }
    }

    #[test]
    fn what_is_left_out_parts_words() {
        let dom = parse("<div><b>$150</b><p>Save 40%</p>compared</div>");
        let mut selection = Selection::new(&dom, dom.find_html(&local_name!("div")));
        selection.drop_subtree(dom.find_html(&local_name!("p")).unwrap());
        assert_eq!(to_html(&dom, &selection, &BaseUrl::default()), "<div><b>$150</b> compared</div>");
    }

    #[test]
    fn kept_elements_are_sorted_for_the_search() {
        for name in KEPT_ELEMENTS {
            assert_eq!(kept_element(&LocalName::from(*name)), Some(*name));
        }
        for name in ["form", "script", "iframe", "svg", "object"] {
            assert_eq!(kept_element(&LocalName::from(name)), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_but_clean_html_comes_out_of_anything(html in "[<>/a-z\"'=& ]{0,60}", text in "[^\u{0}\r]{0,20}") {
            let page = format!("<div {html}>{text}</div><img {html} src=x><a href={html}>{text}");
            let once = clean(&page);
            proptest::prop_assert!(!once.contains("<script") && !once.contains("javascript:"));
            // What is clean stays as it is.
            proptest::prop_assert_eq!(clean(&once), once);
        }
    }
}

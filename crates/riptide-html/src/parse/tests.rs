use html5ever::buffer_queue::BufferQueue;
use html5ever::local_name;
use html5ever::tendril::StrTendril;
use proptest::prelude::*;

use super::*;
use crate::dom::{Capped, NodeData, NodeId, Visit};

const SMALL: ParseLimits = ParseLimits { depth: 8, attributes: 4, nodes: 1000 };

fn text_of(dom: &Dom) -> String {
    dom.text_content(dom.document())
}

fn deepest(dom: &Dom) -> usize {
    dom.descendants(dom.document()).map(|node| dom.ancestors(node).count()).max().unwrap_or(0)
}

fn count(dom: &Dom, name: &html5ever::LocalName) -> usize {
    dom.descendants(dom.document()).filter(|&node| dom.is_html(node, name)).count()
}

#[test]
fn elements_past_the_depth_limit_become_siblings_and_keep_their_text() {
    let html = format!("{}inner{}after", "<div>a".repeat(30), "</div>b".repeat(30));
    let dom = parse_with(&html, SMALL);
    assert!(dom.capped().depth);
    assert!(deepest(&dom) <= 8 + 2, "{}", deepest(&dom));
    assert_eq!(text_of(&dom), format!("{}inner{}after", "a".repeat(30), "b".repeat(30)));
}

#[test]
fn end_tags_of_elements_past_the_limit_close_nothing_else() {
    let deep = format!("{}x{}", "<div>".repeat(20), "</div>".repeat(20));
    let dom = parse_with(&format!("<section>{deep}<p>one</p></section><p>two</p>"), SMALL);
    let paragraphs: Vec<NodeId> =
        dom.descendants(dom.document()).filter(|&node| dom.is_html(node, &local_name!("p"))).collect();
    let parents: Vec<_> = paragraphs
        .iter()
        .map(|&p| dom.parent(p).and_then(|node| dom.local_name(node)).map(|name| name.to_string()))
        .collect();
    assert_eq!(parents, [Some("section".to_owned()), Some("body".to_owned())]);
}

#[test]
fn unclosed_paragraphs_are_no_nesting() {
    let dom = parse_with(&"<p>word".repeat(100), SMALL);
    assert!(!dom.capped().depth);
    assert_eq!(count(&dom, &local_name!("p")), 100);
}

#[test]
fn raw_text_past_the_depth_limit_stays_raw() {
    let dom = parse_with(&format!("{}<script>a < b <p></script><p>end", "<div>".repeat(20)), SMALL);
    let script = dom.find_html(&local_name!("script")).expect("a script");
    assert_eq!(dom.text_content(script), "a < b <p>");
}

#[test]
fn mixed_stray_end_tags_cannot_break_the_depth_limit() {
    let dom = parse_with(&"<div></x></y><section></x>".repeat(200), SMALL);
    assert!(deepest(&dom) <= 8 + 2);
}

#[test]
fn attributes_past_the_limit_are_left_out() {
    let dom = parse_with("<p a=1 b='>' c d=\"x\" e f>text</p><i q=1>", SMALL);
    assert!(dom.capped().attributes);
    let p = dom.find_html(&local_name!("p")).expect("a paragraph");
    let names: Vec<_> = dom.attributes(p).iter().map(|attribute| attribute.name.local.to_string()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(text_of(&dom), "text");
    let i = dom.find_html(&local_name!("i")).expect("an element");
    assert_eq!(dom.attributes(i).len(), 1);
}

#[test]
fn what_looks_like_attributes_in_raw_text_and_comments_is_kept() {
    let words = "<a b c d e f g h";
    let html = format!(
        "<title>{words}</title><script>{words}</script><style>{words}</style><!-- {words} --><textarea>{words}</textarea>"
    );
    let dom = parse_with(&html, SMALL);
    assert!(!dom.capped().attributes);
    assert_eq!(text_of(&dom), words.repeat(4));
}

#[test]
fn a_style_element_of_svg_hides_no_attributes() {
    let dom = parse_with("<svg><style><x a b c d e f g></style></svg>", SMALL);
    assert!(dom.capped().attributes);
}

#[test]
fn a_cdata_section_is_text_in_svg_and_a_comment_in_html() {
    let section = "<![CDATA[ <i a b c d e f> ]]>";
    let dom = parse_with(&format!("<svg><text>{section}</text></svg>"), SMALL);
    assert!(!dom.capped().attributes);
    assert_eq!(text_of(&dom), " <i a b c d e f> ");
    let dom = parse_with(section, SMALL);
    assert!(dom.descendants(dom.document()).any(|node| matches!(dom.data(node), NodeData::Comment(_))));
}

#[test]
fn attributes_of_repeated_body_tags_are_limited_too() {
    let html: String = (0..50).map(|n| format!("<body a{n}=1>")).collect();
    let dom = parse_with(&html, SMALL);
    let body = dom.find_html(&local_name!("body")).expect("a body");
    assert_eq!(dom.attributes(body).len(), 4);
}

#[test]
fn the_limit_of_nodes_ends_the_tree() {
    let dom = parse_with(&"<br>".repeat(5000), SMALL);
    assert!(dom.capped().nodes);
    assert!(dom.len() < 1100);
}

#[test]
fn noscript_is_parsed_as_markup() {
    let dom = parse("<body><noscript><p>shown</p></noscript>");
    assert_eq!(count(&dom, &local_name!("p")), 1);
}

#[test]
fn raw_text_in_noscript_ends_with_it() {
    for element in ["iframe", "style", "textarea", "noframes", "script", "title"] {
        let dom = parse(&format!(
            "<body><noscript>a<{element} class=x />b</NoScript ><p>c</p><{element}>d</{element}>"
        ));
        assert_eq!(count(&dom, &local_name!("p")), 1, "{element}");
        assert!(dom.capped().raw_text, "{element}");
    }
    for closed in [
        "<noscript><iframe></iframe></noscript><p>",
        "<noscript><iframe></iframe><p>",
        "<iframe></noscript></iframe><p>",
    ] {
        let dom = parse(closed);
        assert_eq!((count(&dom, &local_name!("p")), dom.capped()), (1, Capped::default()), "{closed}");
    }
}

#[test]
fn a_walk_enters_in_document_order_and_leaves_what_it_entered() {
    let dom = parse("<div><p>a<b>c</b></p><!--x--></div>");
    let div = dom.find_html(&local_name!("div")).expect("a division");
    let steps: Vec<String> = dom
        .walk(div)
        .map(|visit| match visit {
            Visit::Enter(node) => {
                format!("+{}", dom.text(node).or(dom.local_name(node).map(|name| &**name)).unwrap_or("?"))
            }
            Visit::Leave(node) => format!("-{}", dom.local_name(node).expect("elements alone are left")),
        })
        .collect();
    assert_eq!(steps.join(" "), "+div +p +a +b +c -b -p +? -div");
}

#[test]
fn a_walk_passes_over_children_on_demand() {
    let dom = parse("<div><p>a</p><p>b</p></div>");
    let div = dom.find_html(&local_name!("div")).expect("a division");
    let mut walk = dom.walk(div);
    let mut entered = 0;
    while let Some(visit) = walk.next() {
        if let Visit::Enter(node) = visit {
            entered += 1;
            if dom.is_html(node, &local_name!("p")) {
                walk.skip_children();
            }
        }
    }
    assert_eq!(entered, 3);
}

/// What the states of the tokenizer turn on.
const PIECES: [&str; 72] = [
    "<p>",
    "</p>",
    "<div class=a b='c' d=\"e>f\">",
    "<DIV Class=A>",
    "<a href=x/>",
    "<br/>",
    "<i/ >",
    "<b a=1 a=2 A=3>",
    "<svg>",
    "</svg>",
    "<math>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<SCRIPT ",
    "</Script\t",
    "<script/",
    "</scripts>",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!--->",
    "<![CDATA[",
    "]]>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea >",
    "<iframe>",
    "</iframe>",
    "<plaintext>",
    "<select>",
    "<table>",
    "<td>",
    "<template>",
    "<noscript>",
    "<pre>",
    "&amp;",
    "&am",
    "&",
    "&notit;",
    "&nbsp;",
    "&lt",
    "&#39;",
    "&#x80;",
    "&#0;",
    "&#x27",
    "&#;",
    "&#99999999999;",
    "&b=2",
    "<a href=\"?a&amp;b&copy=1&c=2&#38;&reg\" title=&quot; b='& &'>",
    "&#x41",
    "\r",
    "\r\n",
    "\n",
    "\0",
    "<",
    "</",
    "</ ",
    "<?",
    "<!",
    "<!doctype html>",
    ">",
    "=",
    "\"",
    "'",
    "/",
    " ",
    "word",
    "\u{FEFF}é-!",
];

/// All nodes with their depths, as text.
fn outline(dom: &Dom) -> String {
    let depth = |node| dom.ancestors(node).count();
    let contents = |node| dom.element(node).and_then(|element| element.template_contents);
    let mut roots = vec![dom.document()];
    let mut lines = Vec::new();
    while let Some(root) = roots.pop() {
        for node in dom.descendants(root) {
            let data = match dom.data(node) {
                NodeData::Element(element) => {
                    let attributes = dom.attributes(node).iter();
                    let attributes: Vec<_> =
                        attributes.map(|attribute| (&attribute.name, &*attribute.value)).collect();
                    format!("{:?} {attributes:?} {}", element.name, element.html_integration_point)
                }
                NodeData::Text(text) => format!("text {:?}", &**text),
                NodeData::Comment(text) => format!("comment {:?}", &**text),
                NodeData::Doctype { name, .. } => format!("doctype {:?}", &**name),
                _ => "other".to_owned(),
            };
            lines.push(format!("{} {data}", depth(node)));
            roots.extend(contents(node));
        }
    }
    lines.join("\n")
}

/// The tree when the tokenizer of `html5ever` reads all of the text.
fn by_tokenizer_alone(html: &str) -> Dom {
    let limits = ParseLimits::default();
    let builder = TreeBuilder::new(
        ArenaSink::new(16, limits.attributes),
        TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() },
    );
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(DepthGuard::new(builder, limits), options);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.into_dom()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_tokens_that_are_cut_here_are_those_of_the_tokenizer(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24),
    ) {
        let html = pieces.concat();
        let bare = html.strip_prefix('\u{FEFF}').unwrap_or(&html);
        prop_assert_eq!(outline(&parse(&html)), outline(&by_tokenizer_alone(bare)), "{:?}", html);
    }
}

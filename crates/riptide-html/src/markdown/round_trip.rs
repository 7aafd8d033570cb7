//! What is written as Markdown is read back by a Markdown parser as the same words in the same structure.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::tests::markdown;
use crate::selection::Selection;
use crate::{parse, to_text};

/// A run of text with one look.
#[derive(Debug, Clone)]
enum Span {
    Text(String),
    Emphasis(Vec<Span>),
    Strong(Vec<Span>),
    Struck(Vec<Span>),
    Code(String),
    Link(Vec<Span>),
    Break,
}

#[derive(Debug, Clone)]
enum Block {
    Paragraph(Vec<Span>),
    Heading(u8, Vec<Span>),
    Code(String),
    Quote(Vec<Block>),
    List(Option<u32>, Vec<Vec<Block>>),
    Table(Vec<Vec<Vec<Span>>>),
    Rule,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn spans_html(spans: &[Span], out: &mut String) {
    for span in spans {
        let (tag, inner) = match span {
            Span::Text(text) => {
                out.push_str(&escaped(text));
                continue;
            }
            Span::Code(code) => {
                out.push_str(&format!("<code>{}</code>", escaped(code)));
                continue;
            }
            Span::Break => {
                out.push_str("<br>");
                continue;
            }
            Span::Emphasis(inner) => ("em", inner),
            Span::Strong(inner) => ("strong", inner),
            Span::Struck(inner) => ("del", inner),
            Span::Link(inner) => ("a", inner),
        };
        let attributes = if tag == "a" { " href='/l'" } else { "" };
        out.push_str(&format!("<{tag}{attributes}>"));
        spans_html(inner, out);
        out.push_str(&format!("</{tag}>"));
    }
}

fn blocks_html(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(spans) => {
                out.push_str("<p>");
                spans_html(spans, out);
                out.push_str("</p>");
            }
            Block::Heading(level, spans) => {
                out.push_str(&format!("<h{level}>"));
                spans_html(spans, out);
                out.push_str(&format!("</h{level}>"));
            }
            Block::Code(code) => out.push_str(&format!("<pre>\n{}</pre>", escaped(code))),
            Block::Quote(inner) => {
                out.push_str("<blockquote>");
                blocks_html(inner, out);
                out.push_str("</blockquote>");
            }
            Block::List(start, items) => {
                out.push_str(&start.map_or("<ul>".to_owned(), |start| format!("<ol start={start}>")));
                for item in items {
                    out.push_str("<li>");
                    blocks_html(item, out);
                    out.push_str("</li>");
                }
                out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
            }
            Block::Table(rows) => {
                out.push_str("<table>");
                for (at, row) in rows.iter().enumerate() {
                    out.push_str("<tr>");
                    for cell in row {
                        out.push_str(if at == 0 { "<th>" } else { "<td>" });
                        spans_html(cell, out);
                    }
                    out.push_str("</tr>");
                }
                out.push_str("</table>");
            }
            Block::Rule => out.push_str("<hr>"),
        }
    }
}

/// Text of letters, and of everything that Markdown could take for syntax.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[a-zA-Z0-9]{1,6}",
        1 => "[a-z*_~`\\[\\]()<>&!#|\\\\+=:;.\"'^${}/@-]{1,6}",
        1 => "[äß東京。、「」é😀–—…]{1,3}",
        1 => "(#{1,7}|[0-9]{1,10}[.)]|[-+*>|=~_]{1,4}|&amp;|&#42;|<b>|</b>|<!--|\\[x\\]|https?://a\\.b/c_d_e|!\\[)",
    ];
    (prop::collection::vec(word, 1..6), any::<bool>(), any::<bool>()).prop_map(|(words, before, after)| {
        let space = |there| if there { " " } else { "" };
        format!("{}{}{}", space(before), words.join(" "), space(after))
    })
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    let leaf = prop_oneof![
        6 => text().prop_map(Span::Text),
        1 => text().prop_map(Span::Code),
        1 => Just(Span::Break),
    ];
    let span = leaf.prop_recursive(3, 12, 3, |inner| {
        let many = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many().prop_map(Span::Emphasis),
            many().prop_map(Span::Strong),
            many().prop_map(Span::Struck),
            prop::collection::vec(text().prop_map(Span::Text), 1..3).prop_map(Span::Link),
        ]
    });
    prop::collection::vec(span, 1..5)
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let leaf = prop_oneof![
        4 => spans().prop_map(Block::Paragraph),
        1 => (1_u8..7, spans()).prop_map(|(level, spans)| Block::Heading(level, spans)),
        1 => "[a-z`~#> \n]{0,12}x[a-z`~ \n]{0,12}y".prop_map(Block::Code),
        1 => Just(Block::Rule),
        1 => prop::collection::vec(prop::collection::vec(spans(), 2..4), 2..4).prop_map(Block::Table),
    ];
    let block = leaf.prop_recursive(3, 16, 3, |inner| {
        let many = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many().prop_map(Block::Quote),
            (prop::option::of(0_u32..1200), prop::collection::vec(many(), 1..4))
                .prop_map(|(start, items)| Block::List(start, items)),
        ]
    });
    prop::collection::vec(block, 1..5)
}

fn html(blocks: &[Block]) -> String {
    let mut html = String::new();
    blocks_html(blocks, &mut html);
    html
}

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS,
    )
}

/// The words that a reader of the Markdown sees; what is not a block boundary or a space keeps words together.
fn words(markdown: &str) -> Vec<String> {
    let mut seen = String::new();
    for event in events(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => seen.push_str(&text),
            Event::Html(html) | Event::InlineHtml(html) => seen.push_str(&format!(" HTML:{html} ")),
            Event::SoftBreak | Event::HardBreak | Event::Rule => seen.push(' '),
            Event::Start(tag) if !is_inline(&tag) => seen.push(' '),
            _ => {}
        }
    }
    seen.split_whitespace().map(str::to_owned).collect()
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}

/// The blocks that a Markdown parser sees.
fn structure(markdown: &str) -> Vec<String> {
    let mut outline = Vec::new();
    for event in events(markdown) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => outline.push(format!("h{}", level as u8)),
            Event::Start(Tag::BlockQuote(_)) => outline.push("quote(".to_owned()),
            Event::Start(Tag::CodeBlock(_)) => outline.push("code".to_owned()),
            Event::Start(Tag::List(start)) => outline.push(format!("list{start:?}(")),
            Event::Start(Tag::Item) => outline.push("item".to_owned()),
            Event::Start(Tag::Table(columns)) => outline.push(format!("table{}", columns.len())),
            Event::Start(Tag::TableRow | Tag::TableHead) => outline.push("row".to_owned()),
            Event::End(pulldown_cmark::TagEnd::BlockQuote(_) | pulldown_cmark::TagEnd::List(_)) => {
                outline.push(")".to_owned());
            }
            Event::Rule => outline.push("rule".to_owned()),
            Event::TaskListMarker(_) => outline.push("task".to_owned()),
            _ => {}
        }
    }
    outline
}

/// The same, of the blocks that were written.
fn expected_structure(blocks: &[Block], outline: &mut Vec<String>) {
    for block in blocks {
        match block {
            Block::Paragraph(_) => {}
            Block::Heading(level, spans) => {
                if !is_blank(spans) {
                    outline.push(format!("h{level}"));
                }
            }
            Block::Code(_) => outline.push("code".to_owned()),
            Block::Rule => outline.push("rule".to_owned()),
            Block::Quote(inner) => {
                let mut within = Vec::new();
                expected_structure(inner, &mut within);
                if !within.is_empty() || has_text(inner) {
                    outline.push("quote(".to_owned());
                    outline.append(&mut within);
                    outline.push(")".to_owned());
                }
            }
            Block::List(start, items) => expected_list(*start, items, outline),
            Block::Table(rows) => {
                let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
                outline.push(format!("table{columns}"));
                outline.extend(rows.iter().map(|_| "row".to_owned()));
            }
        }
    }
}

fn expected_list(start: Option<u32>, items: &[Vec<Block>], outline: &mut Vec<String>) {
    let mut is_open = false;
    for (at, item) in items.iter().enumerate() {
        let mut within = Vec::new();
        expected_structure(item, &mut within);
        if within.is_empty() && !has_text(item) {
            continue;
        }
        if !is_open {
            let first = start.map(|start| u64::from(start) + at as u64);
            outline.push(format!("list{first:?}("));
            is_open = true;
        }
        outline.push("item".to_owned());
        outline.append(&mut within);
    }
    if is_open {
        outline.push(")".to_owned());
    }
}

fn is_blank(spans: &[Span]) -> bool {
    let mut html = String::new();
    spans_html(spans, &mut html);
    parse(&html).text_content(parse(&html).document()).trim().is_empty()
}

fn has_text(blocks: &[Block]) -> bool {
    let dom = parse(&html(blocks));
    !dom.text_content(dom.document()).trim().is_empty()
}

fn plain_words(html: &str) -> Vec<String> {
    let dom = parse(html);
    let text = to_text(&dom, &Selection::new(&dom, [dom.document()]));
    text.replace(" | ", " ").split_whitespace().map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn words_survive(blocks in blocks()) {
        let html = html(&blocks);
        let markdown = markdown(&html);
        let read: Vec<String> = words(&markdown).into_iter().filter(|word| word != "|").collect();
        let plain: Vec<String> = plain_words(&html).into_iter().filter(|word| word != "|").collect();
        prop_assert_eq!(read, plain, "{}\n{}", html, markdown);
    }

    #[test]
    fn blocks_survive(blocks in blocks()) {
        let html = html(&blocks);
        let markdown = markdown(&html);
        let mut expected = Vec::new();
        expected_structure(&blocks, &mut expected);
        prop_assert_eq!(structure(&markdown), expected, "{}\n{}", html, markdown);
    }

    #[test]
    fn plain_text_needs_no_markup(text in text()) {
        let html = escaped(&text);
        let markdown = markdown(&html);
        let read: Vec<Event<'_>> = events(&markdown).collect();
        let expected = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let seen: String = read.iter().filter_map(|event| match event {
            Event::Text(text) => Some(text.to_string()),
            _ => None,
        }).collect();
        prop_assert_eq!(seen, expected, "{}", markdown);
    }
}

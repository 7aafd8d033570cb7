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
    Raised(Vec<Span>),
    Lowered(Vec<Span>),
    Exponent(i8),
    Quoted(Vec<Span>),
    Marked(Vec<Span>),
    Control(Vec<Span>),
    Ruby(String, String, bool),
    /// As MathML, or as the markup of KaTeX or MathJax, which draw it once more.
    Formula(&'static str, u8),
    Note(u8),
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
    Definitions(Vec<(Vec<Span>, Vec<Block>)>),
    Details(Vec<Span>, Vec<Block>),
    Figure(Vec<Span>, Vec<Span>),
    Tasks(Vec<(bool, Vec<Span>)>),
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
            Span::Exponent(exponent) => {
                out.push_str(&format!("<sup>{exponent}</sup>"));
                continue;
            }
            Span::Ruby(base, reading, has_brackets) => {
                let [open, close] = if *has_brackets { ["<rp>(</rp>", "<rp>)</rp>"] } else { ["", ""] };
                let (base, reading) = (escaped(base), escaped(reading));
                out.push_str(&format!("<ruby>{base}{open}<rt>{reading}</rt>{close}</ruby>"));
                continue;
            }
            Span::Formula(tex, form) => {
                out.push_str(&formula_html(tex, *form));
                continue;
            }
            Span::Note(number) => {
                out.push_str(&format!("<sup id=r{number}><a href='#n{number}'>{number}</a></sup>"));
                continue;
            }
            Span::Raised(inner) => ("sup", inner),
            Span::Lowered(inner) => ("sub", inner),
            Span::Quoted(inner) => ("q", inner),
            Span::Marked(inner) => ("abbr", inner),
            Span::Control(inner) => ("label", inner),
            Span::Emphasis(inner) => ("em", inner),
            Span::Strong(inner) => ("strong", inner),
            Span::Struck(inner) => ("del", inner),
            Span::Link(inner) => ("a", inner),
        };
        let attributes = if tag == "a" { format!(" href='/l{}'", inner.len()) } else { String::new() };
        out.push_str(&format!("<{tag}{attributes}>"));
        spans_html(inner, out);
        out.push_str(&format!("</{tag}>"));
    }
}

fn formula_html(tex: &str, form: u8) -> String {
    let annotated = format!(
        "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'>{tex}</annotation></semantics></math>"
    );
    match form {
        0 => annotated,
        1 => format!("<math display=block alttext='{tex}'><mi>x</mi></math>"),
        2 => format!(
            "<span class=katex><span class=katex-mathml>{annotated}</span><span class=katex-html aria-hidden=true>drawn</span></span>"
        ),
        3 => format!(
            "<span class=MathJax_Preview>drawn</span><span class=MathJax>drawn</span><script type='math/tex'>{tex}</script>"
        ),
        _ => format!("<img class=latex alt='{tex}' src=/i.png>"),
    }
}

fn element(name: &str, spans: &[Span], out: &mut String) {
    out.push_str(&format!("<{name}>"));
    spans_html(spans, out);
    out.push_str(&format!("</{name}>"));
}

fn blocks_html(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(spans) => element("p", spans, out),
            Block::Heading(level, spans) => element(&format!("h{level}"), spans, out),
            Block::Code(code) => out.push_str(&format!("<pre>\n{}</pre>", escaped(code))),
            Block::Quote(inner) => {
                out.push_str("<blockquote>");
                blocks_html(inner, out);
                out.push_str("</blockquote>");
            }
            Block::List(start, items) => list_html(*start, items, out),
            Block::Table(rows) => table_html(rows, out),
            Block::Rule => out.push_str("<hr>"),
            Block::Definitions(pairs) => {
                out.push_str("<dl>");
                for (term, definition) in pairs {
                    element("dt", term, out);
                    out.push_str("<dd>");
                    blocks_html(definition, out);
                    out.push_str("</dd>");
                }
                out.push_str("</dl>");
            }
            Block::Details(summary, inner) => {
                out.push_str("<details>");
                element("summary", summary, out);
                blocks_html(inner, out);
                out.push_str("</details>");
            }
            Block::Figure(content, caption) => {
                out.push_str("<figure>");
                spans_html(content, out);
                element("figcaption", caption, out);
                out.push_str("</figure>");
            }
            Block::Tasks(tasks) => {
                out.push_str("<ul>");
                for (is_done, task) in tasks {
                    out.push_str(if *is_done {
                        "<li><input type=checkbox checked>"
                    } else {
                        "<li><input type=checkbox>"
                    });
                    spans_html(task, out);
                    out.push_str("</li>");
                }
                out.push_str("</ul>");
            }
        }
    }
}

fn list_html(start: Option<u32>, items: &[Vec<Block>], out: &mut String) {
    out.push_str(&start.map_or("<ul>".to_owned(), |start| format!("<ol start={start}>")));
    for item in items {
        out.push_str("<li>");
        blocks_html(item, out);
        out.push_str("</li>");
    }
    out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
}

fn table_html(rows: &[Vec<Vec<Span>>], out: &mut String) {
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

/// Text of letters, and of everything that Markdown could take for syntax, but for dollars, which stay as they are.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[a-zA-Z0-9]{1,6}",
        1 => "[a-z*_~`\\[\\]()<>&!#|\\\\+=:;.\"'^{}/@-]{1,6}",
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
        1 => any::<i8>().prop_map(Span::Exponent),
        1 => ("[漢字a-z]{1,3}", "[かなa-z]{1,3}", any::<bool>())
            .prop_map(|(base, reading, has_brackets)| Span::Ruby(base, reading, has_brackets)),
        1 => (prop::sample::select(vec!["x_1", "\\frac{a}{b}", "a * b * c", "|x|", "f'[0]"]), 0_u8..5)
            .prop_map(|(tex, form)| Span::Formula(tex, if tex.contains('\'') { 0 } else { form })),
        1 => (1_u8..4).prop_map(Span::Note),
    ];
    let span = leaf.prop_recursive(3, 12, 3, |inner| {
        let many = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many().prop_map(Span::Emphasis),
            many().prop_map(Span::Strong),
            many().prop_map(Span::Struck),
            many().prop_map(Span::Raised),
            many().prop_map(Span::Lowered),
            many().prop_map(Span::Quoted),
            many().prop_map(Span::Marked),
            many().prop_map(Span::Control),
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
        1 => (spans(), spans()).prop_map(|(content, caption)| Block::Figure(content, caption)),
        1 => prop::collection::vec((any::<bool>(), spans()), 1..4).prop_map(Block::Tasks),
    ];
    let block = leaf.prop_recursive(3, 16, 3, |inner| {
        let many = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            many().prop_map(Block::Quote),
            prop::collection::vec((spans(), many()), 1..3).prop_map(Block::Definitions),
            (spans(), many()).prop_map(|(summary, inner)| Block::Details(summary, inner)),
            (prop::option::of(0_u32..1200), prop::collection::vec(many(), 1..4))
                .prop_map(|(start, items)| Block::List(start, items)),
        ]
    });
    prop::collection::vec(block, 1..5)
}

fn html(blocks: &[Block]) -> String {
    let mut html = String::new();
    blocks_html(blocks, &mut html);
    let notes = [
        (1, "<li id=n1>one <a href='#r1'>back</a></li>"),
        (2, "<li><p id=n2>two</p><ul><li>items</ul><a href='#r2'>↩</a></li>"),
        (3, "<li id=n3><p>three</p><pre>lines\n    of code</pre><p>long</p></li>"),
    ];
    let used = notes.iter().filter(|(number, _)| html.contains(&format!("'#n{number}'")));
    let used: String = used.map(|(_, note)| *note).collect();
    if !used.is_empty() {
        html.push_str(&format!("<ol>{used}</ol>"));
    }
    html
}

fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(
        markdown,
        Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_MATH,
    )
}

/// The words that a reader of the Markdown sees; what is not a block boundary or a space keeps words together.
fn words(markdown: &str) -> Vec<String> {
    let mut seen = String::new();
    for event in events(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                seen.push_str(&text)
            }
            Event::FootnoteReference(label) => seen.push_str(&format!("[{label}]")),
            Event::Start(Tag::FootnoteDefinition(label)) => seen.push_str(&format!(" [{label}] ")),
            Event::InlineHtml(html) if &*html == "<br>" => seen.push(' '),
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
            Block::Definitions(pairs) => {
                pairs.iter().for_each(|(_, definition)| expected_structure(definition, outline));
            }
            Block::Details(_, inner) => expected_structure(inner, outline),
            Block::Figure(..) => {}
            Block::Tasks(tasks) => {
                let tasks = tasks.iter().filter(|(_, task)| !is_blank(task)).count();
                if tasks > 0 {
                    outline.push("listNone(".to_owned());
                    outline.extend((0..tasks).flat_map(|_| ["item".to_owned(), "task".to_owned()]));
                    outline.push(")".to_owned());
                }
            }
        }
    }
}

fn expected_notes(html: &str, outline: &mut Vec<String>) {
    if html.contains("id=n2") {
        outline.extend(["listNone(", "item", ")"].map(str::to_owned));
    }
    if html.contains("id=n3") {
        outline.push("code".to_owned());
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
    plain_words(&html).is_empty()
}

fn has_text(blocks: &[Block]) -> bool {
    let mut html = String::new();
    blocks_html(blocks, &mut html);
    !plain_words(&html).is_empty()
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
        expected_notes(&html, &mut expected);
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

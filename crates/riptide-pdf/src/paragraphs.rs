//! From lines to headings, paragraphs and lists, written as markup.

use riptide_extract::escape;
use rustc_hash::FxHashMap;

use crate::lines::{Line, PageLines, Span};

/// Pages that a document needs before anything counts as repeated.
const FEWEST_PAGES: usize = 3;
/// The share of a page's height, at the top and at the bottom, that running titles and page numbers stand in.
const MARGIN: f64 = 0.12;
/// How much larger than the text a heading is.
const HEADING: f64 = 1.15;
/// Characters of a heading.
const LONGEST_HEADING: usize = 200;
/// The distance of base lines within a paragraph, in sizes of the font.
const LEADING: f64 = 1.75;
/// The indentation that begins a paragraph, in sizes of the font.
const INDENT: f64 = 0.9;
const BULLETS: [char; 8] = ['•', '◦', '‣', '▪', '■', '●', '∙', '·'];

/// The content of a document.
pub(crate) struct Content {
    pub(crate) markup: String,
    /// The text of the largest heading on the first page that has one.
    pub(crate) title: Option<String>,
}

/// Lines that belong together.
struct Paragraph {
    spans: Vec<Span>,
    size: f64,
    last: Line,
    is_item: bool,
    lines: usize,
}

/// Puts lines together.
pub(crate) fn of(mut pages: Vec<PageLines>) -> Content {
    drop_running(&mut pages);
    let body = body_size(&pages);
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for page in pages {
        for (at, line) in page.lines.into_iter().enumerate() {
            match paragraphs.last_mut().filter(|paragraph| continues(paragraph, &line, at == 0, body)) {
                Some(paragraph) => join(paragraph, line),
                None => paragraphs.push(start(line)),
            }
        }
    }
    write(&paragraphs, body)
}

/// Leaves out running titles and page numbers: lines in the margins that stand on most pages at the same place, but for digits.
fn drop_running(pages: &mut [PageLines]) {
    if pages.len() < FEWEST_PAGES {
        return;
    }
    let mut counts: FxHashMap<(String, i64), usize> = FxHashMap::default();
    for page in pages.iter() {
        let mut seen: Vec<_> = page.lines.iter().filter_map(|line| running_key(line, page.height)).collect();
        seen.sort();
        seen.dedup();
        for key in seen {
            *counts.entry(key).or_default() += 1;
        }
    }
    let most = pages.len() / 2;
    for page in pages {
        let height = page.height;
        page.lines.retain(|line| {
            running_key(line, height).is_none_or(|key| counts.get(&key).is_none_or(|&count| count <= most))
        });
    }
}

/// What makes lines of two pages the same; nothing for lines outside of the margins.
fn running_key(line: &Line, height: f64) -> Option<(String, i64)> {
    let is_margin = line.base < height * MARGIN || line.base > height * (1.0 - MARGIN);
    if !is_margin {
        return None;
    }
    let mut text = String::new();
    for character in line.text().trim().chars() {
        let character = if character.is_ascii_digit() { '#' } else { character };
        if character != '#' || !text.ends_with('#') {
            text.push(character);
        }
    }
    Some((text, (line.base / 4.0).round() as i64))
}

/// The size of the font that most characters are set in.
fn body_size(pages: &[PageLines]) -> f64 {
    let mut characters: FxHashMap<i64, usize> = FxHashMap::default();
    for line in pages.iter().flat_map(|page| &page.lines) {
        *characters.entry((line.size * 2.0).round() as i64).or_default() += line.text().len();
    }
    let most = characters.into_iter().max_by_key(|&(size, count)| (count, std::cmp::Reverse(size)));
    most.map_or(0.0, |(size, _)| size as f64 / 2.0)
}

fn is_heading_size(size: f64, body: f64) -> bool {
    size >= body * HEADING
}

fn is_item(line: &Line) -> bool {
    line.text().trim_start().starts_with(BULLETS)
}

/// Whether a line goes on with a paragraph.
fn continues(paragraph: &Paragraph, line: &Line, starts_page: bool, body: f64) -> bool {
    let last = &paragraph.last;
    let size = last.size.max(line.size);
    if (last.size - line.size).abs() > 0.1 * size || is_item(line) {
        return false;
    }
    let drop = line.base - last.base;
    // The next column or page goes on with a sentence that is not at its end.
    if starts_page || drop < 0.0 {
        let text = last.text();
        let is_open = !text.trim_end().ends_with(['.', '!', '?', ':', '。', '”', '"']);
        let goes_on = line.text().trim_start().starts_with(char::is_lowercase);
        return is_open && goes_on && !is_heading_size(size, body);
    }
    if drop < size * 0.3 || drop > size * LEADING {
        return false;
    }
    let is_indented = line.start > last.start + INDENT * size && paragraph.lines > 1;
    let hangs = paragraph.is_item || paragraph.lines == 1;
    !is_indented || hangs && line.start <= last.start + 3.0 * size && paragraph.is_item
}

fn start(line: Line) -> Paragraph {
    let is_item = is_item(&line);
    let mut spans = line.spans.clone();
    if let Some(first) = spans.first_mut().filter(|_| is_item) {
        first.text = first.text.trim_start().trim_start_matches(BULLETS).trim_start().to_owned();
    }
    Paragraph { spans, size: line.size, last: line, is_item, lines: 1 }
}

/// Adds a line. A hyphen at the end of the line before, between letters, parts a word; the word is joined.
fn join(paragraph: &mut Paragraph, line: Line) {
    let starts_small = line.text().trim_start().starts_with(char::is_lowercase);
    if let Some(span) = paragraph.spans.last_mut() {
        let text = span.text.trim_end();
        let parted = text
            .strip_suffix(['-', '\u{ad}', '\u{2010}'])
            .filter(|word| starts_small && word.ends_with(char::is_alphabetic))
            .map(str::to_owned);
        span.text = parted.unwrap_or_else(|| format!("{text} "));
    }
    for (at, span) in line.spans.iter().enumerate() {
        let text = if at == 0 { span.text.trim_start() } else { &span.text };
        match paragraph.spans.last_mut().filter(|last| last.link == span.link) {
            Some(last) => last.text.push_str(text),
            None => paragraph.spans.push(Span { text: text.to_owned(), link: span.link.clone() }),
        }
    }
    paragraph.last = line;
    paragraph.lines += 1;
}

fn write(paragraphs: &[Paragraph], body: f64) -> Content {
    let text =
        |paragraph: &Paragraph| paragraph.spans.iter().map(|span| span.text.as_str()).collect::<String>();
    let is_heading = |paragraph: &Paragraph| {
        is_heading_size(paragraph.size, body) && !paragraph.is_item && {
            let text = text(paragraph);
            text.chars().count() <= LONGEST_HEADING && text.chars().any(char::is_alphabetic)
        }
    };
    let mut sizes: Vec<i64> = paragraphs
        .iter()
        .filter(|paragraph| is_heading(paragraph))
        .map(|paragraph| (paragraph.size * 2.0).round() as i64)
        .collect();
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    sizes.dedup();
    let mut content = Content { markup: String::new(), title: None };
    let mut in_list = false;
    for paragraph in paragraphs {
        if paragraph.is_item != in_list {
            content.markup.push_str(if in_list { "</ul>" } else { "<ul>" });
            in_list = paragraph.is_item;
        }
        let tag = if paragraph.is_item {
            "li"
        } else if is_heading(paragraph) {
            let size = (paragraph.size * 2.0).round() as i64;
            match sizes.iter().position(|&known| known == size) {
                Some(0) => {
                    content.title.get_or_insert_with(|| text(paragraph).trim().to_owned());
                    "h1"
                }
                Some(1) => "h2",
                Some(2) => "h3",
                _ => "h4",
            }
        } else {
            "p"
        };
        content.markup.extend(["<", tag, ">"]);
        write_spans(&paragraph.spans, &mut content.markup);
        content.markup.extend(["</", tag, ">\n"]);
    }
    if in_list {
        content.markup.push_str("</ul>");
    }
    content
}

fn write_spans(spans: &[Span], markup: &mut String) {
    for span in spans {
        if let Some(address) = &span.link {
            markup.push_str("<a href=\"");
            escape(address, markup);
            markup.push_str("\">");
        }
        escape(&span.text, markup);
        if span.link.is_some() {
            markup.push_str("</a>");
        }
    }
}

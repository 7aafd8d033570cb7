//! From lines to headings, paragraphs and lists, written as markup.

use std::fmt::Write as _;

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
/// Lines shorter than this share of a full one end on purpose, if what follows begins like something new.
const SHORT: f64 = 0.6;
/// The indentation that begins a paragraph, in sizes of the font.
const INDENT: f64 = 0.9;
const HYPHENS: [char; 3] = ['-', '\u{ad}', '\u{2010}'];
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
    mark: Option<Mark>,
    lines: usize,
}

/// What an entry of a list begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Bullet,
    Number(u32),
}

impl Mark {
    /// The mark that a line begins with, and the bytes that it takes. A number is one if it is the first or the `expected` one.
    fn of(line: &Line, expected: u32) -> Option<(Self, usize)> {
        let text = line.text();
        let bare = text.trim_start();
        let indent = text.len() - bare.len();
        if bare.starts_with(BULLETS) {
            let content = bare.trim_start_matches(BULLETS).trim_start();
            return Some((Self::Bullet, text.len() - content.len()));
        }
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        let number: u32 = bare.get(..digits)?.parse().ok()?;
        let content = bare.get(digits..)?.strip_prefix(['.', ')'])?;
        let is_set_off = content.starts_with(' ') && !content.trim().is_empty();
        let size = indent + digits + 1;
        (is_set_off && (number == 1 || number == expected)).then_some((Self::Number(number), size))
    }
}

/// Puts lines together.
pub(crate) fn of(mut pages: Vec<PageLines>) -> Content {
    drop_running(&mut pages);
    let body = body_size(&pages);
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let mut expected = 1;
    for page in pages {
        let full = full_width(&page, body);
        for (at, line) in page.lines.into_iter().enumerate() {
            let is_heading = is_heading_size(line.size, body);
            let mark = Mark::of(&line, expected).filter(|(mark, _)| *mark == Mark::Bullet || !is_heading);
            if let Some((Mark::Number(number), _)) = mark {
                expected = number.saturating_add(1);
            }
            let goes_on = |paragraph: &&mut Paragraph| {
                continues(paragraph, &line, at == 0, body, full) && mark.is_none()
            };
            match paragraphs.last_mut().filter(goes_on) {
                Some(paragraph) => join(paragraph, line),
                None => paragraphs.push(start(line, mark)),
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

/// How wide a full line of a page's text is: three quarters of its lines of that size are no wider.
fn full_width(page: &PageLines, body: f64) -> f64 {
    let lines = page.lines.iter().filter(|line| !is_heading_size(line.size, body));
    let mut widths: Vec<f64> = lines.map(|line| line.end - line.start).collect();
    let place = widths.len() * 3 / 4;
    if place == 0 {
        return 0.0;
    }
    *widths.select_nth_unstable_by(place, f64::total_cmp).1
}

fn is_heading_size(size: f64, body: f64) -> bool {
    size >= body * HEADING
}

/// Whether a line goes on with a paragraph.
fn continues(paragraph: &Paragraph, line: &Line, starts_page: bool, body: f64, full: f64) -> bool {
    let last = &paragraph.last;
    let size = last.size.max(line.size);
    if (last.size - line.size).abs() > 0.1 * size {
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
    let is_short = last.end - last.start < SHORT * full && !last.text().trim_end().ends_with(HYPHENS);
    let begins_anew = !line.text().trim_start().starts_with(char::is_lowercase);
    if is_short && begins_anew && !is_heading_size(size, body) {
        return false;
    }
    let is_indented = line.start > last.start + INDENT * size && paragraph.lines > 1;
    !is_indented || paragraph.mark.is_some() && line.start <= last.start + 3.0 * size
}

fn start(line: Line, mark: Option<(Mark, usize)>) -> Paragraph {
    let mut spans = line.spans.clone();
    let mut left = mark.map_or(0, |(_, size)| size);
    for span in &mut spans {
        let taken = left.min(span.text.len());
        left -= taken;
        span.text = span.text.get(taken..).unwrap_or_default().to_owned();
        if left > 0 || span.text.trim().is_empty() {
            continue;
        }
        if mark.is_some() {
            span.text = span.text.trim_start().to_owned();
        }
        break;
    }
    Paragraph { spans, size: line.size, last: line, mark: mark.map(|(mark, _)| mark), lines: 1 }
}

/// Adds a line. A hyphen at the end of the line before, between letters, parts a word; the word is joined.
fn join(paragraph: &mut Paragraph, line: Line) {
    let starts_small = line.text().trim_start().starts_with(char::is_lowercase);
    if let Some(span) = paragraph.spans.last_mut() {
        let text = span.text.trim_end();
        let parted = text
            .strip_suffix(HYPHENS)
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
        is_heading_size(paragraph.size, body) && paragraph.mark.is_none() && {
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
    let mut list: Option<&str> = None;
    for paragraph in paragraphs {
        let wanted = paragraph.mark.map(|mark| if mark == Mark::Bullet { "ul" } else { "ol" });
        let starts_anew = paragraph.mark == Some(Mark::Number(1));
        if wanted != list || starts_anew {
            end_list(&mut content.markup, list);
            match paragraph.mark {
                Some(Mark::Number(number)) => {
                    let _ = write!(content.markup, "<ol start=\"{number}\">");
                }
                Some(Mark::Bullet) => content.markup.push_str("<ul>"),
                None => {}
            }
            list = wanted;
        }
        let tag = if paragraph.mark.is_some() {
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
    end_list(&mut content.markup, list);
    content
}

fn end_list(markup: &mut String, list: Option<&str>) {
    if let Some(name) = list {
        markup.extend(["</", name, ">"]);
    }
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

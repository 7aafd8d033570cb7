//! From glyphs to lines, in the order in which they are read.

use crate::glyphs::{Drawn, Glyph};

/// How far a glyph may stand off a base line and still be on it, in sizes of its font.
const OFF_BASE: f64 = 0.35;
/// The gap between glyphs that is a space, in sizes of the font.
const SPACE: f64 = 0.16;
/// The gap that parts what stands in a line from what merely stands beside it.
const APART: f64 = 1.6;
/// Lines in each of two columns.
const FEWEST_IN_COLUMN: usize = 4;

/// A piece of a line with one link, or none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) link: Option<String>,
}

/// A line of text.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) base: f64,
    pub(crate) size: f64,
}

impl Line {
    /// Its text without links.
    pub(crate) fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// The lines of a page.
#[derive(Debug)]
pub(crate) struct PageLines {
    pub(crate) lines: Vec<Line>,
    pub(crate) height: f64,
}

/// Puts glyphs together to lines.
pub(crate) fn of(drawn: Drawn) -> PageLines {
    let Drawn { glyphs, links, width, height, .. } = drawn;
    let mut lines: Vec<Line> = Vec::new();
    for glyph in &glyphs {
        let link = glyph.link.and_then(|at| links.get(at));
        match lines.last_mut().filter(|line| continues(line, glyph)) {
            Some(line) => extend(line, glyph, link),
            None if glyph.text.trim().is_empty() => {}
            None => lines.push(Line {
                spans: vec![Span { text: glyph.text.clone(), link: link.cloned() }],
                start: glyph.start,
                end: glyph.end,
                base: glyph.base,
                size: glyph.size,
            }),
        }
    }
    lines.retain(|line| !line.text().trim().is_empty());
    PageLines { lines: in_reading_order(lines, width), height }
}

/// Whether a glyph goes on with a line: on its base, and not far from its end.
fn continues(line: &Line, glyph: &Glyph) -> bool {
    let size = line.size.max(glyph.size);
    let gap = glyph.start - line.end;
    (glyph.base - line.base).abs() <= OFF_BASE * size && gap <= APART * size && gap >= -size
}

fn extend(line: &mut Line, glyph: &Glyph, link: Option<&String>) {
    let ends_open = line.spans.last().is_some_and(|span| !span.text.ends_with(char::is_whitespace));
    let is_space = glyph.text.chars().all(char::is_whitespace);
    let needs_space = ends_open && !is_space && glyph.start - line.end > SPACE * line.size.min(glyph.size);
    let continues = line.spans.last().is_some_and(|span| span.link.as_ref() == link);
    if let Some(span) = line.spans.last_mut().filter(|_| needs_space || continues || is_space) {
        if needs_space {
            span.text.push(' ');
        }
        if continues || is_space {
            if !is_space || ends_open {
                span.text.push_str(if is_space { " " } else { &glyph.text });
            }
            line.end = glyph.end.max(line.end);
            line.size = line.size.max(glyph.size);
            return;
        }
    }
    line.spans.push(Span { text: glyph.text.clone(), link: link.cloned() });
    line.end = glyph.end.max(line.end);
    line.size = line.size.max(glyph.size);
}

/// Lines come in the order of drawing, which most programs keep to that of reading. Those that draw two columns line by line do not: their
/// pages are put in order by the gap between the columns.
fn in_reading_order(lines: Vec<Line>, width: f64) -> Vec<Line> {
    let Some(gutter) = gutter(&lines, width) else { return lines };
    let mut sorted = lines;
    sorted.sort_by(|one, other| one.base.total_cmp(&other.base));
    let (mut ordered, mut left, mut right) = (Vec::with_capacity(sorted.len()), Vec::new(), Vec::new());
    for line in sorted {
        if line.end <= gutter {
            left.push(line);
        } else if line.start >= gutter {
            right.push(line);
        } else {
            ordered.append(&mut left);
            ordered.append(&mut right);
            ordered.push(line);
        }
    }
    ordered.append(&mut left);
    ordered.append(&mut right);
    ordered
}

/// The middle of the gap between two columns that are drawn line by line, if the page has such.
fn gutter(lines: &[Line], width: f64) -> Option<f64> {
    let candidates = (0..=20).map(|step| width * (0.4 + 0.01 * f64::from(step)));
    let crossing = |at: f64| lines.iter().filter(|line| line.start < at && line.end > at).count();
    let best = candidates.min_by_key(|&at| (crossing(at), ((at - width / 2.0).abs() * 10.0) as u64))?;
    let left = lines.iter().filter(|line| line.end <= best).count();
    let right = lines.iter().filter(|line| line.start >= best).count();
    // Drawn column by column, the order changes sides a few times; line by line, with nearly each line.
    let sides: Vec<bool> = lines
        .iter()
        .filter(|line| line.end <= best || line.start >= best)
        .map(|line| line.start >= best)
        .collect();
    let changes = sides.iter().zip(sides.iter().skip(1)).filter(|(one, other)| one != other).count();
    let has_columns = left.min(right) >= FEWEST_IN_COLUMN && crossing(best) * 4 <= lines.len();
    (has_columns && changes >= left.min(right)).then_some(best)
}

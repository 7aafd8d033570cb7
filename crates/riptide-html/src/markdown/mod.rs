//! Content as Markdown: CommonMark 0.31 with the tables, task lists, strikethrough, footnotes and formulas of GitHub
//! Flavored Markdown.

mod escape;
mod flanking;
mod frames;
mod inline;
mod language;
mod leaf;
mod target;

use html5ever::{LocalName, local_name};
use rustc_hash::FxHashSet;

use crate::base::BaseUrl;
use crate::dom::{Dom, NodeId};
use crate::flow::{Flow, Sink};
use crate::fold::folded;
use crate::math::Formula;
use crate::media::alternative;
use crate::selection::Selection;
use crate::table::{Alignment, Shape, Slots, Span, is_row_group};
use crate::tags::Kind;
use frames::Frames;
use inline::{Inline, Style};
pub(crate) use language::language;
use leaf::{Place, longest_run};
use target::Target;

/// The selection as Markdown. Links and images are absolute; those that lead to no place show their text, or nothing.
/// Tables of data become tables, others the blocks in them.
#[must_use]
pub fn to_markdown(dom: &Dom, selection: &Selection, base: &BaseUrl) -> String {
    let mut sink = Markdown::new(dom);
    Flow::new(dom, selection, Some(base), &mut sink).run();
    if !sink.out.is_empty() {
        sink.out.push('\n');
    }
    sink.out
}

struct Markdown<'d> {
    dom: &'d Dom,
    out: String,
    frames: Frames,
    inline: Inline,
    /// The level of the heading that is open.
    heading: Option<u8>,
    /// A check box waits for its text.
    check_box: Option<bool>,
    table: Option<Grid>,
    /// The leaves that hold nothing but images, as hashes of their addresses and alternative texts.
    images: FxHashSet<u64>,
}

/// The table that is open.
struct Grid {
    shape: Shape,
    slots: Slots,
    is_first_row: bool,
    row_has_cells: bool,
    /// Columns that the cell at hand covers.
    cell_columns: usize,
}

impl<'d> Markdown<'d> {
    fn new(dom: &'d Dom) -> Self {
        Self {
            dom,
            out: String::new(),
            frames: Frames::default(),
            inline: Inline::default(),
            heading: None,
            check_box: None,
            table: None,
            images: FxHashSet::default(),
        }
    }

    /// Begins the line of a row with its first cell: rows without cells are none.
    fn start_cell(&mut self, id: NodeId) {
        let Some(grid) = &mut self.table else { return };
        if !grid.row_has_cells {
            grid.row_has_cells = true;
            if !grid.is_first_row {
                self.frames.next_line(&mut self.out);
            } else {
                self.frames.start_block(&mut self.out);
                if !grid.shape.has_header {
                    write_blank_cells(&mut self.out, grid.shape.alignments.len());
                    self.out.push('|');
                    write_delimiters(&mut self.out, &self.frames, &grid.shape.alignments);
                    self.frames.next_line(&mut self.out);
                }
            }
        }
        while grid.slots.pass_covered() {
            write_blank_cells(&mut self.out, 1);
        }
        let span = Span::of(self.dom, id);
        grid.slots.place(span);
        grid.cell_columns = span.columns as usize;
        self.out.push_str("| ");
    }

    fn end_cell(&mut self) {
        let Some(grid) = &self.table else { return };
        self.inline.write(&mut self.out, &Place::Cell);
        self.out.push(' ');
        write_blank_cells(&mut self.out, grid.cell_columns - 1);
    }

    fn end_row(&mut self) {
        let Some(grid) = &mut self.table else { return };
        if !grid.row_has_cells {
            return;
        }
        let is_header = grid.is_first_row && grid.shape.has_header;
        if is_header {
            // The header must be as wide as the table; other rows may end early.
            let missing = grid.shape.alignments.len().saturating_sub(grid.slots.column());
            write_blank_cells(&mut self.out, missing);
        }
        self.out.push('|');
        grid.slots.end_row(|_| {});
        if is_header {
            write_delimiters(&mut self.out, &self.frames, &grid.shape.alignments);
        }
        (grid.is_first_row, grid.row_has_cells) = (false, false);
    }
}

impl Sink for Markdown<'_> {
    fn text(&mut self, piece: &str) {
        if piece == " " {
            self.inline.gap(' ');
        } else {
            self.inline.text(piece);
        }
    }

    fn line_break(&mut self) {
        self.inline.gap('\n');
    }

    fn end_leaf(&mut self) {
        if self.inline.is_empty() || self.table.as_ref().is_some_and(|grid| grid.row_has_cells) {
            return;
        }
        // Scripts that let images slide by put copies of them into the page.
        if let Some(images) = self.inline.images_alone()
            && !self.images.insert(images)
        {
            self.inline.start_leaf();
            return;
        }
        self.frames.start_block(&mut self.out);
        match (self.heading, self.check_box.take()) {
            (Some(level), _) => {
                self.out.extend(std::iter::repeat_n('#', usize::from(level)));
                self.out.push(' ');
                self.inline.write(&mut self.out, &Place::Heading);
                return;
            }
            (None, Some(is_checked)) => self.out.push_str(if is_checked { "[x] " } else { "[ ] " }),
            (None, None) => {}
        }
        self.inline.write(&mut self.out, &Place::Paragraph(&self.frames));
    }

    fn enter(&mut self, kind: Kind, id: NodeId) {
        match kind {
            Kind::Heading(level) => self.heading = Some(level),
            Kind::Quote => self.frames.enter_quote(),
            Kind::List => self.frames.enter_list(first_number(self.dom, id)),
            Kind::Item => self
                .frames
                .enter_item(integer(self.dom, id, &local_name!("value")), has_paragraphs(self.dom, id)),
            Kind::Row => {
                if let Some(grid) = &mut self.table {
                    grid.slots.start_row();
                }
            }
            Kind::Cell => self.start_cell(id),
            _ => {
                if let Some(style) = style(kind) {
                    self.inline.open_style(style);
                }
            }
        }
    }

    fn leave(&mut self, kind: Kind, id: NodeId) {
        match kind {
            Kind::Heading(_) => self.heading = None,
            Kind::Quote | Kind::List | Kind::Note => self.frames.leave(),
            Kind::Item => {
                self.frames.leave();
                self.check_box = None;
            }
            Kind::Row => self.end_row(),
            Kind::Cell => self.end_cell(),
            Kind::Table => self.table = None,
            Kind::Link => self.inline.close_link(),
            Kind::Block if is_row_group(self.dom, id) => {
                if let Some(grid) = &mut self.table {
                    grid.slots.end_group();
                }
            }
            _ => {
                if let Some(style) = style(kind) {
                    self.inline.close_style(style);
                }
            }
        }
    }

    fn enter_table(&mut self, shape: Shape) {
        let slots = Slots::default();
        self.table = Some(Grid { shape, slots, is_first_row: true, row_has_cells: false, cell_columns: 1 });
    }

    fn enter_link(&mut self, id: NodeId, url: String) {
        self.inline.open_link(Target { url, title: title(self.dom, id) });
    }

    fn image(&mut self, id: NodeId, url: String) {
        self.inline.image(alternative(self.dom, id), Target { url, title: title(self.dom, id) });
    }

    fn formula(&mut self, formula: &Formula) {
        let Formula { tex, is_display } = formula;
        self.inline.verbatim(if *is_display { format!("$${tex}$$") } else { format!("${tex}$") }, tex);
    }

    fn note_reference(&mut self, label: &str) {
        self.inline.verbatim(format!("[^{label}]"), &format!("[{label}]"));
    }

    fn enter_note(&mut self, label: &str) {
        self.frames.enter_note(label);
    }

    fn code_block(&mut self, code: &str, id: NodeId) {
        self.frames.start_block(&mut self.out);
        let fence = longest_run(code, b'`').saturating_add(1).max(3);
        self.out.extend(std::iter::repeat_n('`', fence));
        self.out.push_str(language(self.dom, id).unwrap_or_default());
        for line in code.lines() {
            if line.is_empty() {
                self.frames.blank_line(&mut self.out);
            } else {
                self.frames.next_line(&mut self.out);
                self.out.push_str(line);
            }
        }
        self.frames.next_line(&mut self.out);
        self.out.extend(std::iter::repeat_n('`', fence));
    }

    fn rule(&mut self) {
        // Behind the mark of an item, hyphens would make the whole line a rule.
        let rule = if self.frames.is_item_pending() { "___" } else { "---" };
        self.frames.start_block(&mut self.out);
        self.out.push_str(rule);
    }

    fn check_box(&mut self, is_checked: bool) {
        if self.frames.is_item_pending() {
            self.check_box = Some(is_checked);
        }
    }
}

fn write_blank_cells(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n("|  ", count));
}

fn write_delimiters(out: &mut String, frames: &Frames, alignments: &[Alignment]) {
    frames.next_line(out);
    out.push('|');
    out.extend(alignments.iter().map(|alignment| match alignment {
        Alignment::Unset => " --- |",
        Alignment::Left => " :--- |",
        Alignment::Center => " :---: |",
        Alignment::Right => " ---: |",
    }));
}

fn style(kind: Kind) -> Option<Style> {
    match kind {
        Kind::Emphasis => Some(Style::Emphasis),
        Kind::Strong => Some(Style::Strong),
        Kind::Struck => Some(Style::Struck),
        Kind::Code => Some(Style::Code),
        _ => None,
    }
}

fn title(dom: &Dom, id: NodeId) -> String {
    dom.attribute(id, &local_name!("title")).map(folded).unwrap_or_default()
}

/// The number of the first item, if the list is an ordered one.
fn first_number(dom: &Dom, list: NodeId) -> Option<u32> {
    dom.is_html(list, &local_name!("ol")).then(|| integer(dom, list, &local_name!("start")).unwrap_or(1))
}

fn integer(dom: &Dom, id: NodeId, name: &LocalName) -> Option<u32> {
    let number = dom.attribute(id, name)?.trim_ascii().parse().ok()?;
    (number <= Frames::LARGEST_NUMBER).then_some(number)
}

fn has_paragraphs(dom: &Dom, item: NodeId) -> bool {
    dom.children(item).any(|child| dom.is_html(child, &local_name!("p")))
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

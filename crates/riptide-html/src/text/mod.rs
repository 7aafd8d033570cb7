//! Content as plain text.

use crate::dom::{Dom, NodeId};
use crate::flow::{Flow, Sink};
use crate::selection::Selection;
use crate::table::Shape;
use crate::tags::Kind;

/// The selection as plain text: a blank line between blocks, list items and table rows on lines of their own, cells
/// separated by ` | `. It has the same words as the Markdown.
#[must_use]
pub fn to_text(dom: &Dom, selection: &Selection) -> String {
    let mut sink = Text::default();
    Flow::new(dom, selection, None, &mut sink).run();
    if !sink.out.is_empty() {
        sink.out.push('\n');
    }
    sink.out
}

#[derive(Default)]
struct Text {
    out: String,
    /// Line ends due before the next text.
    line_ends: usize,
    lists: usize,
    in_table: bool,
    in_cell: bool,
    /// The row has a cell with text before the one at hand.
    cell_due: bool,
    row_has_text: bool,
    /// What the footnote at hand begins with, until it has text.
    mark: Option<String>,
}

impl Text {
    fn block_ends(&mut self, line_ends: usize) {
        self.line_ends = self.line_ends.max(line_ends);
    }
}

impl Sink for Text {
    fn text(&mut self, piece: &str) {
        if self.line_ends > 0 {
            if !self.out.is_empty() {
                self.out.push_str(if self.line_ends > 1 { "\n\n" } else { "\n" });
            }
            self.line_ends = 0;
        }
        if self.in_cell {
            if self.cell_due {
                self.out.push_str(" | ");
                self.cell_due = false;
            }
            self.row_has_text = true;
        }
        if let Some(mark) = self.mark.take() {
            self.out.push_str(&mark);
        }
        self.out.push_str(piece);
    }

    fn line_break(&mut self) {
        self.out.push(if self.in_cell { ' ' } else { '\n' });
    }

    fn end_leaf(&mut self) {
        self.block_ends(if self.lists > 0 || self.in_table { 1 } else { 2 });
    }

    fn enter(&mut self, kind: Kind, _id: NodeId) {
        match kind {
            Kind::List => self.lists += 1,
            Kind::Row => (self.cell_due, self.row_has_text) = (false, false),
            Kind::Cell => {
                self.in_cell = true;
                self.cell_due = self.row_has_text;
            }
            _ => {}
        }
    }

    fn leave(&mut self, kind: Kind, _id: NodeId) {
        match kind {
            Kind::List => {
                self.lists = self.lists.saturating_sub(1);
                self.end_leaf();
            }
            Kind::Cell => self.in_cell = false,
            Kind::Note => self.mark = None,
            Kind::Table => {
                self.in_table = false;
                self.block_ends(2);
            }
            _ => {}
        }
    }

    fn enter_table(&mut self, _shape: Shape) {
        self.block_ends(2);
        self.in_table = true;
    }

    fn enter_note(&mut self, label: &str) {
        self.mark = Some(format!("[{label}] "));
    }

    fn code_block(&mut self, code: &str, _id: NodeId) {
        self.block_ends(2);
        self.text(code);
        self.block_ends(2);
    }
}

#[cfg(test)]
mod tests;

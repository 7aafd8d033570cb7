//! The grid of a table: which cell covers which columns and rows (HTML §4.9.12), and whether it holds data at all.

use html5ever::{LocalName, local_name};
use riptide_types::Table;

use crate::dom::{Dom, NodeId, Visit};
use crate::flow::{Flow, Sink};
use crate::selection::Selection;
use crate::tags::{Kind, kind};

/// HTML's own limits of `colspan` and `rowspan`.
const MOST_COLUMNS: u32 = 1000;
const MOST_ROWS: u32 = 65_534;

/// What the writers must know of a data table before they write its first row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Whether the first row names the columns.
    pub(crate) has_header: bool,
    /// One for each column.
    pub(crate) alignments: Vec<Alignment>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Alignment {
    #[default]
    Unset,
    Left,
    Center,
    Right,
}

/// The columns and rows that a cell covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) columns: u32,
    pub(crate) rows: u32,
}

impl Span {
    pub(crate) fn of(dom: &Dom, cell: NodeId) -> Self {
        let columns = number(dom, cell, &local_name!("colspan")).clamp(1, MOST_COLUMNS);
        let rows = match number(dom, cell, &local_name!("rowspan")) {
            // To the end of the row group.
            0 => MOST_ROWS,
            rows => rows.min(MOST_ROWS),
        };
        Self { columns, rows }
    }
}

fn number(dom: &Dom, id: NodeId, name: &LocalName) -> u32 {
    let digits = dom.attribute(id, name).unwrap_or_default().trim_ascii_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    match digits.get(..end) {
        None | Some("") => 1,
        Some(digits) => digits.parse().unwrap_or(u32::MAX),
    }
}

/// Walks along the rows of a table and knows the columns that cells of rows above still cover.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slots {
    /// For each column, how many rows from here on are covered from above.
    covered: Vec<u32>,
    column: usize,
}

impl Slots {
    pub(crate) fn start_row(&mut self) {
        self.column = 0;
    }

    /// Passes over the next column if it is covered from above, and says whether it was.
    pub(crate) fn pass_covered(&mut self) -> bool {
        match self.covered.get_mut(self.column) {
            Some(rows) if *rows > 0 => {
                *rows -= 1;
                self.column += 1;
                true
            }
            _ => false,
        }
    }

    /// Puts a cell at the next column.
    pub(crate) fn place(&mut self, span: Span) {
        let end = self.column + span.columns as usize;
        if self.covered.len() < end {
            self.covered.resize(end, 0);
        }
        for rows in self.covered.iter_mut().take(end).skip(self.column) {
            *rows = span.rows - 1;
        }
        self.column = end;
    }

    /// Passes over the rest of the columns; `each` hears of every one whether it is covered from above.
    pub(crate) fn end_row(&mut self, mut each: impl FnMut(bool)) {
        for rows in self.covered.iter_mut().skip(self.column) {
            each(*rows > 0);
            *rows = rows.saturating_sub(1);
        }
        self.column = self.covered.len();
    }

    /// No cell reaches over the end of its row group.
    pub(crate) fn end_group(&mut self) {
        self.covered.fill(0);
    }

    /// The next column.
    pub(crate) fn column(&self) -> usize {
        self.column
    }

    fn columns(&self) -> usize {
        self.covered.len()
    }
}

/// The shape of a table of data; `None` for a table that only lays out what is in it: one that says so, has a single
/// row or column, holds another table, headings other than those of its rows and columns or code of several lines, holds code,
/// lists or long texts without naming rows or columns, or claims far more room by its spans than its cells have.
pub(crate) fn data_table(dom: &Dom, selection: &Selection, table: NodeId) -> Option<Shape> {
    if matches!(dom.attribute(table, &local_name!("role")), Some("presentation" | "none")) {
        return None;
    }
    let mut survey = Survey::default();
    let mut walk = dom.walk(table);
    walk.next();
    while let Some(visit) = walk.next() {
        match visit {
            Visit::Enter(id) if selection.is_dropped(id) => walk.skip_subtree(id),
            Visit::Enter(id) => match kind(dom, id) {
                Kind::Unread => walk.skip_children(),
                kind => survey.enter(dom, id, kind)?,
            },
            Visit::Leave(id) => survey.leave(dom, id)?,
        }
    }
    survey.shape()
}

/// What a look over a table found.
#[derive(Default)]
struct Survey {
    slots: Slots,
    alignments: Vec<Alignment>,
    rows: usize,
    cells: usize,
    /// Columns times rows, spans counted.
    room: usize,
    has_header: bool,
    names_something: bool,
    has_blocks: bool,
    /// Of the row and the cell at hand.
    row_cells: usize,
    row_is_header: bool,
    in_header_cell: bool,
    paragraphs: usize,
    text: usize,
    longest: usize,
    /// Of the row, its text, and how much of it is bold.
    row_text: usize,
    row_strong_text: usize,
    /// Open elements that set their text in bold.
    strong: usize,
    /// Whether all text is bold of the first row, and of any other.
    first_is_strong: bool,
    other_is_strong: bool,
}

impl Survey {
    /// Spans may claim this many places for each cell, on average. Real tables stay far below.
    const ROOM_PER_CELL: usize = 16;
    /// Bytes of text in one cell beyond which a table without names is layout.
    const LONG_TEXT: usize = 1500;

    /// `None` when what is entered makes the table layout.
    fn enter(&mut self, dom: &Dom, id: NodeId, kind: Kind) -> Option<()> {
        match kind {
            Kind::Table | Kind::Rule => return None,
            Kind::Heading(_) if !self.in_header_cell => return None,
            Kind::Preformatted if dom.text_content(id).trim().contains('\n') => return None,
            Kind::Quote | Kind::List | Kind::Item | Kind::Term | Kind::Preformatted => self.has_blocks = true,
            Kind::Strong => self.strong += 1,
            Kind::Block if dom.is_html(id, &local_name!("p")) => self.paragraphs += 1,
            Kind::Row => {
                self.slots.start_row();
                self.row_cells = 0;
                (self.row_text, self.row_strong_text) = (0, 0);
                self.row_is_header =
                    dom.parent(id).is_some_and(|group| dom.is_html(group, &local_name!("thead")));
            }
            Kind::Cell => self.enter_cell(dom, id),
            _ => {
                let text = dom.text(id).map_or(0, |text| text.trim_ascii().len());
                self.text += text;
                self.row_strong_text += if self.strong > 0 { text } else { 0 };
            }
        }
        Some(())
    }

    fn enter_cell(&mut self, dom: &Dom, id: NodeId) {
        while self.slots.pass_covered() {}
        let span = Span::of(dom, id);
        self.slots.place(span);
        self.room += span.columns as usize;
        let names = dom.is_html(id, &local_name!("th"));
        self.in_header_cell = names;
        self.names_something |= names;
        if self.row_cells == 0 {
            self.row_is_header |= names;
        } else if !dom
            .parent(id)
            .and_then(|row| dom.parent(row))
            .is_some_and(|group| dom.is_html(group, &local_name!("thead")))
        {
            self.row_is_header &= names;
        }
        self.row_cells += 1;
        (self.paragraphs, self.text) = (0, 0);
        if self.rows == 0 {
            self.alignments.resize(self.slots.column, alignment(dom, id));
        }
    }

    fn leave(&mut self, dom: &Dom, id: NodeId) -> Option<()> {
        match kind(dom, id) {
            Kind::Row if self.row_cells > 0 => {
                self.slots.end_row(|_| {});
                self.has_header |= self.rows == 0 && self.row_is_header;
                let is_strong = self.row_text > 0 && self.row_strong_text == self.row_text;
                self.first_is_strong |= self.rows == 0 && is_strong;
                self.other_is_strong |= self.rows > 0 && is_strong;
                self.rows += 1;
                self.cells += self.row_cells;
                self.room += self.slots.columns();
                if self.room > self.cells * Self::ROOM_PER_CELL + usize::try_from(MOST_COLUMNS).unwrap_or(0) {
                    return None;
                }
            }
            Kind::Cell => {
                self.has_blocks |= self.paragraphs > 1;
                self.row_text += self.text;
                self.longest = self.longest.max(self.text);
            }
            Kind::Strong => self.strong = self.strong.saturating_sub(1),
            Kind::Block if is_row_group(dom, id) => self.slots.end_group(),
            _ => {}
        }
        Some(())
    }

    fn shape(mut self) -> Option<Shape> {
        let columns = self.slots.columns();
        let is_layout = columns < 2
            || self.rows < 2
            || (!self.names_something && (self.has_blocks || self.longest > Self::LONG_TEXT));
        self.alignments.resize(columns, Alignment::Unset);
        if is_layout {
            None
        } else {
            let is_titled = self.first_is_strong && !self.other_is_strong && !self.names_something;
            Some(Shape { has_header: self.has_header || is_titled, alignments: self.alignments })
        }
    }
}

/// Whether the element is a group of rows, which no cell reaches out of.
pub(crate) fn is_row_group(dom: &Dom, id: NodeId) -> bool {
    dom.html_name(id).is_some_and(|name| {
        matches!(*name, local_name!("thead") | local_name!("tbody") | local_name!("tfoot"))
    })
}

fn alignment(dom: &Dom, cell: NodeId) -> Alignment {
    let style = dom.attribute(cell, &local_name!("style")).unwrap_or_default();
    let by_style = style.split(';').find_map(|rule| {
        let (property, value) = rule.split_once(':')?;
        property.trim().eq_ignore_ascii_case("text-align").then(|| value.trim())
    });
    match by_style.or_else(|| dom.attribute(cell, &local_name!("align"))) {
        Some(value) if value.eq_ignore_ascii_case("left") => Alignment::Left,
        Some(value) if value.eq_ignore_ascii_case("center") => Alignment::Center,
        Some(value) if value.eq_ignore_ascii_case("right") => Alignment::Right,
        _ => Alignment::Unset,
    }
}

/// The data tables of the selection in document order, cells that span repeated in each place they cover.
#[must_use]
pub fn tables(dom: &Dom, selection: &Selection) -> Vec<Table> {
    let mut sink = TableSink { dom, done: Vec::new(), open: None };
    Flow::new(dom, selection, None, &mut sink).run();
    sink.done
}

struct TableSink<'d> {
    dom: &'d Dom,
    done: Vec<Table>,
    open: Option<OpenTable>,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    has_header: bool,
    slots: Slots,
    row: Vec<String>,
    span: Option<Span>,
    text: String,
    in_caption: bool,
    /// Bytes of text that repetition may still add.
    repeatable: usize,
}

impl OpenTable {
    /// Repeated text beyond this is left out: a long text in a cell of a thousand columns.
    const MOST_REPEATED: usize = 1 << 18;

    fn repeat(&mut self, text: &str) -> String {
        match self.repeatable.checked_sub(text.len()) {
            Some(rest) => {
                self.repeatable = rest;
                text.to_owned()
            }
            None => String::new(),
        }
    }

    /// The text of the cell above the next one of this row.
    fn above(&mut self) -> String {
        let column = self.row.len();
        let last = self.table.rows.last().or(Some(&self.table.header));
        let text = last.and_then(|row| row.get(column)).cloned().unwrap_or_default();
        self.repeat(&text)
    }

    fn end_cell(&mut self) {
        let Some(span) = self.span.take() else { return };
        let text = std::mem::take(&mut self.text);
        for _ in 1..span.columns {
            let repeated = self.repeat(&text);
            self.row.push(repeated);
        }
        self.row.push(text);
    }

    fn end_row(&mut self) {
        let mut slots = std::mem::take(&mut self.slots);
        slots.end_row(|covered| {
            let text = if covered { self.above() } else { String::new() };
            self.row.push(text);
        });
        self.slots = slots;
        let row = std::mem::take(&mut self.row);
        if row.is_empty() {
            return;
        }
        if self.has_header {
            self.has_header = false;
            self.table.header = row;
        } else {
            self.table.rows.push(row);
        }
    }
}

impl Sink for TableSink<'_> {
    fn text(&mut self, piece: &str) {
        if let Some(open) = &mut self.open {
            if open.span.is_some() {
                open.text.push_str(piece);
            } else if open.in_caption {
                open.table.caption.push_str(piece);
            }
        }
    }

    fn line_break(&mut self) {
        self.text(" ");
    }

    fn end_leaf(&mut self) {}

    fn enter(&mut self, kind: Kind, id: NodeId) {
        let Some(open) = &mut self.open else { return };
        match kind {
            Kind::Row => open.slots.start_row(),
            Kind::Cell => {
                while open.slots.pass_covered() {
                    let text = open.above();
                    open.row.push(text);
                }
                let span = Span::of(self.dom, id);
                open.slots.place(span);
                open.span = Some(span);
            }
            Kind::Block if self.dom.is_html(id, &local_name!("caption")) => open.in_caption = true,
            _ => {}
        }
    }

    fn leave(&mut self, kind: Kind, id: NodeId) {
        let Some(open) = &mut self.open else { return };
        match kind {
            Kind::Cell => open.end_cell(),
            Kind::Row => open.end_row(),
            Kind::Table => self.done.extend(self.open.take().map(|open| open.table)),
            Kind::Block if self.dom.is_html(id, &local_name!("caption")) => open.in_caption = false,
            Kind::Block if is_row_group(self.dom, id) => open.slots.end_group(),
            _ => {}
        }
    }

    fn enter_table(&mut self, shape: Shape) {
        self.open = Some(OpenTable {
            has_header: shape.has_header,
            repeatable: OpenTable::MOST_REPEATED,
            ..OpenTable::default()
        });
    }
}

#[cfg(test)]
mod tests;

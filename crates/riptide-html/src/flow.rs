//! The one walk over content that the Markdown, text and table writers share. It settles what is read, where lines and
//! blocks end and how white space folds, so that all writers show the same words.

use html5ever::local_name;

use crate::base::BaseUrl;
use crate::code::{Code, has_lines, is_line_of_code, numbers_lines};
use crate::decoration::is_decoration;
use crate::dom::{Dom, NodeId, Visit};
use crate::fold::Fold;
use crate::links::link_url;
use crate::math::{Formula, formula, tex_in};
use crate::media::image_url;
use crate::notes::Notes;
use crate::parts::touches_part;
use crate::selection::Selection;
use crate::table::{Shape, data_table};
use crate::tags::{Kind, kind};

/// What becomes of the content. A leaf is a run of text without a block boundary in it: a paragraph, a heading, a cell.
pub(crate) trait Sink {
    /// A piece of a leaf, white space folded.
    fn text(&mut self, piece: &str);
    /// A line ends within a leaf; text follows.
    fn line_break(&mut self);
    /// A block boundary: the leaf ends, if one is open.
    fn end_leaf(&mut self);
    /// An element that means something begins, with no leaf open if it is a block.
    fn enter(&mut self, kind: Kind, id: NodeId);
    /// An element that was entered ends.
    fn leave(&mut self, kind: Kind, id: NodeId);
    /// A data table begins; it is left as [`Kind::Table`].
    fn enter_table(&mut self, shape: Shape);
    /// A formula.
    fn formula(&mut self, formula: &Formula) {
        self.text(&formula.tex);
    }
    /// A reference to the footnote of that label.
    fn note_reference(&mut self, label: &str) {
        self.text(&format!("[{label}]"));
    }
    /// A footnote begins; it is left as [`Kind::Note`].
    fn enter_note(&mut self, _label: &str) {}
    /// A link with its absolute URL begins; it is left as [`Kind::Link`].
    fn enter_link(&mut self, _id: NodeId, _url: String) {}
    /// An image with its absolute URL.
    fn image(&mut self, _id: NodeId, _url: String) {}
    /// A block of preformatted text.
    fn code_block(&mut self, _code: &str, _id: NodeId) {}
    /// A thematic break.
    fn rule(&mut self) {}
    /// A check box at the beginning of a leaf.
    fn check_box(&mut self, _is_checked: bool) {}
}

/// Stands for a reference to a footnote (Unicode's object replacement character).
const REFERENCE: char = '\u{fffc}';

/// A walk over the content of a selection into a sink.
pub(crate) struct Flow<'s, S> {
    dom: &'s Dom,
    selection: &'s Selection,
    /// Links and images are told only when there is one.
    base: Option<&'s BaseUrl>,
    sink: &'s mut S,
    /// The elements that are open, as they are treated.
    open: Vec<Kind>,
    notes: Notes,
    /// Footnotes that are open.
    open_notes: usize,
    fold: Fold,
    leaf_is_empty: bool,
    /// The last character of the leaf, of those that are written, or [`REFERENCE`].
    last: Option<char>,
    /// An image, or something that is not read, stands between a word and what follows.
    is_behind_object: bool,
    /// Line ends since the last text of the leaf.
    line_ends: usize,
    /// Open elements that hold one leaf only: headings and cells of data tables.
    single_leaf: usize,
    in_data_table: bool,
    code: Option<Code>,
}

impl<'s, S: Sink> Flow<'s, S> {
    pub(crate) fn new(
        dom: &'s Dom,
        selection: &'s Selection,
        base: Option<&'s BaseUrl>,
        sink: &'s mut S,
    ) -> Self {
        Self {
            dom,
            selection,
            base,
            sink,
            open: Vec::new(),
            notes: Notes::of(dom, selection),
            open_notes: 0,
            fold: Fold::new(),
            leaf_is_empty: true,
            last: None,
            is_behind_object: false,
            line_ends: 0,
            single_leaf: 0,
            in_data_table: false,
            code: None,
        }
    }

    pub(crate) fn run(mut self) {
        let mut walk = self.selection.walk(self.dom);
        while let Some(visit) = walk.next() {
            for &id in walk.passed_over() {
                self.pass_over(id);
            }
            match visit {
                Visit::Enter(id) => {
                    if let Some(text) = self.dom.text(id) {
                        self.text(text);
                    } else if self.dom.element(id).is_some() {
                        let kind = self.enter(id);
                        if matches!(kind, Kind::Unread) {
                            walk.skip_children();
                        }
                        self.open.push(kind);
                    }
                }
                Visit::Leave(id) => {
                    if self.dom.element(id).is_some()
                        && let Some(kind) = self.open.pop()
                    {
                        self.leave(kind, id);
                    }
                }
            }
        }
        self.end_leaf();
    }

    /// What is left out parts what stands around it all the same.
    fn pass_over(&mut self, id: NodeId) {
        if self.dom.element(id).is_none() || self.code.is_some() {
            return;
        }
        match kind(self.dom, id) {
            Kind::Unread | Kind::Row | Kind::Cell => {}
            Kind::LineBreak => self.end_line(),
            kind if kind.is_block() => self.end_leaf(),
            _ => self.is_behind_object |= self.last.is_some_and(char::is_alphanumeric),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push(text);
            return;
        }
        let mut rest = text;
        while let Some((before, formula, after)) = tex_in(rest).filter(|_| !self.open.contains(&Kind::Code)) {
            self.plain_text(before);
            self.before_object();
            self.sink.formula(&formula);
            rest = after;
        }
        self.plain_text(rest);
    }

    fn plain_text(&mut self, text: &str) {
        // Brackets that touch those of the reference would be read as part of it.
        let touches_reference = self.last == Some(REFERENCE) && text.starts_with(['[', '(']);
        let is_parted = std::mem::take(&mut self.is_behind_object) && text.starts_with(char::is_alphanumeric);
        if touches_reference || is_parted {
            self.fold.space();
        }
        let Self { fold, sink, leaf_is_empty, line_ends, single_leaf, last, .. } = self;
        fold.push(text, |piece| {
            settle_line_ends(*sink, line_ends, *single_leaf > 0);
            *leaf_is_empty = false;
            *last = piece.chars().next_back();
            sink.text(piece);
        });
    }

    /// What must come before something in the line that is no text.
    fn before_object(&mut self) {
        let Self { fold, sink, leaf_is_empty, line_ends, single_leaf, .. } = self;
        fold.before_object(|piece| sink.text(piece));
        settle_line_ends(*sink, line_ends, *single_leaf > 0);
        *leaf_is_empty = false;
        self.last = None;
    }

    fn end_leaf(&mut self) {
        if self.single_leaf > 0 {
            self.end_line();
        } else {
            self.start_leaf();
            self.sink.end_leaf();
        }
    }

    fn start_leaf(&mut self) {
        self.fold.start_line();
        self.leaf_is_empty = true;
        self.last = None;
        self.is_behind_object = false;
        self.line_ends = 0;
    }

    fn end_line(&mut self) {
        self.fold.start_line();
        self.last = None;
        if !self.leaf_is_empty {
            self.line_ends += 1;
        }
    }

    /// Enters an element and says how it is treated.
    fn enter(&mut self, id: NodeId) -> Kind {
        let is_root = self.open.is_empty();
        if is_root {
            self.end_leaf();
        }
        let kind = match kind(self.dom, id) {
            // Somebody asked for just this.
            Kind::Unread if is_root => Kind::Block,
            _ if !is_root && is_decoration(self.dom, self.selection, self.base, id) => {
                self.is_behind_object |= self.last.is_some_and(char::is_alphanumeric);
                Kind::Unread
            }
            Kind::Item | Kind::Block if self.notes.note(id).is_some() => Kind::Note,
            Kind::Inline if self.leaf_is_empty && names_quoted(self.dom, id) => Kind::Block,
            kind => kind,
        };
        if self.code.is_some() {
            return self.enter_within_code(kind, id);
        }
        if kind.is_block() { self.enter_block(kind, id) } else { self.enter_inline(kind, id) }
    }

    /// Code shows its lines and nothing else.
    fn enter_within_code(&mut self, kind: Kind, id: NodeId) -> Kind {
        match kind {
            Kind::Unread => Kind::Unread,
            _ if numbers_lines(self.dom, id) => Kind::Unread,
            Kind::LineBreak => {
                self.in_code(Code::break_line);
                Kind::Inline
            }
            kind if kind.is_block() => {
                self.in_code(Code::start_line);
                Kind::Block
            }
            _ if is_line_of_code(self.dom, id) => {
                self.in_code(Code::enter_line);
                Kind::Line
            }
            _ => Kind::Inline,
        }
    }

    fn in_code(&mut self, change: impl FnOnce(&mut Code)) {
        if let Some(code) = &mut self.code {
            change(code);
        }
    }

    fn enter_block(&mut self, kind: Kind, id: NodeId) -> Kind {
        match kind {
            Kind::LineBreak => {
                self.end_line();
                return Kind::Inline;
            }
            Kind::Cell if self.in_data_table => {
                self.start_leaf();
                self.sink.enter(kind, id);
                self.single_leaf += 1;
                return kind;
            }
            _ => self.end_leaf(),
        }
        if self.single_leaf > 0 {
            return match kind {
                Kind::Preformatted => self.enter_inline(Kind::Code, id),
                _ => Kind::Block,
            };
        }
        match kind {
            Kind::Heading(_) if self.is_plain_heading(id) => {
                self.sink.enter(kind, id);
                self.single_leaf += 1;
            }
            Kind::Heading(_) => return Kind::Block,
            Kind::Term => self.sink.enter(Kind::Strong, id),
            Kind::Preformatted => self.code = Some(Code::default()),
            Kind::Rule => self.sink.rule(),
            Kind::Table => match data_table(self.dom, self.selection, id) {
                Some(shape) => {
                    self.in_data_table = true;
                    self.sink.enter_table(shape);
                }
                None => return Kind::Block,
            },
            Kind::Cell if numbers_lines(self.dom, id) => return Kind::Unread,
            Kind::Row | Kind::Cell if !self.in_data_table => return Kind::Block,
            Kind::Note => {
                self.open_notes += 1;
                let Self { notes, sink, .. } = self;
                sink.enter_note(notes.note(id).unwrap_or_default());
            }
            _ => self.sink.enter(kind, id),
        }
        kind
    }

    /// Whether a heading is a line of text, not an element that somebody forgot to close.
    fn is_plain_heading(&self, id: NodeId) -> bool {
        self.dom.children(id).all(|child| match kind(self.dom, child) {
            Kind::Block => !self.dom.is_html(child, &local_name!("p")),
            Kind::LineBreak => true,
            kind => !kind.is_block(),
        })
    }

    fn enter_inline(&mut self, kind: Kind, id: NodeId) -> Kind {
        match kind {
            Kind::Link => {
                if let Some(label) = self.notes.reference(id) {
                    let label = label.to_owned();
                    self.before_object();
                    self.sink.note_reference(&label);
                    self.last = Some(REFERENCE);
                    return Kind::Unread;
                }
                if self.open_notes > 0 && self.notes.leads_back(self.dom, id) {
                    return Kind::Unread;
                }
                // Brackets that touch those of a reference would be read as part of it. Links that touch are entries of a
                // menu, which a style sets apart.
                if self.last == Some(REFERENCE) || self.touches_link(id) || self.touches_part(id) {
                    self.fold.space();
                }
                if let Some(url) = self.base.and_then(|base| link_url(self.dom, id, base)) {
                    self.sink.enter_link(id, url);
                    return kind;
                }
                return Kind::Inline;
            }
            Kind::Image => {
                let is_behind_word = self.last.is_some_and(char::is_alphanumeric);
                if let Some(url) = self.base.and_then(|base| image_url(self.dom, id, base)) {
                    self.before_object();
                    self.sink.image(id, url);
                }
                self.is_behind_object |= is_behind_word;
            }
            Kind::Input if self.leaf_is_empty && is_check_box(self.dom, id) => {
                self.sink.check_box(self.dom.attribute(id, &local_name!("checked")).is_some());
            }
            Kind::Quotation => self.text("“"),
            Kind::Formula => {
                let Some(formula) = formula(self.dom, id) else { return Kind::Inline };
                self.before_object();
                self.sink.formula(&formula);
                return Kind::Unread;
            }
            Kind::Control => self.fold.space(),
            Kind::Superscript => {
                if let Some(joint) = self.joint(id) {
                    self.text(joint);
                }
            }
            Kind::Reading if self.brackets_reading(id, self.dom.previous_sibling(id)) => self.text("("),
            Kind::Inline if self.touches_part(id) => self.fold.space(),
            // Forums write blocks of code like this.
            Kind::Code if self.single_leaf == 0 && has_lines(self.dom, id) => {
                self.end_leaf();
                self.code = Some(Code::folded());
                return Kind::Preformatted;
            }
            Kind::Emphasis | Kind::Strong | Kind::Struck | Kind::Code => self.sink.enter(kind, id),
            _ => {}
        }
        kind
    }

    fn leave(&mut self, kind: Kind, id: NodeId) {
        if self.code.is_some() {
            match kind {
                Kind::Preformatted => self.leave_code(id),
                Kind::Block => self.in_code(Code::start_line),
                Kind::Line => self.in_code(Code::leave_line),
                _ => {}
            }
            return;
        }
        match kind {
            Kind::Link | Kind::Emphasis | Kind::Strong | Kind::Struck | Kind::Code => {
                self.sink.leave(kind, id)
            }
            Kind::Quotation => self.text("”"),
            Kind::Control => self.fold.space(),
            Kind::Reading if self.brackets_reading(id, self.dom.next_sibling(id)) => self.text(")"),
            Kind::Cell => {
                self.single_leaf = self.single_leaf.saturating_sub(1);
                self.sink.leave(kind, id);
                self.start_leaf();
            }
            Kind::Heading(_) => {
                self.single_leaf = self.single_leaf.saturating_sub(1);
                self.end_leaf();
                self.sink.leave(kind, id);
            }
            Kind::Term => {
                self.sink.leave(Kind::Strong, id);
                self.end_leaf();
            }
            Kind::Table => {
                self.in_data_table = false;
                self.end_leaf();
                self.sink.leave(kind, id);
            }
            kind if kind.is_block() => {
                self.end_leaf();
                if kind == Kind::Note {
                    self.open_notes -= 1;
                }
                if self.single_leaf == 0 {
                    self.sink.leave(kind, id);
                }
            }
            _ => {}
        }
    }

    /// What keeps an exponent or the numerator of a fraction from being read as part of the number before it.
    fn joint(&self, sup: NodeId) -> Option<&'static str> {
        let last = self.last.filter(|_| !self.fold.is_space_due())?;
        let only = self.dom.first_child(sup).filter(|&child| self.dom.next_sibling(child).is_none())?;
        let text = self.dom.text(only)?;
        let digits = text.strip_prefix(['+', '-', '−', '–']);
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_exponent = match digits {
            Some(digits) => is_number(digits) && (last.is_alphanumeric() || last == ')'),
            None => is_number(text) && (last.is_ascii_digit() || last == ')'),
        };
        if !is_exponent {
            None
        } else if self.is_fraction(sup) {
            Some(" ")
        } else {
            Some("^")
        }
    }

    /// Whether the words of a link touch those of another, to another place. Editors split links, but both parts lead to
    /// the same place.
    fn touches_link(&self, link: NodeId) -> bool {
        const DEEPEST: usize = 4;
        let href = |id| self.dom.attribute(id, &local_name!("href"));
        let mut first_text = self.dom.descendants(link).take(DEEPEST).filter_map(|id| self.dom.text(id));
        self.last.is_some_and(char::is_alphanumeric)
            && first_text.next().is_some_and(|text| text.starts_with(char::is_alphanumeric))
            && self.dom.previous_sibling(link).is_some_and(|before| {
                self.dom.is_html(before, &local_name!("a")) && href(before) != href(link)
            })
    }

    /// Whether a part of a line touches the part before it, from which a style sets it apart.
    fn touches_part(&self, part: NodeId) -> bool {
        touches_part(self.dom, part, self.last) && !self.open.contains(&Kind::Code)
    }

    /// Whether a superscript is followed by a slash and a subscript.
    fn is_fraction(&self, sup: NodeId) -> bool {
        let Some(slash) = self.dom.next_sibling(sup) else { return false };
        self.dom.text(slash).is_some_and(|text| matches!(text.trim_ascii(), "/" | "⁄"))
            && self.dom.next_sibling(slash).is_some_and(|next| self.dom.is_html(next, &local_name!("sub")))
    }

    /// Whether a reading needs a bracket on a side: there is none for browsers that do not know `ruby`.
    fn brackets_reading(&self, reading: NodeId, neighbour: Option<NodeId>) -> bool {
        self.dom.first_child(reading).is_some()
            && !neighbour.is_some_and(|neighbour| self.dom.is_html(neighbour, &local_name!("rp")))
    }

    fn leave_code(&mut self, id: NodeId) {
        let code = self.code.take().unwrap_or_default().text;
        // No-break spaces in code stand for indentation.
        let code = if code.contains('\u{a0}') { code.replace('\u{a0}', " ") } else { code };
        let code = code.trim_end();
        // Lines without anything on them may come first, but the indentation of the first line that has must stay.
        let start = code.len() - code.trim_start().len();
        let blank = code.get(..start).and_then(|blank| blank.rfind('\n')).map_or(0, |newline| newline + 1);
        let code = code.get(blank..).unwrap_or_default();
        if !code.is_empty() {
            self.sink.code_block(code, id);
        }
    }
}

/// One line end is a line break; more of them set off a paragraph, except where there can be one leaf only.
fn settle_line_ends(sink: &mut impl Sink, line_ends: &mut usize, is_single_leaf: bool) {
    match *line_ends {
        0 => return,
        1 => sink.line_break(),
        _ if is_single_leaf => sink.line_break(),
        _ => sink.end_leaf(),
    }
    *line_ends = 0;
}

fn is_check_box(dom: &Dom, input: NodeId) -> bool {
    dom.attribute(input, &local_name!("type")).is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox"))
}

/// Whether an element says whom the quote that it begins is of, as in forums: `Anna wrote:`.
fn names_quoted(dom: &Dom, id: NodeId) -> bool {
    dom.is_html(id, &local_name!("cite"))
        && dom.ancestors(id).take(2).any(|above| dom.is_html(above, &local_name!("blockquote")))
        && dom.text_content(id).trim_end().ends_with(':')
}

//! The one walk over content that the Markdown, text and table writers share. It settles what is read, where lines and
//! blocks end and how white space folds, so that all writers show the same words.

use html5ever::{LocalName, local_name};

use crate::base::BaseUrl;
use crate::dom::{Dom, NodeId, Visit};
use crate::fold::{Fold, folded};
use crate::links::link_url;
use crate::media::image_url;
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
    /// A formula in TeX, on a line of its own or not.
    fn formula(&mut self, tex: &str, is_display: bool);
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

/// A walk over the content of a selection into a sink.
pub(crate) struct Flow<'s, S> {
    dom: &'s Dom,
    selection: &'s Selection,
    /// Links and images are told only when there is one.
    base: Option<&'s BaseUrl>,
    sink: &'s mut S,
    /// The elements that are open, as they are treated.
    open: Vec<Kind>,
    fold: Fold,
    leaf_is_empty: bool,
    /// Line ends since the last text of the leaf.
    line_ends: usize,
    /// Open elements that hold one leaf only: headings and cells of data tables.
    single_leaf: usize,
    in_data_table: bool,
    code: Option<String>,
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
            fold: Fold::new(),
            leaf_is_empty: true,
            line_ends: 0,
            single_leaf: 0,
            in_data_table: false,
            code: None,
        }
    }

    pub(crate) fn run(mut self) {
        let mut walk = self.selection.walk(self.dom);
        while let Some(visit) = walk.next() {
            match visit {
                Visit::Enter(id) => {
                    if let Some(text) = self.dom.text(id) {
                        self.text(text);
                    } else if self.dom.element(id).is_some() {
                        let kind = self.enter(id);
                        if matches!(kind, Kind::Unread | Kind::Formula) {
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

    fn text(&mut self, text: &str) {
        if let Some(code) = &mut self.code {
            code.push_str(text);
            return;
        }
        let Self { fold, sink, leaf_is_empty, line_ends, single_leaf, .. } = self;
        fold.push(text, |piece| {
            settle_line_ends(*sink, line_ends, *single_leaf > 0);
            *leaf_is_empty = false;
            sink.text(piece);
        });
    }

    /// What must come before something in the line that is no text.
    fn before_object(&mut self) {
        let Self { fold, sink, leaf_is_empty, line_ends, single_leaf, .. } = self;
        fold.before_object(|piece| sink.text(piece));
        settle_line_ends(*sink, line_ends, *single_leaf > 0);
        *leaf_is_empty = false;
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
        self.line_ends = 0;
    }

    fn end_line(&mut self) {
        self.fold.start_line();
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
            kind => kind,
        };
        if self.code.is_some() {
            return self.enter_within_code(kind);
        }
        if kind.is_block() { self.enter_block(kind, id) } else { self.enter_inline(kind, id) }
    }

    /// Code shows its lines and nothing else.
    fn enter_within_code(&mut self, kind: Kind) -> Kind {
        match kind {
            Kind::Unread => Kind::Unread,
            Kind::LineBreak => {
                self.code.get_or_insert_default().push('\n');
                Kind::Inline
            }
            kind if kind.is_block() => {
                self.end_code_line();
                Kind::Block
            }
            _ => Kind::Inline,
        }
    }

    fn end_code_line(&mut self) {
        if let Some(code) = &mut self.code
            && !code.is_empty()
            && !code.ends_with('\n')
        {
            code.push('\n');
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
            Kind::Preformatted => self.code = Some(String::new()),
            Kind::Rule => self.sink.rule(),
            Kind::Table => match data_table(self.dom, self.selection, id) {
                Some(shape) => {
                    self.in_data_table = true;
                    self.sink.enter_table(shape);
                }
                None => return Kind::Block,
            },
            Kind::Row | Kind::Cell if !self.in_data_table => return Kind::Block,
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
                if let Some(url) = self.base.and_then(|base| link_url(self.dom, id, base)) {
                    self.sink.enter_link(id, url);
                    return kind;
                }
                return Kind::Inline;
            }
            Kind::Image => {
                if let Some(url) = self.base.and_then(|base| image_url(self.dom, id, base)) {
                    self.before_object();
                    self.sink.image(id, url);
                }
            }
            Kind::Input if self.leaf_is_empty && is_check_box(self.dom, id) => {
                self.sink.check_box(self.dom.attribute(id, &local_name!("checked")).is_some());
            }
            Kind::Quotation => self.text("“"),
            Kind::Formula => {
                let Some(tex) = tex(self.dom, id) else { return Kind::Inline };
                let is_display = self.dom.attribute(id, &local_name!("display")) == Some("block");
                self.before_object();
                self.sink.formula(&tex, is_display);
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
                Kind::Block => self.end_code_line(),
                _ => {}
            }
            return;
        }
        match kind {
            Kind::Link | Kind::Emphasis | Kind::Strong | Kind::Struck | Kind::Code => {
                self.sink.leave(kind, id)
            }
            Kind::Quotation => self.text("”"),
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
                if self.single_leaf == 0 {
                    self.sink.leave(kind, id);
                }
            }
            _ => {}
        }
    }

    fn leave_code(&mut self, id: NodeId) {
        let code = self.code.take().unwrap_or_default();
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

/// The TeX that a formula was made from, if the page still has it.
pub(crate) fn tex(dom: &Dom, math: NodeId) -> Option<String> {
    let annotated = dom.descendants(math).find(|&id| {
        dom.local_name(id) == Some(&local_name!("annotation"))
            && dom.attribute(id, &local_name!("encoding")).is_some_and(|encoding| {
                matches!(encoding, "application/x-tex" | "application/x-latex" | "text/x-tex")
            })
    });
    let tex = match annotated {
        Some(annotation) => folded(&dom.text_content(annotation)),
        None => folded(dom.attribute(math, &LocalName::from("alttext"))?),
    };
    if tex.is_empty() { None } else { Some(tex) }
}

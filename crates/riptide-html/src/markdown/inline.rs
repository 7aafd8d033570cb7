//! The inline content of one leaf, gathered while the walk passes over it. It is written when the leaf ends: only then is
//! known what stands to both sides of a delimiter, and thereby whether it is one.

use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

use super::leaf::{Leaf, Place};
use super::target::Target;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Emphasis,
    Strong,
    Struck,
    Code,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Style(Style),
    /// The place of its target.
    Link(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkKind {
    Open(Span),
    Close(Span),
    /// The place of the image.
    Image(usize),
    /// The place of something that is written as it is: a formula, a reference to a footnote.
    Verbatim(usize),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Bytes of the text before it.
    pub(super) at: usize,
    pub(super) kind: MarkKind,
    /// The place of the mark at the other end.
    pub(super) partner: usize,
    /// The place of the mark that opens the emphasis around it.
    pub(super) around: usize,
    /// Whether it is written. Emphasis that Markdown would not read as such is not.
    pub(super) is_kept: bool,
    pub(super) delimiter: char,
}

/// A span that is open in the page.
#[derive(Debug, Clone, Copy)]
struct Active {
    span: Span,
    /// Elements of the kind that are open: nested ones of the same kind count once.
    depth: usize,
    /// Whether the leaf at hand has its beginning.
    is_open: bool,
    /// Leaves that it was opened in.
    leaves: usize,
}

#[derive(Debug, Default)]
pub(super) struct Inline {
    pub(super) text: String,
    pub(super) marks: Vec<Mark>,
    active: Vec<Active>,
    pub(super) targets: Vec<Target>,
    pub(super) images: Vec<(String, Target)>,
    pub(super) verbatim: Vec<String>,
    /// Places of marks, while partners are sought.
    unmatched: Vec<usize>,
}

impl Inline {
    /// A link around many blocks is repeated in so many of them.
    const MOST_LEAVES: usize = 8;

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.images.is_empty() && self.verbatim.is_empty()
    }

    /// A hash of the images of the leaf and where they link to, if it holds nothing else.
    pub(super) fn images_alone(&self) -> Option<u64> {
        if self.images.is_empty() || !self.verbatim.is_empty() || !self.text.trim().is_empty() {
            return None;
        }
        let mut hasher = FxHasher::default();
        for (alt, Target { url, .. }) in &self.images {
            (alt, url).hash(&mut hasher);
        }
        self.targets.iter().for_each(|target| target.url.hash(&mut hasher));
        Some(hasher.finish())
    }

    pub(super) fn text(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// A space between words, or a line end: what opened just before opens behind it.
    pub(super) fn gap(&mut self, gap: char) {
        let at = self.text.len();
        self.text.push(gap);
        for mark in self.marks.iter_mut().rev().take_while(|mark| mark.at == at) {
            match mark.kind {
                MarkKind::Open(_) => mark.at = at + 1,
                _ => break,
            }
        }
    }

    pub(super) fn image(&mut self, alt: String, target: Target) {
        if !self.is_within(Span::Style(Style::Code)) {
            self.mark(MarkKind::Image(self.images.len()));
            self.images.push((alt, target));
        }
    }

    /// Something that is written as it is, or as text within code.
    pub(super) fn verbatim(&mut self, markup: String, text: &str) {
        if self.is_within(Span::Style(Style::Code)) {
            self.text(text);
        } else {
            self.mark(MarkKind::Verbatim(self.verbatim.len()));
            self.verbatim.push(markup);
        }
    }

    pub(super) fn open_style(&mut self, style: Style) {
        // Styles within code are its highlighting.
        if style == Style::Code || !self.is_within(Span::Style(Style::Code)) {
            self.open(Span::Style(style));
        }
    }

    pub(super) fn close_style(&mut self, style: Style) {
        if style == Style::Code || !self.is_within(Span::Style(Style::Code)) {
            self.close(|span| span == Span::Style(style));
        }
    }

    pub(super) fn open_link(&mut self, target: Target) {
        if let Some(link) = self.active.iter_mut().find(|active| matches!(active.span, Span::Link(_))) {
            link.depth += 1;
            return;
        }
        self.targets.push(target);
        self.open(Span::Link(self.targets.len() - 1));
    }

    pub(super) fn close_link(&mut self) {
        self.close(|span| matches!(span, Span::Link(_)));
    }

    fn is_within(&self, span: Span) -> bool {
        self.active.iter().any(|active| active.span == span)
    }

    fn open(&mut self, span: Span) {
        if let Some(active) = self.active.iter_mut().find(|active| active.span == span) {
            active.depth += 1;
            return;
        }
        let code = self.suspend_code();
        self.mark(MarkKind::Open(span));
        self.active.push(Active { span, depth: 1, is_open: true, leaves: 1 });
        self.resume_code(code);
    }

    fn close(&mut self, is_meant: impl Fn(Span) -> bool) {
        let Some(at) = self.active.iter().position(|active| is_meant(active.span)) else { return };
        let Some(active) = self.active.get_mut(at) else { return };
        active.depth -= 1;
        if active.depth > 0 {
            return;
        }
        let is_code = active.span == Span::Style(Style::Code);
        let code = if is_code { None } else { self.suspend_code() };
        let active = self.active.remove(at);
        if active.is_open {
            self.mark_close(active.span);
        }
        self.resume_code(code);
    }

    /// Code holds no other span: a link in it ends it and begins it anew.
    fn suspend_code(&mut self) -> Option<Active> {
        let code = self.active.pop_if(|active| active.span == Span::Style(Style::Code))?;
        if code.is_open {
            self.mark_close(code.span);
        }
        Some(code)
    }

    fn resume_code(&mut self, code: Option<Active>) {
        if let Some(code) = code {
            self.mark(MarkKind::Open(code.span));
            self.active.push(Active { is_open: true, ..code });
        }
    }

    fn mark(&mut self, kind: MarkKind) {
        self.marks.push(Mark {
            at: self.text.len(),
            kind,
            partner: usize::MAX,
            around: usize::MAX,
            is_kept: true,
            delimiter: '*',
        });
    }

    /// What ends where it began was empty.
    fn mark_close(&mut self, span: Span) {
        let at = self.text.len();
        let was_empty = |mark: &Mark| mark.at == at && mark.kind == MarkKind::Open(span);
        if self.marks.pop_if(|mark| was_empty(mark)).is_none() {
            self.mark(MarkKind::Close(span));
        }
    }

    /// Writes the leaf and begins the next, in which all that is still open goes on.
    pub(super) fn write(&mut self, out: &mut String, place: &Place<'_>) {
        for at in (0..self.active.len()).rev() {
            if let Some(active) = self.active.get(at).copied()
                && active.is_open
            {
                self.mark_close(active.span);
            }
        }
        self.join_marks();
        self.match_marks();
        for at in (0..self.marks.len()).rev() {
            self.settle(at);
        }
        self.marks.retain(|mark| mark.is_kept);
        self.join_marks();
        self.match_marks();
        Leaf::new(self, out, place).write();
        self.start_leaf();
    }

    /// Begins the next leaf, in which all that is still open goes on.
    pub(super) fn start_leaf(&mut self) {
        self.text.clear();
        self.marks.clear();
        self.images.clear();
        self.verbatim.clear();
        let mut active = std::mem::take(&mut self.active);
        for active in &mut active {
            active.is_open = active.leaves < Self::MOST_LEAVES || matches!(active.span, Span::Style(_));
            if active.is_open {
                active.leaves += 1;
                self.mark(MarkKind::Open(active.span));
            }
        }
        if !active.iter().any(|active| matches!(active.span, Span::Link(_))) {
            self.targets.clear();
        }
        self.active = active;
    }

    /// A style that begins where the same style ended goes on.
    fn join_marks(&mut self) {
        let mut kept = 0_usize;
        for at in 0..self.marks.len() {
            let Some(mark) = self.marks.get(at).copied() else { break };
            let last = kept.checked_sub(1).and_then(|last| self.marks.get(last));
            let goes_on = match (last, mark.kind) {
                (Some(last), MarkKind::Open(span)) => {
                    last.at == mark.at && last.kind == MarkKind::Close(span)
                }
                _ => false,
            };
            if goes_on {
                kept -= 1;
            } else {
                if let Some(slot) = self.marks.get_mut(kept) {
                    *slot = mark;
                }
                kept += 1;
            }
        }
        self.marks.truncate(kept);
    }

    fn match_marks(&mut self) {
        self.unmatched.clear();
        for at in 0..self.marks.len() {
            match self.marks.get(at).map(|mark| mark.kind) {
                Some(MarkKind::Open(_)) => {
                    let is_emphasis = |open: &&usize| {
                        let kind = self.marks.get(**open).map(|mark| mark.kind);
                        matches!(kind, Some(MarkKind::Open(Span::Style(Style::Emphasis | Style::Strong))))
                    };
                    let around = self.unmatched.iter().rev().find(is_emphasis).copied();
                    if let Some(mark) = self.marks.get_mut(at) {
                        mark.around = around.unwrap_or(usize::MAX);
                    }
                    self.unmatched.push(at);
                }
                Some(MarkKind::Close(_)) => {
                    let partner = self.unmatched.pop().unwrap_or(usize::MAX);
                    if let Some(mark) = self.marks.get_mut(at) {
                        mark.partner = partner;
                    }
                    if let Some(mark) = self.marks.get_mut(partner) {
                        mark.partner = at;
                    }
                }
                _ => {}
            }
        }
    }
}

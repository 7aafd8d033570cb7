//! The lines of code: where they begin and end, and the numbers beside them.

use html5ever::local_name;

use crate::dom::{Dom, NodeId};

/// A block of code that is open.
#[derive(Default)]
pub(crate) struct Code {
    pub(crate) text: String,
    /// Where the element that is the line at hand begins, in bytes.
    line_start: usize,
    /// Such an element has ended without a line break: what follows stands on the next line.
    line_has_ended: bool,
    /// White space folds, as it does outside of `pre`.
    folds: bool,
}

impl Code {
    /// A block in which white space folds.
    pub(crate) fn folded() -> Self {
        Self { folds: true, ..Self::default() }
    }

    pub(crate) fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.line_has_ended) && !text.starts_with('\n') {
            self.text.push('\n');
        }
        if !self.folds {
            self.text.push_str(text);
            return;
        }
        for (at, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            if at > 0 && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
    }

    pub(crate) fn break_line(&mut self) {
        if self.folds {
            self.text.truncate(self.text.trim_end_matches(' ').len());
        }
        self.text.push('\n');
        self.line_has_ended = false;
    }

    /// Starts a line unless one has just begun.
    pub(crate) fn start_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.line_has_ended = false;
    }

    /// An element that is a line begins: where one before it has ended, even a blank one, behind that.
    pub(crate) fn enter_line(&mut self) {
        if self.line_has_ended {
            self.push("")
        } else {
            self.start_line()
        }
        self.line_start = self.text.len();
    }

    pub(crate) fn leave_line(&mut self) {
        self.line_has_ended |= !self.text.get(self.line_start..).is_some_and(|line| line.ends_with('\n'));
    }
}

/// Whether lines end within an element.
pub(crate) fn has_lines(dom: &Dom, id: NodeId) -> bool {
    dom.children(id).any(|child| dom.is_html(child, &local_name!("br")))
}

/// Whether an element within code is a line of it: highlighters leave the line breaks to the style.
pub(crate) fn is_line_of_code(dom: &Dom, id: NodeId) -> bool {
    let is_line = |word: &str| {
        matches!(word, "line" | "cm-line" | "highlight-line" | "token-line" | "view-line")
            || word.ends_with("code-line")
    };
    dom.attribute(id, &local_name!("class")).is_some_and(|class| {
        let mut words = class.split_ascii_whitespace();
        words.clone().any(is_line) && !words.any(names_token)
    })
}

/// Whether a class is that of a piece of code, of which some are called after lines: `line comment`, `line-number token`.
fn names_token(word: &str) -> bool {
    matches!(word, "comment" | "token")
}

/// Whether an element holds the numbers of lines of code beside it.
pub(crate) fn numbers_lines(dom: &Dom, id: NodeId) -> bool {
    const NAMES: [&str; 15] = [
        "blob-num",
        "crayon-nums",
        "CodeMirror-linenumber",
        "gutter",
        "hljs-ln-numbers",
        "line-number",
        "line-numbers-rows",
        "linenum",
        "linenumber",
        "linenodiv",
        "lineno",
        "linenos",
        "lnt",
        "ln",
        "rouge-gutter",
    ];
    dom.attribute(id, &local_name!("class")).is_some_and(|class| {
        let mut words = class.split_ascii_whitespace();
        words.clone().any(|word| NAMES.contains(&word)) && !words.any(names_token)
    })
}

//! Hands the text to the tokenizer and holds back attributes past the limit.
//!
//! The tokenizer compares each attribute of a tag with all before it, so that a tag with 100,000 of them takes many
//! seconds. The scan here follows the tokenizer's own states closely enough to know where tags begin and end: it asks the
//! tree builder behind each tag that may begin raw text (such as `style`, which does so in HTML but not in SVG) and before
//! each CDATA section what it made of it.

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TokenSink as _, Tokenizer};
use memchr::{memchr, memchr_iter, memmem};

use super::depth::DepthGuard;
use crate::dom::Dom;

/// Elements whose content may be raw text.
const RAW_TEXT: [&[u8]; 9] =
    [b"script", b"style", b"textarea", b"title", b"iframe", b"noembed", b"noframes", b"xmp", b"plaintext"];

/// Feeds one document to one tokenizer.
pub(super) struct Feeder<'h> {
    html: &'h [u8],
    /// The same text as shared buffer: what is cut from it needs no copy.
    buffer: StrTendril,
    tokenizer: Tokenizer<DepthGuard>,
    input: BufferQueue,
    /// Bytes handed on or held back so far.
    done: usize,
    attribute_limit: usize,
    attributes_capped: bool,
}

/// Where a tag ends, and where the attributes begin that are one too many.
struct TagEnd {
    /// The position of `>`, or the end of the text.
    end: usize,
    excess: Option<usize>,
}

impl<'h> Feeder<'h> {
    pub(super) fn new(html: &'h str, tokenizer: Tokenizer<DepthGuard>, attribute_limit: usize) -> Self {
        Self {
            html: html.as_bytes(),
            buffer: StrTendril::from_slice(html),
            tokenizer,
            input: BufferQueue::default(),
            done: 0,
            attribute_limit,
            attributes_capped: false,
        }
    }

    pub(super) fn feed_all(&mut self) {
        let mut at = 0;
        while let Some(less_than) = find(self.html, at, b'<') {
            at = match self.byte(less_than + 1) {
                Some(b'!') => self.declaration(less_than),
                Some(b'?') => self.behind_next(less_than, b'>'),
                Some(b'/') => match self.byte(less_than + 2) {
                    Some(letter) if letter.is_ascii_alphabetic() => self.tag(less_than + 2),
                    _ => self.behind_next(less_than, b'>'),
                },
                Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(less_than + 1),
                _ => less_than + 1,
            };
        }
        self.feed_to(self.html.len());
        self.tokenizer.end();
    }

    pub(super) fn into_dom(self) -> Dom {
        let mut dom = self.tokenizer.sink.into_dom();
        dom.capped.attributes = self.attributes_capped;
        dom
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.html.get(at).copied()
    }

    fn rest(&self, at: usize) -> &'h [u8] {
        self.html.get(at..).unwrap_or_default()
    }

    fn behind_next(&self, at: usize, wanted: u8) -> usize {
        find(self.html, at, wanted).map_or(self.html.len(), |found| found + 1)
    }

    fn feed_to(&mut self, end: usize) {
        if end <= self.done {
            return;
        }
        let piece = self.buffer.try_subtendril(self.done as u32, (end - self.done) as u32);
        self.done = end;
        if let Ok(piece) = piece {
            self.input.push_back(piece);
            // The tokenizer pauses behind each script, for a browser to run it.
            while !self.input.is_empty() {
                let _ = self.tokenizer.feed(&self.input);
            }
        }
    }

    /// A comment, document type or CDATA section, from its `<`; returns where it ends.
    fn declaration(&mut self, at: usize) -> usize {
        let rest = self.rest(at);
        if rest.starts_with(b"<!--") {
            return at + comment_len(rest);
        }
        if rest.starts_with(b"<![CDATA[") {
            self.feed_to(at);
            if self.tokenizer.sink.adjusted_current_node_present_but_not_in_html_namespace() {
                return memmem::find(rest, b"]]>").map_or(self.html.len(), |found| at + found + 3);
            }
        }
        self.behind_next(at, b'>')
    }

    /// A start tag, from its name; returns where what follows as markup begins.
    fn start_tag(&mut self, name_at: usize) -> usize {
        let behind = self.tag(name_at);
        let name = self.rest(name_at);
        let name = name.get(..name.iter().take_while(|&&byte| !ends_name(byte)).count()).unwrap_or_default();
        if !RAW_TEXT.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            return behind;
        }
        self.feed_to(behind);
        if !self.tokenizer.sink.last_tag_began_raw_text() || name.eq_ignore_ascii_case(b"plaintext") {
            return if self.tokenizer.sink.last_tag_began_raw_text() { self.html.len() } else { behind };
        }
        memchr_iter(b'<', self.rest(behind))
            .map(|found| behind + found)
            .find(|&at| {
                let end_tag = self.rest(at + 1);
                end_tag.first() == Some(&b'/')
                    && end_tag.get(1..=name.len()).is_some_and(|other| other.eq_ignore_ascii_case(name))
                    && end_tag.get(name.len() + 1).is_some_and(|&byte| ends_name(byte))
            })
            .unwrap_or(self.html.len())
    }

    /// A tag, from its name; holds back excess attributes and returns where the tag ends.
    fn tag(&mut self, name_at: usize) -> usize {
        let TagEnd { end, excess } = self.scan_attributes(name_at);
        if let Some(excess) = excess {
            self.feed_to(excess);
            self.done = end;
            self.attributes_capped = true;
        }
        (end + 1).min(self.html.len())
    }

    /// Tokenizer states "tag name" to "after attribute value" (HTML Standard §13.2.5.8, §13.2.5.32 to .39).
    fn scan_attributes(&self, name_at: usize) -> TagEnd {
        let html = self.html;
        let skip = |at: usize, stop: fn(u8) -> bool| {
            html.get(at..)
                .unwrap_or_default()
                .iter()
                .position(|&byte| stop(byte))
                .map_or(html.len(), |n| at + n)
        };
        let mut at = skip(name_at, ends_name);
        let mut count = 0;
        let mut excess = None;
        loop {
            at = skip(at, |byte| !is_space(byte) && byte != b'/');
            if self.byte(at).is_none_or(|byte| byte == b'>') {
                return TagEnd { end: at, excess };
            }
            count += 1;
            if count > self.attribute_limit && excess.is_none() {
                excess = Some(at);
            }
            at = skip(at + 1, |byte| ends_name(byte) || byte == b'=');
            let behind_space = skip(at, |byte| !is_space(byte));
            if self.byte(behind_space) != Some(b'=') {
                continue;
            }
            at = skip(behind_space + 1, |byte| !is_space(byte));
            at = match self.byte(at) {
                Some(quote @ (b'"' | b'\'')) => self.behind_next(at + 1, quote),
                _ => skip(at, |byte| is_space(byte) || byte == b'>'),
            };
        }
    }
}

fn find(html: &[u8], at: usize, wanted: u8) -> Option<usize> {
    memchr(wanted, html.get(at..)?).map(|found| at + found)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0C' | b'\r' | b' ')
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

/// Bytes of a comment that starts with `<!--` (HTML Standard §13.2.5.43 to .52).
fn comment_len(text: &[u8]) -> usize {
    let body = text.get(4..).unwrap_or_default();
    if body.starts_with(b">") {
        return 5;
    }
    if body.starts_with(b"->") {
        return 6;
    }
    memchr_iter(b'-', body)
        .find_map(|at| {
            let tail = body.get(at..).unwrap_or_default();
            let len = if tail.starts_with(b"-->") {
                3
            } else if tail.starts_with(b"--!>") {
                4
            } else {
                return None;
            };
            Some(4 + at + len)
        })
        .unwrap_or(text.len())
}

//! Cuts the text into tokens: the common ones here, the others with the tokenizer of `html5ever`.
//!
//! That tokenizer goes from character to character, counts lines, and compares each attribute of a tag with all before it. Most
//! of a page needs none of that: runs of text, raw text, comments and tags are cut out of the page as they are, without a copy
//! where they hold no character references. Whatever holds carriage returns, null characters or references that are not common,
//! and each tag that may begin raw text, is handed to the tokenizer as it is.
//!
//! For this the scan here follows the states of the HTML Standard §13.2.5 exactly. Where they depend on the tree builder, it is
//! asked: behind each tag that may begin raw text (such as `style`, which does so in HTML but not in SVG), and before each
//! CDATA section.

use std::ops::Range;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    CharacterTokens, CommentToken, EndTag, StartTag, Tag, TagKind, TagToken, Token, TokenSink as _, Tokenizer,
};
use html5ever::{Attribute, LocalName, QualName, ns};
use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::depth::DepthGuard;
use crate::dom::Dom;

/// Elements whose content may be raw text.
const RAW_TEXT: [&[u8]; 9] =
    [b"script", b"style", b"textarea", b"title", b"iframe", b"noembed", b"noframes", b"xmp", b"plaintext"];

const NOSCRIPT: &[u8] = b"noscript";

/// Hands the tokens of one document to one tree builder.
pub(super) struct TokenCutter<'h> {
    html: &'h str,
    /// The same text as shared buffer: what is cut from it needs no copy.
    buffer: StrTendril,
    tokenizer: Tokenizer<DepthGuard>,
    input: BufferQueue,
    /// Bytes handed on or held back so far.
    done: usize,
    /// Whether the tokenizer may wait for what follows, as behind `&am` or a carriage return.
    waits: bool,
    /// The attributes of the tag that was scanned last: their names and values.
    attributes: Vec<(Range<usize>, Range<usize>)>,
    attribute_limit: usize,
    attributes_capped: bool,
    /// Where the `noscript` ends that was met last: the end tag's `<`, or the end of the text.
    noscript_end: usize,
    raw_text_capped: bool,
}

/// Where a tag ends.
struct TagEnd {
    /// The position of `>`, or the end of the text.
    end: usize,
    /// Where the attributes begin that are one too many.
    excess: Option<usize>,
    /// Whether it ends in `/>`.
    is_self_closing: bool,
}

impl<'h> TokenCutter<'h> {
    pub(super) fn new(html: &'h str, tokenizer: Tokenizer<DepthGuard>, attribute_limit: usize) -> Self {
        Self {
            html,
            buffer: StrTendril::from_slice(html),
            tokenizer,
            input: BufferQueue::default(),
            done: 0,
            waits: false,
            attributes: Vec::new(),
            attribute_limit,
            attributes_capped: false,
            noscript_end: 0,
            raw_text_capped: false,
        }
    }

    pub(super) fn cut_all(&mut self) {
        let mut at = 0;
        while let Some(less_than) = self.find(at, b'<') {
            at = match self.byte(less_than + 1) {
                Some(b'!') => self.declaration(less_than),
                Some(b'?') => self.bogus_comment(less_than),
                Some(b'/') => match self.byte(less_than + 2) {
                    Some(letter) if letter.is_ascii_alphabetic() => self.end_tag(less_than),
                    _ => self.bogus_comment(less_than),
                },
                Some(letter) if letter.is_ascii_alphabetic() => self.start_tag(less_than),
                _ => less_than + 1,
            };
        }
        self.feed_to(self.html.len());
        self.tokenizer.end();
    }

    pub(super) fn into_dom(self) -> Dom {
        let mut dom = self.tokenizer.sink.into_dom();
        dom.capped.attributes = self.attributes_capped;
        dom.capped.raw_text = self.raw_text_capped;
        dom
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.html.as_bytes().get(at).copied()
    }

    fn bytes(&self, range: Range<usize>) -> &'h [u8] {
        self.html.as_bytes().get(range).unwrap_or_default()
    }

    fn rest(&self, at: usize) -> &'h [u8] {
        self.bytes(at..self.html.len())
    }

    fn find(&self, at: usize, wanted: u8) -> Option<usize> {
        memchr(wanted, self.rest(at)).map(|found| at + found)
    }

    fn behind_next(&self, at: usize, wanted: u8) -> usize {
        self.find(at, wanted).map_or(self.html.len(), |found| found + 1)
    }

    /// Hands what comes before `end` to the tokenizer.
    fn feed_to(&mut self, end: usize) {
        if end <= self.done {
            return;
        }
        let piece = self.cut(self.done..end);
        self.done = end;
        self.feed(piece);
    }

    fn feed(&mut self, piece: StrTendril) {
        self.waits = false;
        self.input.push_back(piece);
        // The tokenizer pauses behind each script, for a browser to run it.
        while !self.input.is_empty() {
            let _ = self.tokenizer.feed(&self.input);
        }
    }

    /// Hands on the text before `end`, where markup begins or raw text ends. `has_references`: whether `&` is more than itself
    /// in it.
    fn text_to(&mut self, end: usize, has_references: bool) {
        let text = self.bytes(self.done..end);
        if text.is_empty() {
            return;
        }
        let is_whole = !self.waits && memchr2(b'\r', 0, text).is_none();
        let range = self.done..end;
        let text = if !is_whole {
            None
        } else if has_references {
            self.decoded(range, false)
        } else {
            Some(self.cut(range))
        };
        match text {
            Some(text) => {
                self.emit(CharacterTokens(text));
                self.done = end;
            }
            None => {
                self.feed_to(end);
                self.waits = true;
            }
        }
    }

    /// Hands a token to the tree builder. None of those that are cut here changes the tokenizer's state.
    fn emit(&self, token: Token) {
        let _ = self.tokenizer.sink.process_token(token, 0);
    }

    fn cut(&self, range: Range<usize>) -> StrTendril {
        let length = range.end.saturating_sub(range.start);
        self.buffer.try_subtendril(range.start as u32, length as u32).unwrap_or_default()
    }

    /// A comment, document type or CDATA section, from its `<`; returns where it ends.
    fn declaration(&mut self, at: usize) -> usize {
        self.text_to(at, true);
        let rest = self.rest(at);
        if rest.starts_with(b"<!--") {
            return self.comment(at, comment_len(rest));
        }
        if rest.starts_with(b"<![CDATA[") {
            self.feed_to(at);
            if self.tokenizer.sink.adjusted_current_node_present_but_not_in_html_namespace() {
                let end = memmem::find(rest, b"]]>").map_or(self.html.len(), |found| at + found + 3);
                self.feed_to(end);
                return end;
            }
        }
        self.bogus_comment(at)
    }

    /// A comment, from its `<`; returns where it ends.
    fn comment(&mut self, at: usize, length: usize) -> usize {
        let end = at + length;
        let comment = self.bytes(at..end);
        let ends = length >= b"<!---->".len() && comment.ends_with(b"-->");
        if ends && !self.waits && memchr2(b'\r', 0, comment).is_none() {
            self.emit(CommentToken(self.cut(at + 4..end - 3)));
            self.done = end;
        } else {
            self.feed_to(end);
        }
        end
    }

    /// What ends at the next `>`, from its `<`; returns where it ends.
    fn bogus_comment(&mut self, at: usize) -> usize {
        self.text_to(at, true);
        let end = self.behind_next(at, b'>');
        self.feed_to(end);
        end
    }

    /// A start tag, from its `<`; returns where what follows as markup begins.
    fn start_tag(&mut self, at: usize) -> usize {
        let name = self.name(at + 1);
        if !may_begin_raw_text(self.bytes(name.clone())) {
            let behind = self.tag(at, name.clone(), StartTag);
            if self.bytes(name).eq_ignore_ascii_case(NOSCRIPT) && self.noscript_end < behind {
                self.noscript_end = behind + raw_text_len(self.rest(behind), NOSCRIPT);
            }
            return behind;
        }
        self.text_to(at, true);
        let TagEnd { end, excess, .. } = self.scan_attributes(name.end);
        let behind = self.feed_tag(end, excess);
        if !self.tokenizer.sink.last_tag_began_raw_text() {
            return behind;
        }
        let name = self.bytes(name);
        if name.eq_ignore_ascii_case(b"plaintext") {
            return self.html.len();
        }
        // For a browser, which runs scripts, all of `noscript` is raw text: an `<iframe/>` in it does not swallow the page.
        let limit = if self.noscript_end >= behind { self.noscript_end } else { self.html.len() };
        let rest = self.bytes(behind..limit);
        let length =
            if name.eq_ignore_ascii_case(b"script") { script_len(rest) } else { raw_text_len(rest, name) };
        let has_references = name.eq_ignore_ascii_case(b"title") || name.eq_ignore_ascii_case(b"textarea");
        let end = behind + length;
        self.text_to(end, has_references);
        if end == limit && limit < self.html.len() {
            self.feed(StrTendril::from(format!("</{}>", String::from_utf8_lossy(name))));
            self.raw_text_capped = true;
        }
        end
    }

    /// An end tag, from its `<`; returns where it ends.
    fn end_tag(&mut self, at: usize) -> usize {
        let name = self.name(at + 2);
        if may_begin_raw_text(self.bytes(name.clone())) {
            self.text_to(at, true);
            let TagEnd { end, excess, .. } = self.scan_attributes(name.end);
            return self.feed_tag(end, excess);
        }
        self.tag(at, name, EndTag)
    }

    /// The name of a tag that begins at `at`.
    fn name(&self, at: usize) -> Range<usize> {
        let rest = self.rest(at);
        at..at + rest.iter().position(|&byte| ends_name(byte)).unwrap_or(rest.len())
    }

    /// A tag that begins no raw text, from its `<`; returns where it ends.
    fn tag(&mut self, at: usize, name: Range<usize>, kind: TagKind) -> usize {
        self.text_to(at, true);
        let TagEnd { end, excess, is_self_closing } = self.scan_attributes(name.end);
        let is_odd = excess.is_some() || memchr2(b'\r', 0, self.bytes(at..end)).is_some();
        let is_whole = !self.waits && !is_odd && end < self.html.len();
        let Some((attrs, had_duplicate_attributes)) = is_whole.then(|| self.read_attributes()).flatten()
        else {
            return self.feed_tag(end, excess);
        };
        let name = self.local_name(name);
        self.emit(TagToken(Tag {
            kind,
            name,
            self_closing: is_self_closing,
            attrs,
            had_duplicate_attributes,
        }));
        self.done = end + 1;
        end + 1
    }

    /// The attributes of the tag that was scanned last, of equal names the first, and whether there were equal ones; nothing
    /// if one is not common.
    fn read_attributes(&self) -> Option<(Vec<Attribute>, bool)> {
        let mut read: Vec<Attribute> = Vec::with_capacity(self.attributes.len());
        let mut has_duplicates = false;
        for (name, value) in &self.attributes {
            let name = QualName::new(None, ns!(), self.local_name(name.clone()));
            if read.iter().any(|known| known.name.local == name.local) {
                has_duplicates = true;
            } else {
                read.push(Attribute { name, value: self.decoded(value.clone(), true)? });
            }
        }
        Some((read, has_duplicates))
    }

    /// A text with its character references replaced (HTML Standard §13.2.5.72 to .80); nothing if one is not common.
    fn decoded(&self, range: Range<usize>, is_value: bool) -> Option<StrTendril> {
        let text = self.html.get(range.clone()).unwrap_or_default();
        let Some(first) = memchr(b'&', text.as_bytes()) else { return Some(self.cut(range)) };
        let (before, mut rest) = text.split_at_checked(first)?;
        let mut decoded = StrTendril::with_capacity(text.len() as u32);
        decoded.push_slice(before);
        while let Some(behind) = rest.strip_prefix('&') {
            let (character, length) = reference(behind, is_value)?;
            let behind = behind.get(length..)?;
            decoded.push_char(character);
            let next = memchr(b'&', behind.as_bytes()).unwrap_or(behind.len());
            decoded.push_slice(behind.get(..next)?);
            rest = behind.get(next..)?;
        }
        Some(decoded)
    }

    fn local_name(&self, range: Range<usize>) -> LocalName {
        let name = self.html.get(range).unwrap_or_default();
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            LocalName::from(name.to_ascii_lowercase())
        } else {
            LocalName::from(name)
        }
    }

    /// Hands a tag to the tokenizer, but for attributes that are too many; returns where it ends.
    fn feed_tag(&mut self, end: usize, excess: Option<usize>) -> usize {
        if let Some(excess) = excess {
            self.feed_to(excess);
            self.done = end;
            self.attributes_capped = true;
        }
        let behind = (end + 1).min(self.html.len());
        self.feed_to(behind);
        behind
    }

    /// From the end of a tag's name to its own, with its attributes: the tokenizer's states "tag name" to "after attribute
    /// value" (HTML Standard §13.2.5.8, §13.2.5.32 to .39).
    fn scan_attributes(&mut self, name_end: usize) -> TagEnd {
        self.attributes.clear();
        let html = self.html.as_bytes();
        let skip = |at: usize, stop: fn(u8) -> bool| {
            let rest = html.get(at..).unwrap_or_default();
            rest.iter().position(|&byte| stop(byte)).map_or(html.len(), |n| at + n)
        };
        let mut at = name_end;
        let mut excess = None;
        loop {
            let start = skip(at, |byte| !is_space(byte) && byte != b'/');
            if self.byte(start).is_none_or(|byte| byte == b'>') {
                let is_self_closing = start > at && self.byte(start - 1) == Some(b'/');
                return TagEnd { end: start, excess, is_self_closing };
            }
            let name = start..skip(start + 1, |byte| ends_name(byte) || byte == b'=');
            at = name.end;
            let mut value = at..at;
            let behind_space = skip(at, |byte| !is_space(byte));
            if self.byte(behind_space) == Some(b'=') {
                let begin = skip(behind_space + 1, |byte| !is_space(byte));
                (value, at) = match self.byte(begin) {
                    Some(quote @ (b'"' | b'\'')) => {
                        let end = self.find(begin + 1, quote).unwrap_or(html.len());
                        (begin + 1..end, (end + 1).min(html.len()))
                    }
                    _ => {
                        let end = skip(begin, |byte| is_space(byte) || byte == b'>');
                        (begin..end, end)
                    }
                };
            }
            if self.attributes.len() < self.attribute_limit {
                self.attributes.push((name, value));
            } else if excess.is_none() {
                excess = Some(start);
            }
        }
    }
}

fn may_begin_raw_text(name: &[u8]) -> bool {
    RAW_TEXT.iter().any(|raw| raw.eq_ignore_ascii_case(name))
}

/// The common named character references.
const REFERENCES: [(&str, char); 24] = [
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("nbsp;", '\u{a0}'),
    ("rsquo;", '’'),
    ("lsquo;", '‘'),
    ("rdquo;", '”'),
    ("ldquo;", '“'),
    ("ndash;", '–'),
    ("mdash;", '—'),
    ("hellip;", '…'),
    ("bull;", '•'),
    ("middot;", '·'),
    ("copy;", '©'),
    ("reg;", '®'),
    ("trade;", '™'),
    ("raquo;", '»'),
    ("laquo;", '«'),
    ("times;", '×'),
    ("deg;", '°'),
    ("euro;", '€'),
    ("pound;", '£'),
];

/// The character that the reference behind a `&` stands for, and how many bytes belong to it; `&` and none if it is no reference.
/// Nothing if it is not common. `is_value`: in the value of an attribute.
fn reference(behind: &str, is_value: bool) -> Option<(char, usize)> {
    let Some(digits) = behind.strip_prefix('#') else {
        let name = behind.bytes().take_while(u8::is_ascii_alphanumeric).count();
        // As in `?a=1&b=2`: for the sake of such addresses this is no reference, whatever the name is.
        if name == 0 || (is_value && behind.as_bytes().get(name) == Some(&b'=')) {
            return Some(('&', 0));
        }
        return REFERENCES
            .iter()
            .find(|(known, _)| behind.starts_with(known))
            .map(|(known, c)| (*c, known.len()));
    };
    let (digits, radix) = digits.strip_prefix(['x', 'X']).map_or((digits, 10), |digits| (digits, 16));
    let length = digits.bytes().take_while(|&digit| char::from(digit).is_digit(radix)).count();
    let is_closed = digits.as_bytes().get(length) == Some(&b';');
    let code = u32::from_str_radix(digits.get(..length)?, radix).ok().filter(|_| is_closed)?;
    // Zero and those of C1 stand for other characters than their own.
    let character = char::from_u32(code).filter(|&c| c != '\0' && !matches!(c, '\u{80}'..='\u{9f}'))?;
    Some((character, behind.len() - digits.len() + length + 1))
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

/// Bytes of raw text up to the end tag of that name (HTML Standard §13.2.5.9 to .14).
fn raw_text_len(text: &[u8], name: &[u8]) -> usize {
    memchr_iter(b'<', text).find(|&at| is_end_tag(text, at, name)).unwrap_or(text.len())
}

/// Bytes of a script up to its end tag. Within what looks like a comment it may hold a script in its turn, end tag and all
/// (HTML Standard §13.2.5.15 to .31).
fn script_len(text: &[u8]) -> usize {
    const NAME: &[u8] = b"script";
    let (mut is_escaped, mut is_escaped_twice) = (false, false);
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(found) = (if is_escaped { memchr2(b'<', b'-', rest) } else { memchr(b'<', rest) }) else {
            return text.len();
        };
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with(b"-->") {
            (is_escaped, is_escaped_twice) = (false, false);
        } else if !is_escaped && rest.starts_with(b"<!--") {
            is_escaped = true;
            // `<!-->` is the beginning and the end.
            at += 1;
        } else if is_end_tag(text, at, NAME) {
            if !is_escaped_twice {
                return at;
            }
            is_escaped_twice = false;
        } else if is_escaped && is_name(text, at + 1, NAME) {
            is_escaped_twice = true;
        }
        at += 1;
    }
}

/// Whether the `<` at `at` begins an end tag of that name.
fn is_end_tag(text: &[u8], at: usize, name: &[u8]) -> bool {
    text.get(at + 1) == Some(&b'/') && is_name(text, at + 2, name)
}

/// Whether a tag's name stands at `at`, and its end behind it.
fn is_name(text: &[u8], at: usize, name: &[u8]) -> bool {
    text.get(at..at + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
        && text.get(at + name.len()).is_some_and(|&byte| ends_name(byte))
}

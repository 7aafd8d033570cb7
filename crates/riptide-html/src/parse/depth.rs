//! Keeps the tree builder's stack of open elements short.
//!
//! The builder walks that stack for most tags, so that its cost grows with the square of the nesting. An element that
//! lands too deep is closed at once by an end tag of its own; what it would have held becomes its next siblings. While
//! nothing has been closed since, further start tags would land there too, and are not handed on at all.

use std::cell::{Cell, RefCell};

use html5ever::tokenizer::{EndTag, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{LocalName, local_name};
use rustc_hash::FxHashMap;

use super::ParseLimits;
use super::sink::ArenaSink;
use crate::dom::{Dom, NodeId};

/// Stands between tokenizer and tree builder.
pub(super) struct DepthGuard {
    builder: TreeBuilder<NodeId, ArenaSink>,
    limits: ParseLimits,
    /// How many elements of each name were closed early or never opened: their own end tags mean nothing any more.
    cut: RefCell<FxHashMap<LocalName, u32>>,
    /// Whether the next element would be too deep for certain.
    full: Cell<bool>,
    /// Whether the last start tag made the tokenizer read what follows as raw text.
    raw: Cell<bool>,
    depth_capped: Cell<bool>,
    nodes_capped: Cell<bool>,
}

impl DepthGuard {
    pub(super) fn new(builder: TreeBuilder<NodeId, ArenaSink>, limits: ParseLimits) -> Self {
        Self {
            builder,
            limits,
            cut: RefCell::default(),
            full: Cell::new(false),
            raw: Cell::new(false),
            depth_capped: Cell::new(false),
            nodes_capped: Cell::new(false),
        }
    }

    /// Whether the last start tag made the tokenizer read what follows as raw text.
    pub(super) fn last_tag_began_raw_text(&self) -> bool {
        self.raw.get()
    }

    pub(super) fn into_dom(self) -> Dom {
        use html5ever::tree_builder::TreeSink as _;
        let mut dom = self.builder.sink.finish();
        dom.capped.depth = self.depth_capped.get();
        dom.capped.nodes = self.nodes_capped.get();
        dom
    }

    fn start_tag(&self, tag: Tag, line: u64) -> TokenSinkResult<NodeId> {
        let holds_nothing = is_void_or_raw(&tag.name)
            || tag.self_closing && self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        if holds_nothing {
            return self.builder.process_token(TagToken(tag), line);
        }
        if self.full.get() {
            *self.cut.borrow_mut().entry(tag.name).or_default() += 1;
            return TokenSinkResult::Continue;
        }
        let name = tag.name.clone();
        self.builder.sink.take_deepest();
        let result = self.builder.process_token(TagToken(tag), line);
        if self.builder.sink.take_deepest() <= self.limits.depth {
            self.cut.borrow_mut().clear();
        } else if matches!(result, TokenSinkResult::Continue) {
            self.depth_capped.set(true);
            self.full.set(true);
            *self.cut.borrow_mut().entry(name.clone()).or_default() += 1;
            let end = Tag {
                kind: EndTag,
                name,
                self_closing: false,
                attrs: Vec::new(),
                had_duplicate_attributes: false,
            };
            return self.builder.process_token(TagToken(end), line);
        }
        result
    }

    /// Whether the end tag belongs to an element that was closed early.
    fn belongs_to_cut(&self, name: &LocalName) -> bool {
        let mut cut = self.cut.borrow_mut();
        let Some(count) = cut.get_mut(name) else { return false };
        *count -= 1;
        if *count == 0 {
            cut.remove(name);
        }
        true
    }
}

impl TokenSink for DepthGuard {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        if self.nodes_capped.get() && !matches!(token, Token::EOFToken) {
            return TokenSinkResult::Continue;
        }
        if self.builder.sink.nodes() > self.limits.nodes {
            self.nodes_capped.set(true);
        }
        match token {
            TagToken(tag) if tag.kind == StartTag => {
                let result = self.start_tag(tag, line);
                self.raw.set(matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext));
                result
            }
            TagToken(tag) if self.belongs_to_cut(&tag.name) => TokenSinkResult::Continue,
            TagToken(tag) => {
                self.full.set(false);
                self.builder.process_token(TagToken(tag), line)
            }
            other => self.builder.process_token(other, line),
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Elements that hold no element: they need no place on the stack, or leave it with the next end tag.
fn is_void_or_raw(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("area")
            | local_name!("base")
            | local_name!("basefont")
            | local_name!("bgsound")
            | local_name!("br")
            | local_name!("col")
            | local_name!("embed")
            | local_name!("frame")
            | local_name!("hr")
            | local_name!("iframe")
            | local_name!("image")
            | local_name!("img")
            | local_name!("input")
            | local_name!("keygen")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("param")
            | local_name!("plaintext")
            | local_name!("script")
            | local_name!("source")
            | local_name!("style")
            | local_name!("textarea")
            | local_name!("title")
            | local_name!("track")
            | local_name!("wbr")
            | local_name!("xmp")
    )
}

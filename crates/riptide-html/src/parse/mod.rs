//! Text to tree, by the parsing rules of the HTML Standard (WHATWG, §13.2), in linear time.
//!
//! Common tokens are cut out of the text as they are, html5ever reads the others ([`tokens`]) and builds the tree. Its cost is
//! quadratic in the attributes of one tag (in the tokenizer) and in the nesting of elements (in the tree builder), so the one
//! is capped where tokens are cut and the other in front of the tree builder ([`depth`]).

mod depth;
mod sink;
#[cfg(test)]
mod tests;
mod tokens;

use html5ever::tokenizer::{Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};

use crate::dom::Dom;
use depth::DepthGuard;
use sink::ArenaSink;
use tokens::TokenCutter;

/// Bytes of markup a node, at a guess that makes the arena grow at most once for most pages.
const BYTES_PER_NODE: usize = 48;

/// How much structure of a page is kept. What goes beyond is made flat or left out, and [`Dom::capped`] says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseLimits {
    /// Elements inside each other. Deeper ones become siblings of those at the limit, as browsers do it (Chromium at
    /// 512); text stays in place.
    pub depth: u32,
    /// Attributes of one tag.
    pub attributes: usize,
    /// Nodes of the whole tree; about 100 bytes each.
    pub nodes: usize,
}

impl Default for ParseLimits {
    fn default() -> Self {
        Self { depth: 256, attributes: 256, nodes: 3_000_000 }
    }
}

/// Parses a document with the default limits. Content of `noscript` is parsed as markup, as without scripting.
#[must_use]
pub fn parse(html: &str) -> Dom {
    parse_with(html, ParseLimits::default())
}

/// Parses a document. A byte order mark at the very beginning is no part of it.
#[must_use]
pub fn parse_with(html: &str, limits: ParseLimits) -> Dom {
    let html = html.strip_prefix('\u{FEFF}').unwrap_or(html);
    let sink = ArenaSink::new(html.len() / BYTES_PER_NODE + 16, limits.attributes);
    let builder =
        TreeBuilder::new(sink, TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() });
    let guard = DepthGuard::new(builder, limits);
    // The tokenizer would take a byte order mark off each piece that it is fed.
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let mut cutter = TokenCutter::new(html, Tokenizer::new(guard, options), limits.attributes);
    cutter.cut_all();
    cutter.into_dom()
}

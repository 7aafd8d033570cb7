//! From bytes to a tree, and from a tree to Markdown, text and clean HTML.
//!
//! The order of the modules is the order of the data path: [`encoding`] turns bytes into text, [`parse()`] turns text
//! into a [`Dom`], [`select`] finds elements in it, and the writers turn a [`Selection`] of it into output.
//! Nothing here does I/O, reads a clock or holds a global.

mod base;
mod code;
mod decoration;
mod dom;
pub mod encoding;
mod flow;
mod fold;
mod links;
mod markdown;
mod math;
mod mathml;
mod media;
mod notes;
mod parse;
mod parts;
pub mod select;
mod selection;
mod serialize;
mod table;
mod tags;
mod text;

pub use base::BaseUrl;
pub use decoration::is_icon;
pub use dom::{Capped, Dom, Element, NodeData, NodeId, Visit, Walk};
pub use links::links;
pub use markdown::to_markdown;
pub use media::media;
pub use parse::{ParseLimits, parse, parse_with};
pub use selection::{NodeSet, Selection, SelectionWalk};
pub use serialize::to_html;
pub use table::tables;
pub use tags::{is_inline, is_unread};
pub use text::to_text;

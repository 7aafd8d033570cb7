//! Plain data that crosses RipTide's crates. No I/O, no logic beyond what the data itself means.

mod content_kind;
mod document;
mod failure;
mod limits;
mod page;
mod panic_record;
mod tenant;

pub use content_kind::{BinaryFormat, ContentKind};
pub use document::{
    Comment, Document, Entry, Link, MediaItem, MediaKind, PageType, Product, Property, Refresh, Table, Thread,
};
pub use failure::{ExtractionError, Failure, Phase};
pub use limits::Limits;
pub use page::{ExtractionMode, Focus, Page, Selectors};
pub use panic_record::{PANIC_MARKER, PANIC_TEXT_SIZE};
pub use tenant::{InvalidTenant, Tenant};

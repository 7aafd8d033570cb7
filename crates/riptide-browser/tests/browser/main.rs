//! Real Chromium against a site of our own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "outside of test functions Clippy does not know that this is a test"
)]

mod doors;
mod lifecycle;
mod render;
mod setting;
mod site;
